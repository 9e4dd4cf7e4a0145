import type { ReactNode } from "react";
import { Button } from "../ui/button.tsx";
import { Callout } from "../ui/callout.tsx";
import classes from "./notices.module.css";

/** Whose page it is now. */
export const UserChangedCallout = ({
  name,
  onClose,
}: {
  readonly name: string;
  readonly onClose: () => void;
}): ReactNode => (
  <div className={classes.notices}>
    <Callout
      tone="info"
      role="status"
      actions={
        <Button size="xs" variant="default" onClick={onClose}>
          OK
        </Button>
      }
    >
      You are signed in as {name} now. The page was reloaded, because it had belonged to another
      user.
    </Callout>
  </div>
);
