import { useSession } from "@sallyport/shared/react";
import { useState, type ReactNode } from "react";
import { Callout } from "../ui/callout.tsx";
import { takeUserChange } from "./user-change.ts";
import classes from "./notices.module.css";
import { Button } from "../ui/button.tsx";

// Once for each load of the page, however often the note is mounted.
const changed = takeUserChange();

/** After a reload because somebody else has signed in: says whose page it is now. */
export function UserChangeNote(): ReactNode {
  const session = useSession();
  const [open, setOpen] = useState(changed);
  if (!open || !session) return null;
  return (
    <div className={classes.notices}>
      <Callout
        tone="info"
        role="status"
        actions={
          <Button size="xs" variant="default" onClick={() => setOpen(false)}>
            OK
          </Button>
        }
      >
        You are signed in as {session.user.displayName} now. The page was reloaded, because it had
        belonged to another user.
      </Callout>
    </div>
  );
}
