import type { ReactNode } from "react";
import { formatDateTime } from "./formats.ts";
import classes from "./moment.module.css";

const short = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** A point in time, as short as a table wants it; the whole of it, with its zone, is its title. */
export const Moment = ({ at }: { readonly at: string }): ReactNode => {
  const time = new Date(at);
  return (
    <time dateTime={at} title={formatDateTime(time)} className={classes.moment}>
      {short.format(time)}
    </time>
  );
};
