/** The drawing of a chart. The only file that knows the library, and fetched only where there is a chart. */
import { memo, useMemo, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from "react";
import {
  Area,
  Bar,
  CartesianGrid,
  ComposedChart,
  LabelList,
  Line,
  Pie,
  PieChart,
  Cell,
  ReferenceLine,
  XAxis,
  YAxis,
  type DotItemDotProps,
  type BaseTickContentProps,
} from "recharts";
import { useBoxSize } from "../../../ui/box-size.ts";
import { digitsOf, formatNumber, formatValue, noValue, type Place } from "../../../ui/formats.ts";
import { axisUnit, categoryTicks, characterWidth, fittingTimeTicks, niceTicks, shorten, tickText, type Tick } from "./chart-axis.ts";
import classes from "./chart-canvas.module.css";
import { Swatch } from "./chart-legend.tsx";
import { extentOf, type ChartDefinition, type Part, type ShapedChart } from "./chart-shape.ts";
import { colourOf, dashOf } from "./palette.ts";

interface CanvasProps {
  readonly title: string;
  readonly chart: ChartDefinition;
  readonly shaped: ShapedChart;
  readonly hidden: ReadonlySet<number>;
  readonly emphasised: number | null;
  /** Prefix of the fills that `Textures` has defined. */
  readonly textures: string;
  readonly place: Place;
}

const fontSize = 12;
const xAxisHeight = 26;
/** As many marks along an axis as can be read. */
const pixelsPerTimeTick = 84;
const pixelsPerNumberTick = 52;
const fewPoints = 40;
const narrowBar = 10;

let pen: CanvasRenderingContext2D | null | undefined;
/** How wide a text of an axis is, in the page's own typeface. */
const widthOf = (text: string): number => {
  if (pen === undefined) {
    pen = document.createElement("canvas").getContext("2d");
    if (pen) pen.font = `${fontSize}px ${getComputedStyle(document.body).fontFamily}`;
  }
  return Math.ceil(pen?.measureText(text).width ?? text.length * characterWidth);
};

const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));

export default function ChartCanvas(props: CanvasProps): ReactNode {
  const [box, size] = useBoxSize<HTMLDivElement>();
  return (
    <div ref={box} className={classes.canvas}>
      {size && size.width > 0 && size.height > 0 && <Cartesian {...props} {...size} />}
    </div>
  );
}

type LayoutInput = Pick<CanvasProps, "chart" | "shaped" | "hidden" | "place"> & { readonly width: number; readonly height: number };

/** Where everything stands. The library is given all that decides over it, so that what is drawn above its drawing meets it. */
const layOut = ({ chart, shaped, hidden, place, width, height }: LayoutInput) => {
  const { points, series, x } = shaped;
  const { type } = chart;
  const isHorizontal = type === "bar" && chart.horizontal === true;
  const stacked = chart.stacked === true && type !== "line" && series.length > 1;
  const isTimeScale = shaped.isTime && type !== "bar";
  const shown = series.map((_, index) => !hidden.has(index));

  const write = (index: number, value: number | null | undefined): string => {
    const column = series[index]?.column;
    if (value === null || value === undefined || !column) return noValue;
    return formatNumber(value, column, digitsOf(column, [value]), place);
  };
  /** Beside its bar a large number is read at a glance. */
  const writeShort = (value: number | null | undefined): string => {
    const column = series[0]?.column;
    if (value === null || value === undefined || !column || column.format !== undefined || Math.abs(value) < 10_000) return write(0, value);
    return formatNumber(value, column, 0, place);
  };

  const extent = extentOf(points, shown, stacked) ?? [0, 1];
  const fromZero = type !== "line";
  const least = fromZero ? Math.min(0, extent[0]) : extent[0];
  const most = fromZero ? Math.max(0, extent[1]) : extent[1];
  // A line that runs far above zero is not pressed against its ceiling; one that comes near it starts there.
  const lowest = !fromZero && least > 0 && least < most * 0.6 ? 0 : least;
  const units = new Set(series.map(({ column }) => column.unit));
  const styles = new Set(series.map(({ column }) => column.format?.style));
  const axisColumn = units.size === 1 && styles.size === 1 ? (series[0]?.column ?? null) : null;
  const unit = axisUnit(axisColumn);

  const names = points.map((point) => {
    const text = formatValue(point.x, x, 0, place);
    return text === noValue ? "No value" : text;
  });
  const longestName = Math.max(...names.map(widthOf), 1);
  const labelled = isHorizontal && series.length === 1 && points.length <= fewPoints;
  const longestLabel = labelled ? Math.max(...points.map(({ values }) => widthOf(writeShort(values[0])))) + 10 : 0;
  const nameWidth = Math.min(longestName + 12, width * 0.4);
  const valueRoom = isHorizontal ? width - nameWidth - longestLabel : height - xAxisHeight - 16;
  const ticks = niceTicks(lowest, most, Math.max(isHorizontal ? 1 : 2, Math.floor(valueRoom / (isHorizontal ? pixelsPerTimeTick : pixelsPerNumberTick))));
  const tickTexts = ticks.map((value) => tickText(value, ticks, axisColumn, place));
  const domain: [number, number] = [ticks[0] ?? 0, ticks.at(-1) ?? 1];

  const yAxisWidth = isHorizontal ? nameWidth : Math.max(...tickTexts.map(widthOf)) + 12;
  const top = unit === null || isHorizontal ? 8 : 24;
  const right = isHorizontal ? Math.max(longestLabel, widthOf(tickTexts.at(-1) ?? "") / 2, 6) : 14;
  const plot = { left: yAxisWidth, top, width: Math.max(1, width - yAxisWidth - right), height: Math.max(1, height - top - xAxisHeight) };

  const first = points[0]?.at ?? 0;
  const last = points.at(-1)?.at ?? 0;
  const along = isHorizontal ? plot.height : plot.width;
  const shareOf = (index: number): number => {
    if (isTimeScale) return last === first ? 0.5 : ((points[index]?.at ?? 0) - first) / (last - first);
    if (type === "bar") return (index + 0.5) / points.length;
    return points.length === 1 ? 0.5 : index / (points.length - 1);
  };
  const shortNames = isHorizontal ? names.map((name) => (widthOf(name) <= yAxisWidth - 10 ? name : shorten(name, yAxisWidth - 10, widthOf))) : names;
  // Names that lie below each other need a line each, whatever they are.
  const every = Math.max(1, Math.ceil((points.length * 14) / plot.height));
  const marks: readonly Tick[] = isHorizontal
    ? shortNames.flatMap((text, index) => (index % every === 0 ? [{ index, text }] : []))
    : shaped.isTime
      ? fittingTimeTicks(points, x, Math.floor(plot.width / pixelsPerTimeTick) + 1, place, ({ index, text }) => {
          const middle = clamp(plot.left + shareOf(index) * along, widthOf(text) / 2, width - widthOf(text) / 2);
          return { from: middle - widthOf(text) / 2, to: middle + widthOf(text) / 2 };
        })
      : categoryTicks(names, plot.width, widthOf);

  return {
    isHorizontal,
    stacked,
    isTimeScale,
    labelled,
    write,
    writeShort,
    names,
    ticks,
    tickTexts,
    domain,
    unit,
    top,
    right,
    yAxisWidth,
    plot,
    along,
    timeDomain: last === first ? [first - 1, last + 1] : [first, last],
    markText: new Map(marks.map(({ index, text }) => [isTimeScale ? (points[index]?.at ?? 0) : index, text])),
    /** Pixels along the axis of the points. */
    positionOf: (index: number): number => shareOf(index) * along,
    /** Pixels from the top of the plot. */
    levelOf: (value: number): number => (1 - (value - domain[0]) / (domain[1] - domain[0])) * plot.height,
  };
};

type Layout = ReturnType<typeof layOut>;

type DrawingProps = Pick<CanvasProps, "chart" | "shaped" | "hidden" | "emphasised" | "textures"> & { readonly layout: Layout; readonly width: number; readonly height: number };

/** What the library draws. It stays as it is while a reader moves along the points. */
const Drawing = memo(function Drawing({ chart, shaped, hidden, emphasised, textures, layout, width, height }: DrawingProps): ReactNode {
  const { points, series } = shaped;
  const { type } = chart;
  const { isHorizontal, stacked, isTimeScale, ticks, tickTexts, markText, plot } = layout;

  const data = points.map(({ at, values }, index) => {
    const isGap = values.every((value) => value === null);
    return { index, at, ...Object.fromEntries(series.map(({ id }, place) => [id, stacked && !isGap ? (values[place] ?? 0) : values[place]])) };
  });
  // In a bar of a few pixels a texture is only noise: what is left is the order, which is that of the legend.
  const isNarrow = layout.along / points.length / (stacked ? 1 : series.length) < narrowBar;
  const strengthOf = (index: number): number => (emphasised === null || emphasised === index ? 1 : 0.22);
  const drawDots = points.length <= fewPoints;
  // A point between two gaps has no line to be seen by.
  const isAlone = (index: number, series: number): boolean =>
    (points[index]?.values[series] ?? null) !== null && (points[index - 1]?.values[series] ?? null) === null && (points[index + 1]?.values[series] ?? null) === null;
  const dotOf = (series: number): false | ((props: DotItemDotProps) => ReactNode) => {
    if (!drawDots && !points.some((_, index) => isAlone(index, series))) return false;
    return ({ cx, cy, index, key }) => {
      const alone = isAlone(index, series);
      if ((points[index]?.values[series] ?? null) === null || cx === undefined || cy === undefined || !(drawDots || alone)) return <g key={key} />;
      return <circle key={key} cx={cx} cy={cy} r={alone ? 3.5 : 2.5} fill={colourOf(series)} fillOpacity={strengthOf(series)} />;
    };
  };

  const category = {
    type: "category" as const,
    dataKey: "index",
    ticks: [...markText.keys()],
    interval: 0 as const,
    scale: type === "bar" ? ("band" as const) : ("point" as const),
  };
  const time = {
    type: "number" as const,
    dataKey: "at",
    domain: layout.timeDomain,
    ticks: [...markText.keys()],
    interval: 0 as const,
  };
  const values = {
    type: "number" as const,
    domain: layout.domain,
    ticks: [...ticks],
    interval: 0 as const,
  };
  const axis = { tickLine: false, axisLine: false };
  // No mark is cut off at the edge of the drawing.
  const belowAxis = (text: string, x: number, y: number): ReactNode => (
    <text x={clamp(x, widthOf(text) / 2, width - widthOf(text) / 2)} y={y + 9} textAnchor="middle" fontSize={fontSize} className={classes.tick}>
      {text}
    </text>
  );
  const besideAxis = (text: string, x: number, y: number): ReactNode => (
    <text x={x} y={y + 4} textAnchor="end" fontSize={fontSize} className={classes.tick}>
      {text}
    </text>
  );
  const written =
    (write: (value: number) => string, place: typeof belowAxis) =>
    ({ x, y, payload }: BaseTickContentProps): ReactNode =>
      place(write(Number(payload.value)), Number(x), Number(y));
  const ofPoints = (value: number): string => markText.get(value) ?? "";
  const ofValues = (value: number): string => tickTexts[ticks.indexOf(value)] ?? "";

  return (
    <ComposedChart
      width={width}
      height={height}
      data={data}
      layout={isHorizontal ? "vertical" : "horizontal"}
      margin={{ top: layout.top, right: layout.right, bottom: 0, left: 0 }}
      accessibilityLayer={false}
      barCategoryGap={points.length > 60 ? 1 : "22%"}
      barGap={2}
      stackOffset={type === "bar" ? "sign" : "none"}
    >
      <CartesianGrid stroke="var(--line)" {...(isHorizontal ? { horizontal: false } : { vertical: false })} />
      {isHorizontal ? (
        <>
          <XAxis {...values} {...axis} height={xAxisHeight} tick={written(ofValues, belowAxis)} />
          <YAxis {...category} {...axis} width={layout.yAxisWidth} tick={written(ofPoints, besideAxis)} />
        </>
      ) : (
        <>
          {isTimeScale ? (
            <XAxis {...time} {...axis} height={xAxisHeight} tick={written(ofPoints, belowAxis)} />
          ) : (
            <XAxis {...category} {...axis} height={xAxisHeight} tick={written(ofPoints, belowAxis)} />
          )}
          <YAxis {...values} {...axis} width={layout.yAxisWidth} tick={written(ofValues, besideAxis)} />
        </>
      )}
      {series.map(({ id, label }, index) => {
        const common = { dataKey: id, name: label, hide: hidden.has(index), isAnimationActive: false as const, ...(stacked && { stackId: "stack" }) };
        const opacity = strengthOf(index);
        if (type === "bar")
          return (
            <Bar
              key={id}
              {...common}
              fill={isNarrow ? colourOf(index) : `url(#${textures}-${index})`}
              fillOpacity={opacity}
              className={stacked && !isNarrow ? (classes.stackedBar ?? "") : ""}
              maxBarSize={56}
              radius={stacked ? 0 : 3}
            >
              {layout.labelled && (
                <LabelList
                  dataKey={id}
                  position="right"
                  offset={6}
                  className={classes.label ?? ""}
                  fontSize={fontSize}
                  formatter={(value) => layout.writeShort(typeof value === "number" ? value : null)}
                />
              )}
            </Bar>
          );
        const line = { type: "linear" as const, stroke: colourOf(index), strokeWidth: 2, strokeOpacity: opacity, activeDot: false, connectNulls: false };
        if (type === "area")
          return (
            <Area
              key={id}
              {...common}
              {...line}
              {...(!stacked && { strokeDasharray: dashOf(index) ?? "" })}
              fill={stacked ? `url(#${textures}-${index})` : colourOf(index)}
              fillOpacity={(stacked ? 0.75 : series.length === 1 ? 0.18 : 0.08) * opacity}
              dot={stacked ? false : dotOf(index)}
            />
          );
        return <Line key={id} {...common} {...line} strokeDasharray={dashOf(index) ?? ""} dot={dotOf(index)} />;
      })}
      {ticks.includes(0) && <ReferenceLine {...(isHorizontal ? { x: 0 } : { y: 0 })} stroke="var(--line-strong)" />}
      {layout.unit !== null && (
        <text
          x={isHorizontal ? plot.left + plot.width : 4}
          y={isHorizontal ? height - 2 : 12}
          textAnchor={isHorizontal ? "end" : "start"}
          fontSize={fontSize}
          className={classes.unit}
        >
          {layout.unit}
        </text>
      )}
    </ComposedChart>
  );
});

function Cartesian({ title, chart, shaped, width, height, hidden, emphasised, textures, place }: CanvasProps & { readonly width: number; readonly height: number }): ReactNode {
  const [chosen, setActive] = useState<number | null>(null);
  const layout = useMemo(() => layOut({ chart, shaped, width, height, hidden, place }), [chart, shaped, width, height, hidden, place]);
  const { points, series } = shaped;
  const { type } = chart;
  const { isHorizontal, stacked, plot, along, positionOf, write, names } = layout;
  // After a refresh there may be fewer points.
  const active = chosen === null || points.length === 0 ? null : Math.min(chosen, points.length - 1);

  const nearest = (pixel: number): number => {
    let found = 0;
    for (let index = 1; index < points.length; index++) if (Math.abs(positionOf(index) - pixel) < Math.abs(positionOf(found) - pixel)) found = index;
    return found;
  };
  const point = (event: PointerEvent<HTMLDivElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    setActive(nearest(isHorizontal ? event.clientY - box.top : event.clientX - box.left));
  };
  // What is newest is looked for first.
  const start = shaped.isTime ? points.length - 1 : 0;
  const move = (event: KeyboardEvent): void => {
    const end = points.length - 1;
    const now = active ?? start;
    const leap = Math.max(1, Math.round(points.length / 10));
    const next: Readonly<Record<string, number>> = {
      ArrowRight: now + 1,
      ArrowLeft: now - 1,
      // Up is on, except where the points themselves go down the page.
      ArrowUp: isHorizontal ? now - 1 : now + 1,
      ArrowDown: isHorizontal ? now + 1 : now - 1,
      PageUp: now + leap,
      PageDown: now - leap,
      Home: 0,
      End: end,
    };
    if (event.key === "Escape") return setActive(null);
    const to = next[event.key];
    if (to === undefined) return;
    event.preventDefault();
    setActive(clamp(to, 0, end));
  };
  const said = (index: number): string => {
    const at = points[index];
    if (!at) return "";
    const parts = series.flatMap(({ label }, place) => {
      if (hidden.has(place)) return [];
      const value = at.values[place] ?? null;
      return [`${series.length > 1 ? `${label} ` : ""}${value === null ? "no value" : write(place, value)}`];
    });
    return `${names[index] ?? ""}: ${parts.join(", ")}`;
  };
  const current = active === null ? undefined : points[active];
  const shownCount = series.length - hidden.size;

  return (
    <>
      <Drawing chart={chart} shaped={shaped} hidden={hidden} emphasised={emphasised} textures={textures} layout={layout} width={width} height={height} />
      {current && active !== null && (
        <svg className={classes.cursor} width={width} height={height} aria-hidden="true">
          <g transform={`translate(${plot.left} ${plot.top})`}>
            {type === "bar" ? (
              isHorizontal ? (
                <rect className={classes.band} x="0" width={plot.width} y={positionOf(active) - along / points.length / 2} height={along / points.length} />
              ) : (
                <rect className={classes.band} y="0" height={plot.height} x={positionOf(active) - along / points.length / 2} width={along / points.length} />
              )
            ) : (
              <>
                <line className={classes.rule} x1={positionOf(active)} x2={positionOf(active)} y1="0" y2={plot.height} />
                {!stacked &&
                  current.values.map((value, index) =>
                    value === null || hidden.has(index) ? null : (
                      <circle key={index} className={classes.point} cx={positionOf(active)} cy={layout.levelOf(value)} r="4.5" fill={colourOf(index)} />
                    ),
                  )}
              </>
            )}
          </g>
        </svg>
      )}
      {/* A slider along the points: arrow keys, and the gestures of screen readers on a phone, move it, and its value is spoken. */}
      <div
        role="slider"
        tabIndex={0}
        className={classes.reader}
        style={plot}
        aria-label={`Read values: ${title}`}
        aria-orientation={isHorizontal ? "vertical" : "horizontal"}
        aria-valuemin={1}
        aria-valuemax={points.length}
        aria-valuenow={(active ?? start) + 1}
        aria-valuetext={said(active ?? start)}
        onPointerMove={point}
        onPointerDown={point}
        onPointerLeave={(event) => event.pointerType === "mouse" && !event.currentTarget.matches(":focus-visible") && setActive(null)}
        onFocus={(event) => event.currentTarget.matches(":focus-visible") && setActive((now) => now ?? start)}
        onBlur={() => setActive(null)}
        onKeyDown={move}
      />
      {current && active !== null && (
        <Tooltip
          at={isHorizontal ? plot.left + plot.width * 0.5 : plot.left + positionOf(active)}
          top={isHorizontal ? clamp(plot.top + positionOf(active) - 24, 0, Math.max(0, height - 70)) : plot.top + 4}
          width={width}
          head={names[active] ?? ""}
        >
          {series.map(({ label }, index) =>
            hidden.has(index) ? null : (
              <div key={index} className={classes.row} data-dimmed={emphasised !== null && emphasised !== index}>
                <dt>
                  <Swatch index={index} shape={type === "line" || (type === "area" && !stacked) ? "line" : "surface"} textures={textures} />
                  <span>{label}</span>
                </dt>
                <dd>{write(index, current.values[index])}</dd>
              </div>
            ),
          )}
          {stacked && shownCount > 1 && (
            <div className={classes.row} data-total="">
              <dt>Total</dt>
              <dd>
                {write(
                  0,
                  current.values.reduce<number>((sum, value, index) => sum + (hidden.has(index) ? 0 : (value ?? 0)), 0),
                )}
              </dd>
            </div>
          )}
        </Tooltip>
      )}
    </>
  );
}

/** Beside the point and never over it. Those who listen hear the same from the slider. */
const Tooltip = ({
  at,
  top,
  width,
  head,
  children,
}: {
  readonly at: number;
  readonly top: number;
  readonly width: number;
  readonly head: string;
  readonly children: ReactNode;
}): ReactNode => (
  <div
    className={classes.tooltip}
    aria-hidden="true"
    data-tooltip=""
    style={at > width / 2 ? { right: width - at + 14, top, maxWidth: at - 8 } : { left: at + 14, top, maxWidth: width - at - 8 }}
  >
    <p className={classes.tooltipHead}>{head}</p>
    <dl className={classes.rows}>{children}</dl>
  </div>
);

/** The ring of a share chart. Its values stand in the legend beside it. */
export const Ring = ({
  parts,
  size,
  emphasised,
  textures,
}: {
  readonly parts: readonly Part[];
  readonly size: number;
  readonly emphasised: number | null;
  readonly textures: string;
}): ReactNode => (
  <PieChart width={size} height={size} accessibilityLayer={false} margin={{ top: 0, right: 0, bottom: 0, left: 0 }}>
    <Pie
      data={parts.map(({ label, share }) => ({ name: label, share }))}
      dataKey="share"
      innerRadius="64%"
      outerRadius="98%"
      startAngle={90}
      endAngle={-270}
      isAnimationActive={false}
      rootTabIndex={-1}
      className={classes.ring ?? ""}
    >
      {parts.map((_, index) => (
        <Cell key={index} fill={`url(#${textures}-${index})`} fillOpacity={emphasised === null || emphasised === index ? 1 : 0.22} />
      ))}
    </Pie>
  </PieChart>
);
