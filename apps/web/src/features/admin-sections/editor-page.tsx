import { isApiError } from "@sallyport/shared/client";
import { useCan, useClient } from "@sallyport/shared/react";
import { isWorthRetrying, retryDelayOf } from "@sallyport/shared/react";
import { useQuery } from "@tanstack/react-query";
import { IconLock } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link, useParams } from "react-router";
import { paths } from "../../paths.ts";
import { RecordPage } from "../../session/record-page.tsx";
import { buttonLook } from "../../ui/button.tsx";
import { MessagePage } from "../../ui/message-page.tsx";
import type { OpenedSection } from "./opened-section.ts";
import { useDatasets } from "./use-datasets.ts";
import { SectionEditor } from "./section-editor.tsx";

const definitionKey = "GET /sections/:slug/definition";
const back = { to: paths.adminSections(), title: "Sections" };

/**
 * A section of whoever may change it. It is read again when the server tells that it has changed,
 * and what is being edited stays as it is.
 */
export function EditorPage(): ReactNode {
  const client = useClient();
  const slug = useParams()["slug"] ?? "";
  const mayWrite = useCan({ permission: "sections:write" });
  const opened = useQuery({
    queryKey: [definitionKey, client.userId(), { params: { slug } }, "editor"],
    queryFn: async ({ signal }): Promise<OpenedSection> => {
      const answer = await client.request(definitionKey, { params: { slug } }, { signal });
      return { definition: answer.body, etag: answer.headers.get("ETag") ?? "" };
    },
    enabled: mayWrite,
    retry: isWorthRetrying,
    retryDelay: retryDelayOf,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const datasets = useDatasets();
  if (!mayWrite)
    return (
      <MessagePage
        icon={<IconLock size={28} stroke={1.6} />}
        title="You may not change sections"
        actions={
          <Link to={back.to} {...buttonLook()}>
            {back.title}
          </Link>
        }
      >
        <p>None of your roles permits it. You can look at this section, if you have a grant.</p>
      </MessagePage>
    );
  const render = (found: OpenedSection): ReactNode => (
    <SectionEditor
      key={slug}
      opened={found}
      isGone={isApiError(opened.error, "not_found")}
      datasets={datasets}
    />
  );
  // What is being edited stays, whatever becomes of the section.
  if (opened.data) return render(opened.data);
  return (
    <RecordPage what="section" back={back} result={opened}>
      {render}
    </RecordPage>
  );
}
