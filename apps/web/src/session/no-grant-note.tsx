import { useCan, useSession } from "@sallyport/shared/react";
import type { ReactNode } from "react";
import { Callout } from "../ui/callout.tsx";
import classes from "./notices.module.css";
import { WhoToTell } from "./who-to-tell.tsx";

/**
 * For somebody who sees nothing but what everybody sees: without a word they would take that for
 * all there is. Not for somebody who makes sections or grants them, and has nobody to ask.
 */
export function NoGrantNote(): ReactNode {
  const session = useSession();
  const makesSections = useCan({ permission: "sections:write" });
  const grants = useCan({ permission: "grants:write" });
  if (!session || session.sections.length === 0) return null;
  if (makesSections || grants) return null;
  if (session.sections.some(({ visibility }) => visibility !== "public")) return null;
  return (
    <div className={classes.notices} role="region" aria-label="Your sections">
      <Callout tone="info" title="No section has been granted to you yet">
        <p>What you see here is open to everybody.</p>
        <WhoToTell user={session.user} />
      </Callout>
    </div>
  );
}
