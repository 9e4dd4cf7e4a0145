/**
 * Fewer rows for a chart that cannot show them all, so that its shape stays: every peak and every
 * trough that would be seen.
 */

/**
 * So many rows are read before they are reduced: few in memory, and far more than a chart has
 * points.
 */
export const gatheredRows = 50_000;

type Row = readonly (string | number | boolean | null)[];

export interface Reduction {
  /** Positions in each row: of the values that are drawn … */
  readonly values: readonly number[];
  /** … and of the column whose values make one series each. */
  readonly series?: number;
  /** At most so many rows of a series are kept. */
  readonly points: number;
}

/** The positions of the rows to keep, in order. The first and the last are among them. */
const choose = (
  rows: readonly Row[],
  values: readonly number[],
  points: number,
): readonly number[] => {
  // Each stretch keeps its smallest and its largest value of every column. Rows stay whole, so that
  // several values at one time stay together.
  const stretches = Math.floor((points - 2) / (2 * values.length));
  const kept = new Set([0, rows.length - 1]);
  // More columns than points: evenly spaced rows are all there is room for.
  if (stretches < 1)
    for (let index = 1; index < points - 1; index += 1)
      kept.add(Math.round((index * (rows.length - 1)) / (points - 1)));
  for (let stretch = 0; stretch < stretches; stretch += 1) {
    const start = Math.floor((stretch * rows.length) / stretches);
    const end = Math.floor(((stretch + 1) * rows.length) / stretches);
    for (const value of values) {
      let [lowest, highest] = [-1, -1];
      let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      for (let index = start; index < end; index += 1) {
        const found = rows[index]?.[value];
        if (typeof found !== "number" || !Number.isFinite(found)) continue;
        if (found < low) [low, lowest] = [found, index];
        if (found > high) [high, highest] = [found, index];
      }
      if (lowest !== -1) kept.add(lowest).add(highest);
    }
  }
  return [...kept].sort((a, b) => a - b);
};

/**
 * Keeps of every series as many rows as there are points, each with its smallest and largest values
 * and its ends.
 * @param rows in the order in which they are drawn, which is kept
 */
export const reduceSeries = <R extends Row>(
  rows: readonly R[],
  { values, series, points }: Reduction,
): readonly R[] => {
  if (rows.length <= points) return rows;
  const places = new Map<unknown, number[]>();
  for (const [index, row] of rows.entries()) {
    const name = series === undefined ? null : row[series];
    const ofSeries = places.get(name);
    if (ofSeries === undefined) places.set(name, [index]);
    else ofSeries.push(index);
  }
  const kept: number[] = [];
  for (const ofSeries of places.values()) {
    if (ofSeries.length <= points) kept.push(...ofSeries);
    else
      kept.push(
        ...choose(
          ofSeries.map((index) => rows[index] as R),
          values,
          points,
        ).map((place) => ofSeries[place] as number),
      );
  }
  return kept.sort((a, b) => a - b).map((index) => rows[index] as R);
};

/**
 * Reduces rows as `reduceSeries` does, while they are read: however many there are, few of them are
 * in memory.
 */
export const createSeriesReducer = <R extends Row>(
  reduction: Reduction,
): { /** @returns how many rows are in memory */ add(row: R): number; finish(): readonly R[] } => {
  /**
   * Each stretch of `gatheredRows` keeps at most so many rows of a series, so that none takes the
   * room of another.
   */
  let points = reduction.points;
  /** A peak and a trough of each column, and both ends. */
  const fewest = 2 + 2 * reduction.values.length;
  let stretches = 0;
  let kept: R[] = [];
  let gathered: R[] = [];
  return {
    add: (row) => {
      gathered.push(row);
      if (gathered.length === gatheredRows) {
        for (const one of reduceSeries(gathered, { ...reduction, points })) kept.push(one);
        gathered = [];
        stretches += 1;
        // Of many series, or of stretches without end, each has to do with less.
        if (kept.length > gatheredRows) {
          points = Math.max(fewest, Math.ceil(points / 2));
          kept = [...reduceSeries(kept, { ...reduction, points: points * stretches })];
        }
      }
      return kept.length + gathered.length;
    },
    finish: () => {
      if (stretches === 0) return reduceSeries(gathered, reduction);
      const share = Math.max(fewest, Math.ceil((points * gathered.length) / gatheredRows));
      return reduceSeries(
        [...kept, ...reduceSeries(gathered, { ...reduction, points: share })],
        reduction,
      );
    },
  };
};
