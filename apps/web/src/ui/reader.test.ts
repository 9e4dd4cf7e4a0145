import { afterEach, expect, test } from "vitest";
import { dateFormat, formatCount, setReader } from "./reader.ts";

afterEach(() => setReader({}));

const noon = Date.UTC(2026, 10, 28, 12);
const at = (options: Intl.DateTimeFormatOptions = {}): string =>
  dateFormat(undefined, { dateStyle: "medium", timeStyle: "short", ...options }).format(noon);

test("numbers and dates are written as the reader has chosen, and by their clocks", () => {
  setReader({ language: "de-CH", timeZone: "Asia/Tokyo" });
  // One of two apostrophes, by the version of what browsers know of languages.
  expect(formatCount(1_234_567)).toMatch(/^1[’']234[’']567$/);
  expect(at()).toBe("28.11.2026, 21:00");
  expect(at({ timeZone: "UTC" })).toBe("28.11.2026, 12:00");
});

test("what this browser does not know is as if it had not been chosen", () => {
  const own = [at(), formatCount(1_234_567)];
  for (const language of ["tlh", "not a language"])
    for (const timeZone of ["Mars/Olympus_Mons", undefined]) {
      setReader({ language, ...(timeZone !== undefined && { timeZone }) });
      expect([at(), formatCount(1_234_567)]).toEqual(own);
    }
});
