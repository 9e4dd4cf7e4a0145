/** The drawing of a chart, as SVG. */
import {
  memo,
  useMemo,
  useState,
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
} from "react";
import { useBoxSize } from "../../ui/box-size.ts";
import type { Place } from "../../ui/formats.ts";
import classes from "./chart-canvas.module.css";
import { clamp, fewPoints, fontSize, layOut, widthOf, type Layout } from "./chart-layout.ts";
import { Swatch } from "./chart-legend.tsx";
import {
  areaPath,
  barsPath,
  dotsPath,
  isAlone,
  linePath,
  reachesOf,
  ringPath,
  type Reach,
} from "./chart-paths.ts";
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
const widestBar = 56;

export function ChartCanvas(props: CanvasProps): ReactNode {
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

/** All that does not move: it stays as it is while a reader moves along the points. */
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
  const { isHorizontal, stacked, ticks, tickTexts, plot, levelOf, positionOf } = layout;
  const right = plot.left + plot.width;
  const bottom = plot.top + plot.height;
  const reaches = reachesOf(
    points,
    series.map((_, index) => !hidden.has(index)),
    !stacked ? null : type === "bar" ? "apart" : "together",
  );
  const strengthOf = (index: number): number =>
    emphasised === null || emphasised === index ? 1 : 0.22;
  const shape = { layout, points, series, reaches, textures, strengthOf };
  // Across the plot, at a value.
  const rule = (value: number): string =>
    isHorizontal ? `M${levelOf(value)} 0v${plot.height}` : `M0 ${levelOf(value)}h${plot.width}`;
  const text = (
    key: number,
    words: string,
    x: number,
    y: number,
    anchor: "middle" | "end",
  ): ReactNode => (
    <text key={key} x={x} y={y} textAnchor={anchor} fontSize={fontSize} className={classes.tick}>
      {words}
    </text>
  );
  // No mark is cut off at the edge of the drawing.
  const belowAxis = (key: number, words: string, from: number): ReactNode => {
    const half = widthOf(words) / 2;
    return text(key, words, clamp(plot.left + from, half, width - half), bottom + 17, "middle");
  };
  const besideAxis = (key: number, words: string, from: number): ReactNode =>
    text(key, words, plot.left - 8, plot.top + from + 4, "end");
  const [beside, below] = isHorizontal ? [besideAxis, belowAxis] : [belowAxis, besideAxis];

  return (
    <svg
      className={classes.drawing}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      data-drawing=""
    >
      <g transform={`translate(${plot.left} ${plot.top})`}>
        <path d={ticks.map(rule).join("")} stroke="var(--line)" fill="none" />
        {type === "bar" ? <Bars {...shape} /> : <Lines {...shape} type={type} />}
        {ticks.includes(0) && <path d={rule(0)} stroke="var(--line-strong)" fill="none" />}
      </g>
      {layout.marks.map(({ index, text: words }) => beside(index, words, positionOf(index)))}
      {ticks.map((value, index) => below(value, tickTexts[index] ?? "", levelOf(value)))}
      {layout.unit !== null && (
        <text
          x={isHorizontal ? right : 4}
          y={isHorizontal ? height - 2 : 12}
          textAnchor={isHorizontal ? "end" : "start"}
          fontSize={fontSize}
          className={classes.unit}
        >
          {layout.unit}
        </text>
      )}
    </svg>
  );
});

interface ShapeProps extends Pick<ShapedChart, "points" | "series"> {
  readonly layout: Layout;
  /** For each series, and each of its points. */
  readonly reaches: readonly (readonly Reach[])[];
  readonly textures: string;
  readonly strengthOf: (series: number) => number;
}

function Bars({ layout, points, series, reaches, textures, strengthOf }: ShapeProps): ReactNode {
  const { isHorizontal, stacked, positionOf, levelOf } = layout;
  const shown = series.flatMap((_, index) =>
    reaches[index]?.some((reach) => reach !== null) ? [index] : [],
  );
  const band = layout.along / points.length;
  const room = band - 2 * (points.length > 60 ? Math.min(1, band / 4) : band * 0.22);
  const beside = stacked ? 1 : Math.max(1, shown.length);
  const gap = room > 4 * beside ? 2 : 0;
  const slot = (room - (beside - 1) * gap) / beside;
  const thickness = Math.min(slot, widestBar);
  // In a bar of a few pixels a texture is only noise: what is left is the order, which is that of
  // the legend.
  const isNarrow = band / (stacked ? 1 : series.length) < narrowBar;
  return shown.map((index, place) => {
    const begin = stacked
      ? -thickness / 2
      : -room / 2 + place * (slot + gap) + (slot - thickness) / 2;
    const found = (reaches[index] ?? []).flatMap((reach, point) => {
      if (reach === null || reach[0] === reach[1]) return [];
      const [from, to] = [levelOf(reach[0]), levelOf(reach[1])];
      const [least, length] = [Math.min(from, to), Math.abs(to - from)];
      const side = positionOf(point) + begin;
      return [
        isHorizontal
          ? { x: least, y: side, width: length, height: thickness }
          : { x: side, y: least, width: thickness, height: length },
      ];
    });
    return (
      <g key={index} data-series="">
        <path
          d={barsPath(found, stacked ? 0 : 3)}
          fill={isNarrow ? colourOf(index) : `url(#${textures}-${index})`}
          fillOpacity={strengthOf(index)}
          className={stacked && !isNarrow ? classes.stackedBar : undefined}
        />
        {layout.labelled &&
          points.map(({ values: [value = null] }, point) =>
            value === null ? null : (
              <text
                key={point}
                x={levelOf(value) + (value < 0 ? -6 : 6)}
                y={positionOf(point) + 4}
                textAnchor={value < 0 ? "end" : "start"}
                fontSize={fontSize}
                className={classes.label}
              >
                {layout.writeShort(value)}
              </text>
            ),
          )}
      </g>
    );
  });
}

function Lines({
  layout,
  points,
  series,
  reaches,
  textures,
  strengthOf,
  type,
}: ShapeProps & { readonly type: Exclude<ChartDefinition["type"], "bar"> }): ReactNode {
  const { stacked, positionOf, levelOf } = layout;
  const positions = points.map((_, index) => positionOf(index));
  const drawDots = points.length <= fewPoints;
  return series.map((_, index) => {
    const reach = reaches[index] ?? [];
    const upper = reach.map((one) => one && levelOf(one[1]));
    if (upper.every((level) => level === null)) return null;
    const stroke = { fill: "none", stroke: colourOf(index), strokeOpacity: strengthOf(index) };
    const dots = { ...stroke, strokeLinecap: "round" as const };
    return (
      <g key={index} data-series="">
        {type === "area" && (
          <path
            d={areaPath(
              positions,
              upper,
              reach.map((one) => one && levelOf(one[0])),
            )}
            fill={stacked ? `url(#${textures}-${index})` : colourOf(index)}
            fillOpacity={(stacked ? 0.75 : series.length === 1 ? 0.18 : 0.08) * strengthOf(index)}
          />
        )}
        <path
          {...stroke}
          d={linePath(positions, upper)}
          strokeWidth="2"
          strokeDasharray={stacked ? undefined : dashOf(index)}
        />
        {!stacked && (
          <>
            {drawDots && (
              <path {...dots} d={dotsPath(positions, upper, () => true)} strokeWidth="5" />
            )}
            <path
              {...dots}
              d={dotsPath(positions, upper, (point) => isAlone(upper, point))}
              strokeWidth="7"
            />
          </>
        )}
      </g>
    );
  });
}

/** Where a key leads from a point, on a chart of so many points; undefined for other keys. */
const pointAfter = (
  key: string,
  now: number,
  count: number,
  isHorizontal: boolean,
): number | undefined => {
  const leap = Math.max(1, Math.round(count / 10));
  const next: Readonly<Record<string, number>> = {
    ArrowRight: now + 1,
    ArrowLeft: now - 1,
    // Up is on, except where the points themselves go down the page.
    ArrowUp: isHorizontal ? now - 1 : now + 1,
    ArrowDown: isHorizontal ? now + 1 : now - 1,
    PageUp: now + leap,
    PageDown: now - leap,
    Home: 0,
    End: count - 1,
  };
  const to = next[key];
  return to === undefined ? undefined : clamp(to, 0, count - 1);
};

/** A point and its values, as they are spoken. */
const inWords = (
  index: number,
  { points, series }: ShapedChart,
  { names, write }: Layout,
  hidden: ReadonlySet<number>,
): string => {
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

function Cartesian(
  props: CanvasProps & { readonly width: number; readonly height: number },
): ReactNode {
  const { title, chart, shaped, width, height, hidden, emphasised, textures, place } = props;
  const [chosen, setActive] = useState<number | null>(null);
  const layout = useMemo(
    () => layOut({ chart, shaped, width, height, hidden, place }),
    [chart, shaped, width, height, hidden, place],
  );
  const { points } = shaped;
  const { isHorizontal, plot, positionOf } = layout;
  // After a refresh there may be fewer points.
  const active =
    chosen === null || points.length === 0 ? null : Math.min(chosen, points.length - 1);
  // What is newest is looked for first.
  const start = shaped.isTime ? points.length - 1 : 0;

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
  const move = (event: KeyboardEvent): void => {
    if (event.key === "Escape") return setActive(null);
    const to = pointAfter(event.key, active ?? start, points.length, isHorizontal);
    if (to === undefined) return;
    event.preventDefault();
    setActive(to);
  };
  const values = active === null ? undefined : points[active]?.values;
  const marked = active !== null && values !== undefined && { ...props, layout, active, values };

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
      {marked && <Cursor {...marked} />}
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
        aria-valuetext={inWords(active ?? start, shaped, layout, hidden)}
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
      {marked && <ValuesOfPoint {...marked} />}
    </>
  );
}

/** The point that is read, and its values. */
interface MarkedProps extends DrawingProps {
  readonly active: number;
  readonly values: ShapedChart["points"][number]["values"];
}

/** What is drawn over the chart at the point that is read. */
function Cursor({
  chart,
  shaped,
  hidden,
  layout,
  width,
  height,
  active,
  values,
}: MarkedProps): ReactNode {
  const { isHorizontal, stacked, plot, along, positionOf } = layout;
  const at = positionOf(active);
  const thickness = along / shaped.points.length;
  const begin = at - thickness / 2;
  return (
    <svg className={classes.cursor} width={width} height={height} aria-hidden="true">
      <g transform={`translate(${plot.left} ${plot.top})`}>
        {chart.type === "bar" ? (
          <rect
            className={classes.band}
            {...(isHorizontal
              ? { x: 0, width: plot.width, y: begin, height: thickness }
              : { y: 0, height: plot.height, x: begin, width: thickness })}
          />
        ) : (
          <>
            <line className={classes.rule} x1={at} x2={at} y1="0" y2={plot.height} />
            {!stacked &&
              values.map((value, index) =>
                value === null || hidden.has(index) ? null : (
                  <circle
                    key={index}
                    className={classes.point}
                    cx={at}
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
  );
}

function ValuesOfPoint({
  chart: { type },
  shaped: { series },
  hidden,
  emphasised,
  textures,
  layout,
  width,
  height,
  active,
  values,
}: MarkedProps): ReactNode {
  const { isHorizontal, stacked, plot, positionOf, write, names } = layout;
  const at = positionOf(active);
  return (
    <Tooltip
      at={isHorizontal ? plot.left + plot.width * 0.5 : plot.left + at}
      top={isHorizontal ? clamp(plot.top + at - 24, 0, Math.max(0, height - 70)) : plot.top + 4}
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
            <dd>{write(index, values[index])}</dd>
          </div>
        ),
      )}
      {stacked && series.length - hidden.size > 1 && (
        <div className={classes.row} data-total="">
          <dt>Total</dt>
          <dd>
            {write(
              0,
              values.reduce<number>(
                (sum, value, index) => sum + (hidden.has(index) ? 0 : (value ?? 0)),
                0,
              ),
            )}
          </dd>
        </div>
      )}
    </Tooltip>
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
}): ReactNode => {
  const begins = parts.map((_, index) =>
    parts.slice(0, index).reduce((sum, { share }) => sum + share, 0),
  );
  return (
    <svg
      className={classes.ring}
      width={size}
      height={size}
      viewBox={`0 0 ${size} ${size}`}
      data-drawing=""
    >
      {parts.map(({ share }, index) => {
        const begin = begins[index] ?? 0;
        return share === 0 ? null : (
          <path
            key={index}
            d={ringPath(size / 2, size * 0.32, size * 0.49, begin, begin + share)}
            fill={`url(#${textures}-${index})`}
            fillOpacity={emphasised === null || emphasised === index ? 1 : 0.22}
          />
        );
      })}
    </svg>
  );
};
