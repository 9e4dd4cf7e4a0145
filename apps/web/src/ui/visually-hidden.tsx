import type { ReactNode } from "react";
import classes from "./visually-hidden.module.css";

/** Text for those who listen to the page. */
export const VisuallyHidden = ({ children }: { readonly children: ReactNode }): ReactNode => (
  <span className={classes.hidden}>{children}</span>
);
