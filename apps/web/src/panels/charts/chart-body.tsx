import { useId, useMemo, useState, type CSSProperties, type ReactNode } from "react";
import { formatNumber, type Place } from "../../ui/formats.ts";
import { VisuallyHidden } from "../../ui/visually-hidden.tsx";
import classes from "./chart-body.module.css";
import { ChartCanvas, Ring } from "./chart-canvas.tsx";
import { Legend, Textures } from "./chart-legend.tsx";
import {
  describeChart,
  formatShare,
  keyOf,
  partsOf,
  shapeChart,
  type ChartDefinition,
  type ChartRows,
  type Series,
  type ShapedChart,
} from "./chart-shape.ts";
import { formatCount } from "../../ui/reader.ts";

const writeFor =
  (place: Place) =>
  (series: Series, value: number): string =>
    formatNumber(value, series.column, series.precision, place);

/** A bar has a place of its own on the page: where they lie, the chart is as high as they need. */
const heightOf = (chart: ChartDefinition, shaped: ShapedChart): number => {
  if (chart.type !== "bar" || chart.horizontal !== true) return 272;
  const bars = chart.stacked === true ? 1 : shaped.series.length;
  return Math.min(1600, Math.max(140, 40 + shaped.points.length * Math.max(26, 15 * bars + 8)));
};

/**
 * The legend, the words and the drawing of a chart. The drawing comes last, into a place that is
 * kept for it.
 */
export function ChartBody({
  title,
  chart,
  data,
  hidden,
  onHide,
}: {
  readonly title: string;
  readonly chart: ChartDefinition;
  readonly data: ChartRows;
  /** The keys of the series, or of the parts of a share, that are not drawn. */
  readonly hidden: readonly string[];
  readonly onHide: (hidden: readonly string[]) => void;
}): ReactNode {
  const place: Place = useMemo(
    () => (data.timeZone === undefined ? {} : { bucketTimeZone: data.timeZone }),
    [data.timeZone],
  );
  const shaped = useMemo(() => shapeChart(chart, data, place), [chart, data, place]);
  const [emphasised, setEmphasised] = useState<number | null>(null);
  const keys = useMemo(
    () =>
      shaped === null
        ? []
        : chart.type === "share"
          ? shaped.points.map(({ x }) => keyOf(x))
          : shaped.series.map(({ key }) => key),
    [chart, shaped],
  );
  // Names of series that are not there are kept: they may come back. Never are all of them hidden.
  const known = useMemo(() => {
    const found = new Set(keys.flatMap((key, index) => (hidden.includes(key) ? [index] : [])));
    return found.size < keys.length ? found : new Set<number>();
  }, [hidden, keys]);
  const textures = `texture${useId().replaceAll(/[^\w-]/g, "")}`;
  if (!shaped)
    return (
      <p className={classes.note}>
        This chart names a column that its data do not have. Tell the person who looks after this
        section.
      </p>
    );
  if (shaped.points.length === 0)
    return <p className={classes.note}>There is nothing to draw: none of the rows has a time.</p>;
  if (shaped.points.every(({ values }) => values.every((value) => value === null)))
    return <p className={classes.note}>There is nothing to draw: none of the rows has a value.</p>;

  const toggle = (index: number): void => {
    const key = keys[index] ?? "";
    const others = hidden.filter((one) => one !== key && (known.size > 0 || !keys.includes(one)));
    onHide(known.has(index) ? others : [...others, key]);
    setEmphasised(null);
  };
  const summary = (
    <figcaption>
      <VisuallyHidden>{describeChart(chart, shaped, place, writeFor(place))}</VisuallyHidden>
    </figcaption>
  );
  const legend = { textures, onToggle: toggle, onEmphasise: setEmphasised };
  const isTimed = shaped.x.type === "timestamp";
  const notes = [
    ...(data.points === undefined
      ? []
      : [
          `Drawn from ${formatCount(data.points)} rows, reduced to the points that make the shape.`,
        ]),
    ...(shaped.seriesLeftOut === 0
      ? []
      : [
          `The ${shaped.series.length} largest of ${shaped.series.length + shaped.seriesLeftOut} series. The table has them all.`,
        ]),
    ...(isTimed ? [`Times in ${data.timeZone ?? "UTC"}.`] : []),
  ];

  if (chart.type === "share")
    return (
      <Share
        shaped={shaped}
        place={place}
        {...legend}
        hidden={known}
        emphasised={emphasised}
        summary={summary}
        notes={notes}
      />
    );
  const height = heightOf(chart, shaped);
  const drawing = { title, chart, shaped, hidden: known, emphasised, textures, place };
  const isLine =
    chart.type === "line" ||
    (chart.type === "area" && (chart.stacked !== true || shaped.series.length === 1));
  return (
    <figure className={classes.figure} data-chart={chart.type}>
      {summary}
      <Textures id={textures} count={shaped.series.length} />
      {shaped.series.length > 1 && (
        <Legend
          entries={shaped.series}
          shape={isLine ? "line" : "surface"}
          {...legend}
          hidden={known}
        />
      )}
      <div className={classes.canvas} style={{ "--height": `${height}px` } as CSSProperties}>
        <ChartCanvas {...drawing} />
      </div>
      <Notes notes={notes} />
    </figure>
  );
}

function Share({
  shaped,
  place,
  hidden,
  emphasised,
  textures,
  summary,
  notes,
  ...legend
}: {
  readonly shaped: ShapedChart;
  readonly place: Place;
  readonly hidden: ReadonlySet<number>;
  readonly emphasised: number | null;
  readonly textures: string;
  readonly summary: ReactNode;
  readonly notes: readonly string[];
  readonly onToggle: (index: number) => void;
  readonly onEmphasise: (index: number | null) => void;
}): ReactNode {
  const { parts, total, impossible } = partsOf(shaped, hidden, place);
  const [unit] = shaped.series;
  const write = (value: number): string => (unit ? writeFor(place)(unit, value) : String(value));
  const shares = parts.map(({ share }) => share);
  const middle = emphasised === null ? null : parts[emphasised];
  const entries = parts.map(({ label, value, share }, index) => ({
    label,
    facts: (
      <span className={classes.facts}>
        <span className={classes.percent}>
          {hidden.has(index) ? "–" : formatShare(share, shares, place)}
        </span>{" "}
        <span className={classes.value}>{write(value)}</span>
      </span>
    ),
  }));
  return (
    <figure className={classes.figure} data-chart="share">
      {summary}
      <Textures id={textures} count={parts.length} />
      <div className={classes.share}>
        <div className={classes.ring}>
          <Ring parts={parts} size={ringSize} emphasised={emphasised} textures={textures} />
          <p className={classes.middle} aria-hidden="true">
            <strong>{middle ? formatShare(middle.share, shares, place) : write(total)}</strong>
            <span>{middle ? middle.label : "in all"}</span>
          </p>
        </div>
        <Legend
          entries={entries}
          shape="surface"
          listed
          textures={textures}
          hidden={hidden}
          {...legend}
        />
      </div>
      <Notes
        notes={
          impossible === 0
            ? notes
            : [
                ...notes,
                `${impossible} ${impossible === 1 ? "value is" : "values are"} below nothing and no part of the whole.`,
              ]
        }
      />
    </figure>
  );
}

const ringSize = 184;

const Notes = ({ notes }: { readonly notes: readonly string[] }): ReactNode =>
  notes.length === 0 ? null : <p className={classes.note}>{notes.join(" ")}</p>;
