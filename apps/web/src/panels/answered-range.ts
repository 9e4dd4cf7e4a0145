/**
 * The range of time that was answered, in words: what a panel shows, whatever was asked for. Pure:
 * language is passed in or the browser's.
 */
import { labelOfLast, labelOfRange, everything, type ChosenRange } from "./time-range.ts";
import { dateFormat } from "../ui/reader.ts";

/** As the API has it: from ≤ time < to, dates of a column of dates, instants otherwise. */
export type AnsweredRange = { readonly from: string | null; readonly to: string | null };

interface Answer {
  readonly range?: AnsweredRange | undefined;
  /** Of the days and hours of the range; UTC without it. */
  readonly timeZone?: string;
}

export const allTime = "All time";

const isDate = (text: string): boolean => /^\d{4}-\d\d-\d\d$/.test(text);

/**
 * A day or an instant as milliseconds; null where there is no such bound. Years before and after
 * those of a calendar bound nothing.
 */
const atOf = (text: string | null): number | null => {
  if (text === null) return null;
  const at = Date.parse(text);
  const year = new Date(at).getUTCFullYear();
  return Number.isNaN(at) || year < 1 || year > 9_999 ? null : at;
};

interface Local {
  readonly month: number;
  readonly day: number;
  readonly minutes: number;
}

const localOf = (at: number, timeZone: string): Local => {
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat("en-GB", {
      timeZone,
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
      hourCycle: "h23",
    })
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  return {
    month: parts["month"] ?? 1,
    day: parts["day"] ?? 1,
    minutes: (parts["hour"] ?? 0) * 60 + (parts["minute"] ?? 0) + (parts["second"] ?? 0) / 60,
  };
};

/**
 * `2001 – 2010`, `Jan – Mar 2001`, `3 Jan 2001 – 9 Feb 2001`; with times of day and their zone only
 * where the bounds have any.
 */
export const labelOfAnswered = ({ range, timeZone }: Answer, locale?: string): string => {
  const [from, to] = [atOf(range?.from ?? null), atOf(range?.to ?? null)];
  if (from === null && to === null) return allTime;
  const zone = [range?.from, range?.to].every((text) => !text || isDate(text))
    ? "UTC"
    : (timeZone ?? "UTC");
  const bounds = [from, to].flatMap((at) => (at === null ? [] : [localOf(at, zone)]));
  const inDays = bounds.every(({ minutes }) => minutes === 0);
  const both = from !== null && to !== null;
  const inMonths = both && inDays && bounds.every(({ day }) => day === 1);
  const inYears = inMonths && bounds.every(({ month }) => month === 1);
  const format = dateFormat(locale, {
    timeZone: zone,
    year: "numeric",
    ...(!inYears && { month: "short" }),
    ...(!inMonths && { day: "numeric" }),
    ...(!inDays && { hour: "numeric", minute: "2-digit", timeZoneName: "short" }),
  });
  // Of days, the last one that is shown is named; of hours, their end.
  const end = to === null ? null : inDays ? to - 1 : to;
  if (from === null) return `Until ${format.format(end ?? undefined)}`;
  return end === null ? `Since ${format.format(from)}` : format.formatRange(from, end);
};

/** `2010-01-01-to-2010-12-31`, for the name of a file. */
export const rangeInFileName = ({ range, timeZone }: Answer): string => {
  const [from, to] = [atOf(range?.from ?? null), atOf(range?.to ?? null)];
  const dayOf = (at: number, text: string | null | undefined): string =>
    new Intl.DateTimeFormat("en-CA", {
      timeZone: text && isDate(text) ? "UTC" : (timeZone ?? "UTC"),
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
    }).format(at);
  if (from === null && to === null) return "all time";
  const [first, last] = [
    from === null ? null : dayOf(from, range?.from),
    to === null ? null : dayOf(to - 1, range?.to),
  ];
  if (first === null) return `until ${last ?? ""}`;
  return last === null ? `since ${first}` : `${first} to ${last}`;
};

interface PanelOfRange {
  readonly followsRange: boolean;
  readonly last?: string;
  readonly data?: Answer;
}

/**
 * What the section shows where nobody has chosen: one range for all panels, or null where they have
 * different ones.
 */
export const ownRangeOf = (
  panels: readonly object[],
  sectionLast: string | null,
): string | null => {
  const own = new Set(
    panels.flatMap((panel) => {
      const { followsRange, last } = panel as Partial<PanelOfRange>;
      return followsRange === true ? [last ?? sectionLast ?? everything] : [];
    }),
  );
  const [first = sectionLast ?? everything] = own;
  return own.size > 1 ? null : first;
};

export interface PageRange {
  /** What was asked for, in words. */
  readonly label: string;
  /**
   * What all of the panels have answered, in words; null where they differ, so that each has to say
   * its own.
   */
  readonly answered: string | null;
  /** Whether the range of time leaves anything out. */
  readonly isNarrowed: boolean;
}

export const eachItsOwn = "Each panel’s own time";

export const pageRangeOf = (
  panels: readonly object[],
  range: ChosenRange,
  sectionLast: string | null,
  locale?: string,
): PageRange => {
  const own = ownRangeOf(panels, sectionLast);
  const answers = panels.flatMap((panel) => {
    const { followsRange, data } = panel as Partial<PanelOfRange>;
    return followsRange === true && data ? [data] : [];
  });
  const labels = new Set(answers.map((data) => labelOfAnswered(data, locale)));
  const [only = null] = labels;
  return {
    label:
      range === null
        ? own === null
          ? eachItsOwn
          : labelOfLast(own)
        : labelOfRange(range, sectionLast, locale),
    answered: labels.size === 1 ? only : null,
    isNarrowed: answers.some((data) => labelOfAnswered(data, locale) !== allTime),
  };
};
