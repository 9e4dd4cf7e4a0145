import { ApiError, type ConnectionFault } from "@sallyport/shared/client";
import { IconPlugConnectedX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { MessagePage } from "../ui/message-page.tsx";
import { RequestId } from "../ui/request-id.tsx";
import { useAppSession } from "./app-session-context.ts";
import { faultInWords, whatToCheck } from "./connection-words.ts";
import { Button } from "../ui/button.tsx";

/**
 * In the place of a page that waits to hear who is signed in, and does not. It goes on by itself.
 */
export function StartProblem({ fault }: { readonly fault: ConnectionFault }): ReactNode {
  const failed = fault instanceof ApiError;
  return (
    <MessagePage
      icon={<IconPlugConnectedX size={28} stroke={1.6} />}
      title={failed ? "The server cannot answer just now" : "The server has not been reached"}
      actions={<Button onClick={() => window.location.reload()}>Reload the page</Button>}
      footnote={failed && <RequestId id={fault.problem.requestId} />}
    >
      {failed ? (
        <p>
          {fault.code === "busy" || fault.code === "rate_limited"
            ? faultInWords(fault, true)
            : "The server is there, but it has met a fault of its own."}{" "}
          This page goes on by itself as soon as it answers. If it stays like this, tell the person
          who runs this dashboard, with the request ID below.
        </p>
      ) : (
        <>
          <NeverReached fault={fault} />
          <p>This page goes on by itself as soon as the server answers.</p>
        </>
      )}
    </MessagePage>
  );
}

/**
 * To a browser, an API that does not list this site is one that is down, and a wrong address is one
 * that is down.
 */
export function NeverReached({
  fault,
}: {
  readonly fault: { readonly status?: unknown };
}): ReactNode {
  const { config } = useAppSession();
  return (
    <>
      <p>
        {typeof fault.status === "number" ? (
          <>
            Something else than this dashboard’s API answers at <code>{config.apiUrl}</code>, with
            status {fault.status}.
          </>
        ) : (
          <>
            No answer has come from <code>{config.apiUrl}</code>. Your connection may be down, or
            the server may be.
          </>
        )}
      </p>
      <p>If you run this dashboard, check that:</p>
      <ul>
        {whatToCheck(config.apiUrl, window.location.href).map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </>
  );
}
