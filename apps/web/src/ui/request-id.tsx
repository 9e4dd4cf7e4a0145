import type { ReactNode } from "react";
import classes from "./request-id.module.css";

/** What to quote when asking for help. */
export const RequestId = ({ id }: { readonly id: string }): ReactNode => (
  <span>
    Request ID: <code className={classes.id}>{id}</code>
  </span>
);
