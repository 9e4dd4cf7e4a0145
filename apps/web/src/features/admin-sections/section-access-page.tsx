import { apiQuery, useCan, useClient } from "@sallyport/shared/react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link, useParams } from "react-router";
import { paths } from "../../paths.ts";
import { GrantsCard } from "../../session/grants-card.tsx";
import { RecordPage } from "../../session/record-page.tsx";
import { buttonLook } from "../../ui/button.tsx";
import { Callout } from "../../ui/callout.tsx";
import { Cards } from "../../ui/card.tsx";
import { PageHead } from "../../ui/page-head.tsx";

const back = { to: paths.adminSections(), title: "Sections" };

/** Who may see one section: everybody, or those with a grant of it or of every one. */
export function SectionAccessPage(): ReactNode {
  const client = useClient();
  const slug = useParams()["slug"] ?? "";
  const mayWrite = useCan({ permission: "sections:write" });
  const mayReadGrants = useCan({ permission: "grants:read" });
  const found = useQuery(apiQuery(client, "GET /sections/:slug/definition", { params: { slug } }));
  return (
    <RecordPage what="section" back={back} result={found}>
      {({ title, visibility }) => (
        <>
          <PageHead
            title={title}
            lead="Who may see it"
            back={back}
            actions={
              mayWrite && (
                <Link to={paths.adminSectionEdit(slug)} {...buttonLook({ variant: "default" })}>
                  Edit the section
                </Link>
              )
            }
          />
          <Cards>
            {visibility === "public" && (
              <Callout tone="info">
                It is open to everybody, visitors who are not signed in included. The grants below
                count once it is not.
              </Callout>
            )}
            {mayReadGrants ? (
              <GrantsCard
                title="Grants"
                of={{ kind: "section", slug, title }}
                none="Nobody has a grant of it."
              />
            ) : (
              <Callout tone="info">
                Who has a grant of it is shown to those who may look at grants.
              </Callout>
            )}
          </Cards>
        </>
      )}
    </RecordPage>
  );
}
