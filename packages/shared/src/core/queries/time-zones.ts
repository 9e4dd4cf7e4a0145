/**
 * When the clocks of a time zone were changed, asked of the ICU data that the runtime carries.
 * Before 1900 and after 2100 each zone keeps the offset it has there, here as in the SQL that is
 * made from it.
 */

export interface Transition {
  /** From this instant on … */
  readonly at: number;
  /** … local clocks are that many milliseconds ahead of UTC. */
  readonly offset: number;
}

export interface TimeZone {
  /** By how many milliseconds local clocks are ahead of UTC at an instant. */
  offsetAt(instant: number): number;
  /** The changes with after < at ≤ until, in order. */
  transitionsBetween(after: number, until: number): readonly Transition[];
  /**
   * The instant at which local clocks show a time, given as if it were UTC: the first where they
   * show it twice, and where they skip it, the instant of the skip.
   */
  instantOf(local: number): number;
}

const firstInstant = Date.UTC(1900, 0, 1);
const lastInstant = Date.UTC(2100, 0, 1);
const second = 1_000;
const hour = 3_600_000;
const week = 168 * hour;
/** No two clocks on Earth have ever been further apart than this. */
const widestOffset = 26 * hour;

const utc: TimeZone = {
  offsetAt: () => 0,
  transitionsBetween: () => [],
  instantOf: (local) => local,
};

const createTimeZone = (name: string): TimeZone => {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: name,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  /** Of a whole second between the first and the last instant. */
  const readOffset = (instant: number): number => {
    // As 01/31/2026, 09:30:00.
    const text = format.format(instant);
    const part = (from: number, to: number): number => Number(text.slice(from, to));
    return (
      Date.UTC(part(6, 10), part(0, 2) - 1, part(3, 5), part(12, 14), part(15, 17), part(18, 20)) -
      instant
    );
  };

  interface Year {
    readonly offset: number;
    readonly transitions: readonly Transition[];
  }
  const years = new Map<number, Year>();
  const readYear = (year: number): Year => {
    const known = years.get(year);
    if (known !== undefined) return known;
    const start = Date.UTC(year, 0, 1);
    const end = Date.UTC(year + 1, 0, 1);
    const offset = readOffset(start);
    const transitions: Transition[] = [];
    // Clocks that were changed have stayed so for more than a week, always.
    for (let from = start, before = offset; from < end; from += week) {
      const to = Math.min(from + week, end);
      const after = readOffset(to);
      if (after === before) continue;
      let [last, first] = [from, to];
      while (first - last > second) {
        const middle = Math.floor((last + first) / 2 / second) * second;
        if (readOffset(middle) === before) last = middle;
        else first = middle;
      }
      transitions.push({ at: first, offset: after });
      before = after;
    }
    const found = { offset, transitions };
    years.set(year, found);
    return found;
  };

  const yearOf = (instant: number): number =>
    new Date(Math.min(Math.max(instant, firstInstant), lastInstant - 1)).getUTCFullYear();

  const offsetAt = (instant: number): number => {
    const { offset, transitions } = readYear(yearOf(instant));
    return transitions.findLast(({ at }) => at <= instant)?.offset ?? offset;
  };

  const transitionsBetween = (after: number, until: number): Transition[] => {
    const found: Transition[] = [];
    for (let year = yearOf(after); year <= yearOf(until); year += 1)
      for (const transition of readYear(year).transitions)
        if (transition.at > after && transition.at <= until) found.push(transition);
    return found;
  };

  return {
    offsetAt,
    transitionsBetween,
    instantOf: (local) => {
      const nearby = transitionsBetween(local - widestOffset, local + widestOffset);
      const first = offsetAt(local - widestOffset);
      const instants = [first, ...nearby.map(({ offset }) => offset)]
        .map((offset) => ({ instant: local - offset, offset }))
        .filter(({ instant, offset }) => offsetAt(instant) === offset);
      if (instants.length > 0) return Math.min(...instants.map(({ instant }) => instant));
      return nearby.find(({ at, offset }) => local < at + offset)?.at ?? local - first;
    },
  };
};

const zones = new Map<string, TimeZone>([["UTC", utc]]);

/** @param name an IANA time zone that has passed the schema `timeZone` */
export const timeZoneOf = (name: string): TimeZone => {
  const known = zones.get(name);
  if (known !== undefined) return known;
  const zone = createTimeZone(name);
  zones.set(name, zone);
  return zone;
};
