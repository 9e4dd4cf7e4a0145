import { Button } from "@mantine/core";
import { ApiError, NetworkError } from "@sallyport/shared/client";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useRouteError } from "react-router";
import { paths } from "../paths.ts";
import { NoAnswer } from "../session/no-answer.tsx";
import { MessagePage } from "../ui/message-page.tsx";
import { RequestId } from "../ui/request-id.tsx";

const inWords = (error: unknown): string => {
  if (error instanceof ApiError) return error.message;
  // A new version has been put in the place of the one this page came from.
  if (
    error instanceof TypeError &&
    /dynamically imported module|Importing a module/.test(error.message)
  )
    return "A part of this page could not be fetched. It may have been updated meanwhile: reload it.";
  return "This page has met a fault of its own. Reloading it may help.";
};

/** What a page failed with, in the place of the page; header and navigation stay. */
export function ErrorPage(): ReactNode {
  const error = useRouteError();
  return (
    <MessagePage
      icon={<IconAlertTriangle size={28} stroke={1.6} />}
      title="Something went wrong"
      actions={
        <>
          <Button onClick={() => window.location.reload()}>Reload the page</Button>
          <Button variant="default" component="a" href={`.${paths.home()}`}>
            Go to the start
          </Button>
        </>
      }
      footnote={error instanceof ApiError && <RequestId id={error.problem.requestId} />}
    >
      {error instanceof NetworkError ? <NoAnswer /> : <p>{inWords(error)}</p>}
    </MessagePage>
  );
}
