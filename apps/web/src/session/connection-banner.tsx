import { useClientState } from "@sallyport/shared/react";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useSyncExternalStore, type ReactNode } from "react";
import { lateCode } from "../ui/late-code.ts";
import classes from "./connection-banner.module.css";
import { betweenMilliseconds, faultInWords } from "./connection-words.ts";
import { useLasting } from "./use-lasting.ts";

/** Says what is the matter with the connection. The page stays, and the client keeps trying. */
export function ConnectionBanner(): ReactNode {
  const { status, connection, fault } = useClientState();
  const lost = connection !== "online";
  const codeIsLate = useSyncExternalStore(lateCode.subscribe, lateCode.isAwaited);
  const lasts = useLasting(lost, betweenMilliseconds);
  const queryClient = useQueryClient();
  const wasLost = useRef(false);
  useEffect(() => {
    // What has given up meanwhile is asked for again.
    if (wasLost.current && !lost)
      void queryClient.refetchQueries({
        type: "active",
        predicate: ({ state }) => state.status === "error",
      });
    wasLost.current = lost;
  }, [lost, queryClient]);
  return (
    <div role="status" className={classes.place}>
      {/* While starting there is no page to keep: `StartProblem` stands in its place. */}
      {lost && status !== "starting" && (
        <p className={classes.banner}>
          <span className={classes.dot} aria-hidden="true" />
          {faultInWords(fault, lasts)} Your page is kept; trying again…
        </p>
      )}
      {codeIsLate && !lost && (
        <p className={classes.banner}>
          <span className={classes.dot} aria-hidden="true" />
          A part of this page has not arrived yet. Trying again…
        </p>
      )}
    </div>
  );
}
