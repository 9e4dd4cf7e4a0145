import type { ReactNode } from "react";
import { metricOf } from "./metric.ts";
import classes from "./metric-body.module.css";
import type { PanelWithData } from "./queries.ts";

type Data = NonNullable<Extract<PanelWithData, { kind: "metric" }>["data"]>;

export function MetricBody({ data }: { readonly data: Data }): ReactNode {
  const metric = metricOf(data);
  if (!metric) return null;
  return (
    <>
      <p className={classes.figure}>{metric.main.text}</p>
      <p className={classes.label}>{metric.main.label}</p>
      {metric.others.length > 0 && (
        <dl className={classes.others}>
          {metric.others.map(({ label, text }) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      )}
    </>
  );
}
