import type { ReactNode } from "react";
import { formatDateTime } from "./times.ts";
import classes from "./moment.module.css";
import { dateFormat } from "./reader.ts";

/**
 * A point in time, as short as a table wants it; the whole of it, with its zone, is its title.
 * Breaks, where it must, between the day and the time.
 */
export const Moment = ({
  at,
  dayOnly = false,
}: {
  readonly at: string;
  readonly dayOnly?: boolean;
}): ReactNode => {
  const time = new Date(at);
  return (
    <time dateTime={at} title={formatDateTime(time)} className={classes.moment}>
      <span>
        {dateFormat(undefined, { dateStyle: "medium" }).format(time)}
        {!dayOnly && ","}
      </span>
      {!dayOnly && (
        <>
          {" "}
          <span>{dateFormat(undefined, { timeStyle: "short" }).format(time)}</span>
        </>
      )}
    </time>
  );
};
