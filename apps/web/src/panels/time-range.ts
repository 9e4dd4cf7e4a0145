/**
 * The range of time of a section as the page's address has it: `?last=P30D`, `?last=all`, or
 * `?from=2026-01-01&to=2026-01-31`. In the address `to` is the last day that is shown, as people
 * say it; the API's `to` is the first one that is not.
 */
import { dateFormat } from "../ui/reader.ts";

export type Dates = { readonly from: string | null; readonly to: string | null };
/**
 * What the address asks for; null where it asks for nothing and the section's own range applies.
 */
export type ChosenRange = { readonly last: string } | Dates | null;

const durationPattern = /^P(?:([1-9]\d{0,3})([YMWD])|T([1-9]\d{0,3})([HM]))$/;
export const everything = "all";

const millisecondsPerDay = 86_400_000;

/** A calendar day that exists, between years that a calendar has. */
export const isDay = (text: string): boolean => {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
};

const lastDay = "9999-12-31";
const dayAfter = (day: string): string =>
  new Date(Date.parse(day) + millisecondsPerDay).toISOString().slice(0, 10);

const isLast = (text: string): boolean => text === everything || durationPattern.test(text);

/** What the address makes no sense of is as if it were not there. */
export const readRange = (search: URLSearchParams): ChosenRange => {
  const last = search.get("last");
  if (last !== null && isLast(last)) return { last };
  const day = (name: string): string | null => {
    const text = search.get(name);
    return text !== null && isDay(text) ? text : null;
  };
  const dates: Dates = { from: day("from"), to: day("to") };
  if (dates.from === null && dates.to === null) return null;
  return dates.from !== null && dates.to !== null && dates.from > dates.to ? null : dates;
};

/**
 * The address with another range. Tables begin at their first page again, since their rows are
 * others.
 */
export const withRange = (search: URLSearchParams, range: ChosenRange): URLSearchParams => {
  if (JSON.stringify(readRange(search)) === JSON.stringify(range))
    return new URLSearchParams(search);
  const next = new URLSearchParams(
    [...search].filter(
      ([name]) => !["last", "from", "to"].includes(name) && !name.startsWith("page."),
    ),
  );
  if (range === null) return next;
  if ("last" in range) next.set("last", range.last);
  else {
    if (range.from !== null) next.set("from", range.from);
    if (range.to !== null) next.set("to", range.to);
  }
  return next;
};

export type RangeQuery = { readonly last?: string; readonly from?: string; readonly to?: string };

/** What the API is asked for. */
export const queryOfRange = (range: ChosenRange): RangeQuery => {
  if (range === null) return {};
  if ("last" in range) return { last: range.last };
  return {
    ...(range.from !== null && { from: range.from }),
    ...(range.to !== null && range.to !== lastDay && { to: dayAfter(range.to) }),
  };
};

const unitNames: Readonly<Record<string, string>> = {
  Y: "year",
  M: "month",
  W: "week",
  D: "day",
  H: "hour",
  minute: "minute",
};

const partsOf = (duration: string): { readonly count: number; readonly unit: string } | null => {
  const found = durationPattern.exec(duration);
  if (!found) return null;
  const [, count, unit, timeCount, timeUnit] = found;
  return count !== undefined
    ? { count: Number(count), unit: unit ?? "" }
    : { count: Number(timeCount), unit: timeUnit === "M" ? "minute" : (timeUnit ?? "") };
};

/** `P30D` is "Last 30 days". */
export const labelOfLast = (last: string): string => {
  const parts = partsOf(last);
  if (!parts) return "All time";
  const unit = unitNames[parts.unit] ?? "";
  return parts.count === 1 ? `Last ${unit}` : `Last ${parts.count} ${unit}s`;
};

const formatDay = (day: string, locale: string | undefined): string =>
  dateFormat(locale, { dateStyle: "medium", timeZone: "UTC" }).format(Date.parse(day));

/** @param sectionLast the section's own range, which applies where none is chosen */
export const labelOfRange = (
  range: ChosenRange,
  sectionLast: string | null,
  locale?: string,
): string => {
  if (range === null) return labelOfLast(sectionLast ?? everything);
  if ("last" in range) return labelOfLast(range.last);
  if (range.from !== null && range.to !== null)
    return range.from === range.to
      ? formatDay(range.from, locale)
      : `${formatDay(range.from, locale)} – ${formatDay(range.to, locale)}`;
  return range.from !== null
    ? `Since ${formatDay(range.from, locale)}`
    : `Until ${formatDay(range.to ?? "", locale)}`;
};

const daysPerUnit: Readonly<Record<string, number>> = {
  Y: 365.25,
  M: 30.44,
  W: 7,
  D: 1,
  H: 1 / 24,
  minute: 1 / 1440,
};
const daysOf = (last: string): number => {
  const parts = partsOf(last);
  return parts ? parts.count * (daysPerUnit[parts.unit] ?? 0) : Infinity;
};

const usualLasts = ["P7D", "P30D", "P90D", "P12M", "P5Y", "P10Y", "P25Y"];
const mostPresets = 4;

/**
 * The ranges to offer: those that show something but not everything there is, at most four, the
 * section's own among them, and all time. Shortest first.
 */
export const presetsFor = (
  bounds: { readonly from: string; readonly to: string },
  sectionLast: string | null,
): readonly string[] => {
  const spanDays = (Date.parse(bounds.to) - Date.parse(bounds.from)) / millisecondsPerDay + 1;
  const usual = usualLasts
    .filter((last) => daysOf(last) < spanDays && daysOf(last) !== daysOf(sectionLast ?? ""))
    .slice(-(mostPresets - (sectionLast === null ? 0 : 1)));
  return [...usual, ...(sectionLast === null ? [] : [sectionLast])]
    .toSorted((one, other) => daysOf(one) - daysOf(other))
    .concat(everything);
};

/** Why two dates are no range, for the field it is about. Null where they are one. */
export const problemOfDates = ({
  from,
  to,
}: Dates): { readonly field: "from" | "to"; readonly text: string } | null => {
  if (from === null && to === null)
    return { field: "from", text: "Choose at least one of the two dates." };
  if (from !== null && !isDay(from)) return { field: "from", text: "This is not a date." };
  if (to !== null && !isDay(to)) return { field: "to", text: "This is not a date." };
  if (from !== null && to !== null && from > to)
    return { field: "to", text: "The last day is before the first." };
  return null;
};
