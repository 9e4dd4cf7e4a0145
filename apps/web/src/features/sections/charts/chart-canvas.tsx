/** The drawing of a chart. The only file that knows the library, and fetched only where there is a chart. */
import {
  memo,
  useMemo,
  useState,
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
} from "react";
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
import type { Place } from "../../../ui/formats.ts";
import classes from "./chart-canvas.module.css";
import {
  clamp,
  fewPoints,
  fontSize,
  layOut,
  widthOf,
  xAxisHeight,
  type Layout,
} from "./chart-layout.ts";
import { Swatch } from "./chart-legend.tsx";
import type { ChartDefinition, Part, ShapedChart } from "./chart-shape.ts";
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

const narrowBar = 10;

export default function ChartCanvas(props: CanvasProps): ReactNode {
  const [box, size] = useBoxSize<HTMLDivElement>();
  return (
    <div ref={box} className={classes.canvas}>
      {size && size.width > 0 && size.height > 0 && <Cartesian {...props} {...size} />}
    </div>
  );
}

type DrawingProps = Pick<CanvasProps, "chart" | "shaped" | "hidden" | "emphasised" | "textures"> & {
  readonly layout: Layout;
  readonly width: number;
  readonly height: number;
};

/** What the library draws. It stays as it is while a reader moves along the points. */
const Drawing = memo(function Drawing({
  chart,
  shaped,
  hidden,
  emphasised,
  textures,
  layout,
  width,
  height,
}: DrawingProps): ReactNode {
  const { points, series } = shaped;
  const { type } = chart;
  const { isHorizontal, stacked, isTimeScale, ticks, tickTexts, markText, plot } = layout;

  const data = points.map(({ at, values }, index) => {
    const isGap = values.every((value) => value === null);
    return {
      index,
      at,
      ...Object.fromEntries(
        series.map(({ id }, place) => [
          id,
          stacked && !isGap ? (values[place] ?? 0) : values[place],
        ]),
      ),
    };
  });
  // In a bar of a few pixels a texture is only noise: what is left is the order, which is that of the legend.
  const isNarrow = layout.along / points.length / (stacked ? 1 : series.length) < narrowBar;
  const strengthOf = (index: number): number =>
    emphasised === null || emphasised === index ? 1 : 0.22;
  const drawDots = points.length <= fewPoints;
  // A point between two gaps has no line to be seen by.
  const isAlone = (index: number, series: number): boolean =>
    (points[index]?.values[series] ?? null) !== null &&
    (points[index - 1]?.values[series] ?? null) === null &&
    (points[index + 1]?.values[series] ?? null) === null;
  const dotOf = (series: number): false | ((props: DotItemDotProps) => ReactNode) => {
    if (!drawDots && !points.some((_, index) => isAlone(index, series))) return false;
    return ({ cx, cy, index, key }) => {
      const alone = isAlone(index, series);
      if (
        (points[index]?.values[series] ?? null) === null ||
        cx === undefined ||
        cy === undefined ||
        !(drawDots || alone)
      )
        return <g key={key} />;
      return (
        <circle
          key={key}
          cx={cx}
          cy={cy}
          r={alone ? 3.5 : 2.5}
          fill={colourOf(series)}
          fillOpacity={strengthOf(series)}
        />
      );
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
    <text
      x={clamp(x, widthOf(text) / 2, width - widthOf(text) / 2)}
      y={y + 9}
      textAnchor="middle"
      fontSize={fontSize}
      className={classes.tick}
    >
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
      <CartesianGrid
        stroke="var(--line)"
        {...(isHorizontal ? { horizontal: false } : { vertical: false })}
      />
      {isHorizontal ? (
        <>
          <XAxis {...values} {...axis} height={xAxisHeight} tick={written(ofValues, belowAxis)} />
          <YAxis
            {...category}
            {...axis}
            width={layout.yAxisWidth}
            tick={written(ofPoints, besideAxis)}
          />
        </>
      ) : (
        <>
          {isTimeScale ? (
            <XAxis {...time} {...axis} height={xAxisHeight} tick={written(ofPoints, belowAxis)} />
          ) : (
            <XAxis
              {...category}
              {...axis}
              height={xAxisHeight}
              tick={written(ofPoints, belowAxis)}
            />
          )}
          <YAxis
            {...values}
            {...axis}
            width={layout.yAxisWidth}
            tick={written(ofValues, besideAxis)}
          />
        </>
      )}
      {series.map(({ id, label }, index) => {
        const common = {
          dataKey: id,
          name: label,
          hide: hidden.has(index),
          isAnimationActive: false as const,
          ...(stacked && { stackId: "stack" }),
        };
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
        const line = {
          type: "linear" as const,
          stroke: colourOf(index),
          strokeWidth: 2,
          strokeOpacity: opacity,
          activeDot: false,
          connectNulls: false,
        };
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
        return (
          <Line
            key={id}
            {...common}
            {...line}
            strokeDasharray={dashOf(index) ?? ""}
            dot={dotOf(index)}
          />
        );
      })}
      {ticks.includes(0) && (
        <ReferenceLine {...(isHorizontal ? { x: 0 } : { y: 0 })} stroke="var(--line-strong)" />
      )}
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

function Cartesian({
  title,
  chart,
  shaped,
  width,
  height,
  hidden,
  emphasised,
  textures,
  place,
}: CanvasProps & { readonly width: number; readonly height: number }): ReactNode {
  const [chosen, setActive] = useState<number | null>(null);
  const layout = useMemo(
    () => layOut({ chart, shaped, width, height, hidden, place }),
    [chart, shaped, width, height, hidden, place],
  );
  const { points, series } = shaped;
  const { type } = chart;
  const { isHorizontal, stacked, plot, along, positionOf, write, names } = layout;
  // After a refresh there may be fewer points.
  const active =
    chosen === null || points.length === 0 ? null : Math.min(chosen, points.length - 1);

  const nearest = (pixel: number): number => {
    let found = 0;
    for (let index = 1; index < points.length; index++)
      if (Math.abs(positionOf(index) - pixel) < Math.abs(positionOf(found) - pixel)) found = index;
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
      return [
        `${series.length > 1 ? `${label} ` : ""}${value === null ? "no value" : write(place, value)}`,
      ];
    });
    return `${names[index] ?? ""}: ${parts.join(", ")}`;
  };
  const current = active === null ? undefined : points[active];
  const shownCount = series.length - hidden.size;

  return (
    <>
      <Drawing
        chart={chart}
        shaped={shaped}
        hidden={hidden}
        emphasised={emphasised}
        textures={textures}
        layout={layout}
        width={width}
        height={height}
      />
      {current && active !== null && (
        <svg className={classes.cursor} width={width} height={height} aria-hidden="true">
          <g transform={`translate(${plot.left} ${plot.top})`}>
            {type === "bar" ? (
              isHorizontal ? (
                <rect
                  className={classes.band}
                  x="0"
                  width={plot.width}
                  y={positionOf(active) - along / points.length / 2}
                  height={along / points.length}
                />
              ) : (
                <rect
                  className={classes.band}
                  y="0"
                  height={plot.height}
                  x={positionOf(active) - along / points.length / 2}
                  width={along / points.length}
                />
              )
            ) : (
              <>
                <line
                  className={classes.rule}
                  x1={positionOf(active)}
                  x2={positionOf(active)}
                  y1="0"
                  y2={plot.height}
                />
                {!stacked &&
                  current.values.map((value, index) =>
                    value === null || hidden.has(index) ? null : (
                      <circle
                        key={index}
                        className={classes.point}
                        cx={positionOf(active)}
                        cy={layout.levelOf(value)}
                        r="4.5"
                        fill={colourOf(index)}
                      />
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
        onPointerLeave={(event) =>
          event.pointerType === "mouse" &&
          !event.currentTarget.matches(":focus-visible") &&
          setActive(null)
        }
        onFocus={(event) =>
          event.currentTarget.matches(":focus-visible") && setActive((now) => now ?? start)
        }
        onBlur={() => setActive(null)}
        onKeyDown={move}
      />
      {current && active !== null && (
        <Tooltip
          at={isHorizontal ? plot.left + plot.width * 0.5 : plot.left + positionOf(active)}
          top={
            isHorizontal
              ? clamp(plot.top + positionOf(active) - 24, 0, Math.max(0, height - 70))
              : plot.top + 4
          }
          width={width}
          head={names[active] ?? ""}
        >
          {series.map(({ label }, index) =>
            hidden.has(index) ? null : (
              <div
                key={index}
                className={classes.row}
                data-dimmed={emphasised !== null && emphasised !== index}
              >
                <dt>
                  <Swatch
                    index={index}
                    shape={type === "line" || (type === "area" && !stacked) ? "line" : "surface"}
                    textures={textures}
                  />
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
                  current.values.reduce<number>(
                    (sum, value, index) => sum + (hidden.has(index) ? 0 : (value ?? 0)),
                    0,
                  ),
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
    style={
      at > width / 2
        ? { right: width - at + 14, top, maxWidth: at - 8 }
        : { left: at + 14, top, maxWidth: width - at - 8 }
    }
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
  <PieChart
    width={size}
    height={size}
    accessibilityLayer={false}
    margin={{ top: 0, right: 0, bottom: 0, left: 0 }}
  >
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
        <Cell
          key={index}
          fill={`url(#${textures}-${index})`}
          fillOpacity={emphasised === null || emphasised === index ? 1 : 0.22}
        />
      ))}
    </Pie>
  </PieChart>
);
