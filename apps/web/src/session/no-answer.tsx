import { NetworkError } from "@sallyport/shared/client";
import { useClientState } from "@sallyport/shared/react";
import type { ReactNode } from "react";
import { NeverReached } from "./start-problem.tsx";

/**
 * In the place of what the server did not answer. A server that has answered before is not looked
 * for at another address.
 */
export function NoAnswer({ error }: { readonly error: unknown }): ReactNode {
  const { connection } = useClientState();
  const status = error instanceof NetworkError ? error.status : undefined;
  if (connection === "unreached") return <NeverReached fault={{ status }} />;
  return (
    <p>
      {status === undefined
        ? "The server did not answer. Your connection may be down, or the server may be."
        : `Something between this page and the server has answered in its place, with status ${status}.`}{" "}
      This page goes on by itself as soon as the server answers.
    </p>
  );
}
