/** Ends of grants, as days of whoever looks: somebody may see a section up to the end of a day. */

const pad = (value: number): string => String(value).padStart(2, "0");
const dayOf = (time: Date): string =>
  `${String(time.getFullYear()).padStart(4, "0")}-${pad(time.getMonth() + 1)}-${pad(time.getDate())}`;

/**
 * The moment at which this day is over, to the second, as the API takes it; null for no day, and
 * for one that has passed already.
 */
export const endOfDay = (day: string, now: Date): string | null => {
  if (!/^\d{4}-\d\d-\d\d$/.test(day)) return null;
  const time = new Date(`${day}T00:00`);
  time.setDate(time.getDate() + 1);
  return Number.isNaN(time.getTime()) || time <= now
    ? null
    : time.toISOString().replace(/\.\d+Z$/, "Z");
};

/** The last day on which it is in force; empty where it does not end. */
export const lastDayOf = (expiresAt: string | null): string => {
  if (expiresAt === null) return "";
  return dayOf(new Date(Date.parse(expiresAt) - 1));
};

/** Whether both are the same moment, however it is written. */
export const isSameEnd = (one: string | null, other: string | null): boolean =>
  one === null || other === null ? one === other : Date.parse(one) === Date.parse(other);
