import type { Session } from "@sallyport/shared/client";
import { useClient } from "@sallyport/shared/react";
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { Answer } from "../../session/answer.tsx";
import { taggedQuery } from "../../session/tagged-query.ts";
import { Button } from "../../ui/button.tsx";
import { Card, Facts } from "../../ui/card.tsx";
import { dateFormat, numberFormat } from "../../ui/reader.ts";
import { ProfileDialog } from "./profile-dialog.tsx";
import { fields, labels, valueInWords } from "./profile.ts";

/** Who you are here, and how you want things shown to you. */
export function ProfileCard({ session }: { readonly session: Session }): ReactNode {
  const client = useClient();
  const [edits, setEdits] = useState(false);
  const found = useQuery(taggedQuery(client, "GET /account"));
  const { user, roles, sections } = session;
  return (
    <Card
      title="Who you are"
      actions={
        found.data && (
          <Button variant="default" onClick={() => setEdits(true)}>
            Edit…
          </Button>
        )
      }
    >
      <Answer what="your profile" result={found}>
        {(profile) => (
          <Facts
            facts={[
              [labels.displayName, <bdi key="name">{profile.displayName}</bdi>],
              ["User name", <bdi key="username">{user.username}</bdi>],
              ["E-mail", profile.email ?? "None"],
              [
                roles.length === 1 ? "Role" : "Roles",
                roles.length === 0
                  ? "None"
                  : roles.map((role, index) => (
                      <span key={role}>
                        {index > 0 && ", "}
                        <bdi>{role}</bdi>
                      </span>
                    )),
              ],
              ...fields
                .filter((name) => name !== "displayName")
                .map(
                  (name) =>
                    [
                      labels[name],
                      <>
                        <bdi>{valueInWords(name, profile[name] ?? "", sections)}</bdi>
                        {name === "language" && `: ${sample()}`}
                      </>,
                    ] as const,
                ),
            ]}
          />
        )}
      </Answer>
      {edits && found.data && (
        <ProfileDialog profile={found.data} sections={sections} onClose={() => setEdits(false)} />
      )}
    </Card>
  );
}

/** How a date and a number look. */
const sample = (): string =>
  `${dateFormat(undefined, { dateStyle: "medium" }).format(new Date())}, ${numberFormat(undefined, { minimumFractionDigits: 1 }).format(12_345.5)}`;
