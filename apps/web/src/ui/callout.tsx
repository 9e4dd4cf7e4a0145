import type { ReactNode } from "react";
import classes from "./callout.module.css";

/** A message that stays. `role="alert"` for what has just gone wrong. */
export const Callout = ({
  tone,
  title,
  children,
  actions,
  role,
}: {
  readonly tone: "danger" | "warning" | "info";
  readonly title?: string;
  readonly children: ReactNode;
  readonly actions?: ReactNode;
  readonly role?: "alert" | "status";
}): ReactNode => (
  <div className={classes.callout} data-tone={tone} role={role}>
    <div className={classes.body}>
      {title !== undefined && <p className={classes.title}>{title}</p>}
      <div className={classes.text}>{children}</div>
    </div>
    {actions !== undefined && <div className={classes.actions}>{actions}</div>}
  </div>
);
