/** Moments and spans of time in words. Every page needs them, and not what numbers need. */
import type { Place } from "./formats.ts";
import { dateFormat } from "./reader.ts";

/** `45` is "45 seconds", `90` is "2 minutes": never less than the time itself. */
export const formatDuration = (seconds: number): string => {
  const whole = Math.max(1, Math.ceil(seconds));
  const [count, unit] =
    whole < 90
      ? [whole, "second"]
      : whole < 5400
        ? [Math.ceil(whole / 60), "minute"]
        : [Math.ceil(whole / 3600), "hour"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
};

/**
 * A time of day, and whose: beside data in UTC a time without its zone would be taken for one in
 * UTC.
 */
export const formatTime = (
  time: Date | number,
  { locale, timeZone }: Place = {},
  withSeconds = false,
): string =>
  dateFormat(locale, {
    hour: "numeric",
    minute: "2-digit",
    ...(withSeconds && { second: "2-digit" }),
    timeZoneName: "short",
    ...(timeZone && { timeZone }),
  }).format(time);

export const formatDateTime = (time: Date, { locale, timeZone }: Place = {}): string =>
  dateFormat(locale, {
    year: "numeric",
    month: "long",
    day: "numeric",
    hour: "numeric",
    minute: "2-digit",
    timeZoneName: "short",
    ...(timeZone && { timeZone }),
  }).format(time);
