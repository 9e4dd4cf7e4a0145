import type { Session } from "@sallyport/shared/client";
import { apiQuery, useCan, useClient, useSession } from "@sallyport/shared/react";
import { IconDoor } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link, Navigate, useRevalidator } from "react-router";
import { paths } from "../../paths.ts";
import { useAdminPages } from "../../session/admin-pages.ts";
import { WhoToTell } from "../../session/who-to-tell.tsx";
import { AgainButton } from "../../ui/again-button.tsx";
import { MessagePage } from "../../ui/message-page.tsx";

/** For somebody who may open no section: who they are, and what to do. */
export function EmptyLandingPage(): ReactNode {
  const session = useSession();
  const makesSections = useCan({ permission: "sections:write" });
  const revalidator = useRevalidator();
  const client = useClient();
  const all = useQuery({
    ...apiQuery(client, "GET /sections", { query: { scope: "all", limit: 1 } }),
    enabled: makesSections,
  });
  const existing = all.data?.items[0];
  // Granted or made meanwhile.
  const first = session?.sections[0];
  if (first) return <Navigate to={paths.section(first.slug)} replace />;
  return (
    <MessagePage
      icon={<IconDoor size={28} stroke={1.6} />}
      title={
        existing
          ? "No section is granted to you"
          : makesSections && all.data
            ? "There are no sections yet"
            : "Nothing to see here yet"
      }
      actions={
        <AgainButton
          pending={revalidator.state === "loading"}
          onClick={() => void revalidator.revalidate()}
        >
          Look again
        </AgainButton>
      }
    >
      {session &&
        (makesSections ? (
          <ForAdmin session={session} hasSome={existing !== undefined} />
        ) : (
          <ForUser session={session} />
        ))}
    </MessagePage>
  );
}

function ForUser({ session: { user } }: { readonly session: Session }): ReactNode {
  return (
    <>
      <p>No section has been granted to you yet.</p>
      <WhoToTell user={user} />
    </>
  );
}

interface Step {
  readonly title: string;
  readonly text: string;
  readonly page: string;
}

/** What a new installation needs, in this order; each is done on a page of the administration. */
const steps: readonly Step[] = [
  {
    title: "Bring in data",
    text: "A dataset is a table that panels read.",
    page: paths.adminDatasets(),
  },
  {
    title: "Make a section",
    text: "A section is a page of panels, for everybody or for whoever has a grant.",
    page: paths.adminSections(),
  },
  {
    title: "Add people",
    text: "Each chooses a password on a link that you hand on. Their page says what they may see.",
    page: paths.adminUsers(),
  },
  {
    title: "Grant sections",
    text: "One table says which people and roles may see which section.",
    page: paths.adminGrants(),
  },
];

function ForAdmin({
  session: { user },
  hasSome,
}: {
  readonly session: Session;
  /** There are sections, though not for them. */
  readonly hasSome: boolean;
}): ReactNode {
  const pages = useAdminPages();
  const open = steps.filter(({ page }) => pages.some(({ path }) => path === page));
  return (
    <>
      <p>
        You are signed in as <strong>{user.displayName}</strong> ({user.username}), and you may make
        sections.
      </p>
      {hasSome && (
        <p>
          There are some, but none is granted to you.
          {pages.some(({ path }) => path === paths.adminGrants()) && (
            <>
              {" "}
              <Link to={paths.adminGrants({ q: user.username })}>
                See who may see which section
              </Link>
              .
            </>
          )}
        </p>
      )}
      <p>A section appears here as soon as you may see it.</p>
      {open.length > 0 && (
        <>
          <p>What there is to do:</p>
          <ol>
            {open.map(({ title, text, page }) => (
              <li key={page}>
                <Link to={page}>{title}</Link>: {text}
              </li>
            ))}
          </ol>
        </>
      )}
    </>
  );
}
