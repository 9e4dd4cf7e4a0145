import { IconArrowDownRight, IconArrowUpRight, IconEqual, IconSparkles } from "@tabler/icons-react";
import type { CSSProperties, ReactNode } from "react";
import type { Place } from "../ui/formats.ts";
import { metricOf, type Change } from "./metric.ts";
import { labelOfAnswered } from "./answered-range.ts";
import classes from "./metric-body.module.css";
import type { PanelWithData } from "./panel.ts";
import { Sparkline } from "./charts/sparkline.tsx";

type MetricPanel = Extract<PanelWithData, { kind: "metric" }>;

const longestWordOf = (text: string): number =>
  Math.max(...text.split(/\s/).map((word) => word.length));

/** The label is left out where it would only repeat the title. */
export function MetricBody({
  title,
  good,
  data,
}: {
  readonly title: string;
  readonly good: MetricPanel["good"];
  readonly data: NonNullable<MetricPanel["data"]>;
}): ReactNode {
  const place: Place = data.timeZone === undefined ? {} : { bucketTimeZone: data.timeZone };
  const metric = metricOf(data, place, good);
  if (!metric) return null;
  const trendRange = labelOfAnswered({ ...data, range: data.trend?.range });
  return (
    <div className={classes.metric}>
      <p
        className={classes.figure}
        title={metric.main.exact}
        style={
          {
            "--characters": metric.main.text.length,
            "--longest-word": longestWordOf(metric.main.text),
          } as CSSProperties
        }
      >
        {metric.main.text}
      </p>
      {metric.change && <ChangeLine change={metric.change} />}
      {metric.main.label.toLowerCase() !== title.toLowerCase() && (
        <p className={classes.label}>{metric.main.label}</p>
      )}
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
      {data.trend && <Sparkline trend={data.trend} place={place} />}
      {data.trend && trendRange !== labelOfAnswered(data) && (
        <p className={classes.trendRange}>Line: {trendRange}</p>
      )}
    </div>
  );
}

const arrows = {
  up: IconArrowUpRight,
  down: IconArrowDownRight,
  none: IconEqual,
  new: IconSparkles,
} as const;

const ChangeLine = ({ change }: { readonly change: Change }): ReactNode => {
  const Arrow = arrows[change.direction];
  return (
    <p className={classes.change}>
      <span className={classes.amount} data-tone={change.tone}>
        <Arrow size={16} stroke={2} aria-hidden="true" />
        {change.text}
      </span>{" "}
      <span className={classes.than}>
        {change.direction === "new" ? `– ${change.than}` : change.than}
      </span>
    </p>
  );
};
