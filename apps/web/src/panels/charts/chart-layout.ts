/** Where everything in a chart stands, before anything of it is drawn. */
import { formatNumber, formatValue, noValue, type Place } from "../../ui/formats.ts";
import {
  axisUnit,
  categoryTicks,
  characterWidth,
  fittingTimeTicks,
  niceTicks,
  shorten,
  tickText,
  type Tick,
} from "./chart-axis.ts";
import { extentOf, type ChartDefinition, type ShapedChart } from "./chart-shape.ts";

export const fontSize = 12;
export const xAxisHeight = 26;
/** As many marks along an axis as can be read. */
const pixelsPerTimeTick = 84;
const pixelsPerNumberTick = 52;
export const fewPoints = 40;

let pen: CanvasRenderingContext2D | null | undefined;
/** How wide a text of an axis is, in the page's own typeface. */
export const widthOf = (text: string): number => {
  if (pen === undefined) {
    pen = document.createElement("canvas").getContext("2d");
    if (pen) pen.font = `${fontSize}px ${getComputedStyle(document.body).fontFamily}`;
  }
  return Math.ceil(pen?.measureText(text).width ?? text.length * characterWidth);
};

export const clamp = (value: number, least: number, most: number): number =>
  Math.min(most, Math.max(least, value));

interface LayoutInput {
  readonly chart: ChartDefinition;
  readonly shaped: ShapedChart;
  readonly hidden: ReadonlySet<number>;
  readonly place: Place;
  readonly width: number;
  readonly height: number;
}

/** Where everything stands: what is drawn, and what is drawn above it to read values by. */
export const layOut = ({ chart, shaped, hidden, place, width, height }: LayoutInput) => {
  const { points, series, x } = shaped;
  const { type } = chart;
  const isHorizontal = type === "bar" && chart.horizontal === true;
  const stacked = chart.stacked === true && type !== "line" && series.length > 1;
  const isTimeScale = shaped.isTime && type !== "bar";
  const shown = series.map((_, index) => !hidden.has(index));

  const write = (index: number, value: number | null | undefined): string => {
    const one = series[index];
    if (value === null || value === undefined || !one) return noValue;
    return formatNumber(value, one.column, one.precision, place);
  };
  /** Beside its bar a large number is read at a glance. */
  const writeShort = (value: number | null | undefined): string => {
    const column = series[0]?.column;
    if (
      value === null ||
      value === undefined ||
      !column ||
      column.format !== undefined ||
      Math.abs(value) < 10_000
    )
      return write(0, value);
    return formatNumber(value, column, 0, place);
  };

  const extent = extentOf(points, shown, stacked) ?? [0, 1];
  const fromZero = type !== "line";
  const least = fromZero ? Math.min(0, extent[0]) : extent[0];
  const most = fromZero ? Math.max(0, extent[1]) : extent[1];
  // A line that runs far above zero is not pressed against its ceiling; one that comes near it
  // starts there.
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
  const longestLabel = labelled
    ? Math.max(...points.map(({ values }) => widthOf(writeShort(values[0])))) + 10
    : 0;
  const nameWidth = Math.min(longestName + 12, width * 0.4);
  const valueRoom = isHorizontal ? width - nameWidth - longestLabel : height - xAxisHeight - 16;
  const ticks = niceTicks(
    lowest,
    most,
    Math.max(
      isHorizontal ? 1 : 2,
      Math.floor(valueRoom / (isHorizontal ? pixelsPerTimeTick : pixelsPerNumberTick)),
    ),
  );
  const tickTexts = ticks.map((value) => tickText(value, ticks, axisColumn, place));
  const domain: [number, number] = [ticks[0] ?? 0, ticks.at(-1) ?? 1];

  const yAxisWidth = isHorizontal ? nameWidth : Math.max(...tickTexts.map(widthOf)) + 12;
  const top = unit === null || isHorizontal ? 8 : 24;
  const right = isHorizontal ? Math.max(longestLabel, widthOf(tickTexts.at(-1) ?? "") / 2, 6) : 14;
  const plot = {
    left: yAxisWidth,
    top,
    width: Math.max(1, width - yAxisWidth - right),
    height: Math.max(1, height - top - xAxisHeight),
  };

  const first = points[0]?.at ?? 0;
  const last = points.at(-1)?.at ?? 0;
  const along = isHorizontal ? plot.height : plot.width;
  const shareOf = (index: number): number => {
    if (isTimeScale)
      return last === first ? 0.5 : ((points[index]?.at ?? 0) - first) / (last - first);
    if (type === "bar") return (index + 0.5) / points.length;
    return points.length === 1 ? 0.5 : index / (points.length - 1);
  };
  const shortNames = isHorizontal
    ? names.map((name) =>
        widthOf(name) <= yAxisWidth - 10 ? name : shorten(name, yAxisWidth - 10, widthOf),
      )
    : names;
  // Names that lie below each other need a line each, whatever they are.
  const every = Math.max(1, Math.ceil((points.length * 14) / plot.height));
  const marks: readonly Tick[] = isHorizontal
    ? shortNames.flatMap((text, index) => (index % every === 0 ? [{ index, text }] : []))
    : shaped.isTime
      ? fittingTimeTicks(
          points,
          x,
          Math.floor(plot.width / pixelsPerTimeTick) + 1,
          place,
          ({ index, text }) => {
            const middle = clamp(
              plot.left + shareOf(index) * along,
              widthOf(text) / 2,
              width - widthOf(text) / 2,
            );
            return { from: middle - widthOf(text) / 2, to: middle + widthOf(text) / 2 };
          },
        )
      : categoryTicks(names, plot.width, widthOf);

  const share = (value: number): number => (value - domain[0]) / (domain[1] - domain[0]);
  return {
    isHorizontal,
    stacked,
    labelled,
    write,
    writeShort,
    names,
    ticks,
    tickTexts,
    unit,
    plot,
    along,
    marks,
    /** Pixels along the axis of the points. */
    positionOf: (index: number): number => shareOf(index) * along,
    /**
     * Pixels along the axis of values: from the top of the plot, or from its left where bars lie.
     */
    levelOf: (value: number): number =>
      isHorizontal ? share(value) * plot.width : (1 - share(value)) * plot.height,
  };
};

export type Layout = ReturnType<typeof layOut>;
