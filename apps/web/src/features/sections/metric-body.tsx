import type { CSSProperties, ReactNode } from "react";
import { metricOf } from "./metric.ts";
import classes from "./metric-body.module.css";
import type { PanelWithData } from "./queries.ts";

type Data = NonNullable<Extract<PanelWithData, { kind: "metric" }>["data"]>;

const longestWordOf = (text: string): number => Math.max(...text.split(/\s/).map((word) => word.length));

/** The label is left out where it would only repeat the title. */
export function MetricBody({ title, data }: { readonly title: string; readonly data: Data }): ReactNode {
  const metric = metricOf(data);
  if (!metric) return null;
  return (
    <div className={classes.metric}>
      <p
        className={classes.figure}
        title={metric.main.exact}
        style={{ "--characters": metric.main.text.length, "--longest-word": longestWordOf(metric.main.text) } as CSSProperties}
      >
        {metric.main.text}
      </p>
      {metric.main.label.toLowerCase() !== title.toLowerCase() && <p className={classes.label}>{metric.main.label}</p>}
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
    </div>
  );
}
