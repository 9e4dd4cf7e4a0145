import type { ReactNode } from "react";
import { useAppSession } from "./app-session-context.ts";

/** In the place of what the server did not answer. To a browser, an API that does not list this site is one that is down. */
export function NoAnswer(): ReactNode {
  const { config } = useAppSession();
  return (
    <>
      <p>The server did not answer. Your connection may be down, or the server may be.</p>
      <p>
        If you run this dashboard: this browser has to reach <code>{config.apiUrl}</code>, and the
        API’s setting <code>SALLYPORT_WEB_ORIGINS</code> has to list{" "}
        <code>{window.location.origin}</code>. The API’s log names an origin that it does not
        accept.
      </p>
    </>
  );
}
