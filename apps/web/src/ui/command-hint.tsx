import type { ReactNode } from "react";
import classes from "./command-hint.module.css";

/** How something is done for which there is no page: by the tool, beside the API. */
export const CommandHint = ({
  children,
  command,
}: {
  /** What the command does. */
  readonly children: string;
  readonly command: string;
}): ReactNode => (
  <div className={classes.hint}>
    <p>
      {children} On the machine that runs the API, with the <code>SALLYPORT_DATA_DIR</code> of the
      API:
    </p>
    <code className={classes.command}>npm run sallyport -- {command}</code>
  </div>
);
