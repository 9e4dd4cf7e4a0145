import { useClientState } from "@sallyport/shared/react";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, type ReactNode } from "react";
import classes from "./connection-banner.module.css";

/** Says that the server cannot be reached. The page stays, and the client keeps trying. */
export function ConnectionBanner(): ReactNode {
  const lost = useClientState().connection === "lost";
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
      {lost && (
        <p className={classes.banner}>
          <span className={classes.dot} aria-hidden="true" />
          Connection lost. Your page is kept; trying again…
        </p>
      )}
    </div>
  );
}
