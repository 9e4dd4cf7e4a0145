import { useClientState } from "@sallyport/shared/react";
import type { ReactNode } from "react";
import classes from "./connection-banner.module.css";

/** Says that the server cannot be reached. The page stays, and the client keeps trying. */
export function ConnectionBanner(): ReactNode {
  const lost = useClientState().connection === "lost";
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
