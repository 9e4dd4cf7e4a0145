import { formatCompact, formatValue, formatWithUnit, fractionDigitsOf, isNumeric, type Column, type Place, type Value } from "../../ui/formats.ts";

export interface Figure {
  readonly label: string;
  readonly text: string;
  /** The exact number, where `text` is rounded. */
  readonly exact?: string;
}

/** What a metric shows: the first value of the first row large, and whatever else is in that row small beside its label. */
export const metricOf = (
  data: { readonly columns: readonly Column[]; readonly rows: readonly (readonly Value[])[] },
  place: Place = {},
): { readonly main: Figure; readonly others: readonly Figure[] } | null => {
  const row = data.rows[0];
  if (!row || data.columns.length === 0) return null;
  const figureAt = (index: number): Figure | null => {
    const column = data.columns[index];
    if (!column) return null;
    const value = row[index] ?? null;
    // A large figure is read at a glance: what is behind its point is noise.
    const digits = typeof value === "number" && Math.abs(value) >= 10_000 ? 0 : fractionDigitsOf([value]);
    if (typeof value !== "number" || !isNumeric(column)) return { label: column.label, text: formatValue(value, column, digits, place) };
    const exact = formatWithUnit(value, column.unit, digits, place);
    const compact = formatCompact(value, column.unit, place);
    return compact === null ? { label: column.label, text: exact } : { label: column.label, text: compact, exact };
  };
  const main = figureAt(0);
  return main && { main, others: data.columns.flatMap((_, index) => (index === 0 ? [] : (figureAt(index) ?? []))) };
};
