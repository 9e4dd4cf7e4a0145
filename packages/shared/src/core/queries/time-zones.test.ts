import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { timeZoneOf } from "./time-zones.ts";

const names = [
  "UTC",
  "Europe/Paris",
  "America/New_York",
  "Asia/Kolkata",
  "Australia/Lord_Howe",
  "Pacific/Apia",
  "Africa/Casablanca",
  "America/Sao_Paulo",
];
const at = (text: string): number => Date.parse(text);
const minute = 60_000;

/** As Intl says it, in words. */
const offsetInWords = (name: string, instant: number): string =>
  new Intl.DateTimeFormat("en", { timeZone: name, timeZoneName: "longOffset" })
    .formatToParts(instant)
    .find(({ type }) => type === "timeZoneName")?.value ?? "";
const inWords = (offset: number): string => {
  const digits = (value: number): string => String(Math.floor(value)).padStart(2, "0");
  const size = Math.abs(offset) / minute;
  return `GMT${offset < 0 ? "-" : "+"}${digits(size / 60)}:${digits(size % 60)}`;
};

describe("a time zone", () => {
  it("has the offset that Intl has, at any moment", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.integer({ min: Date.UTC(1975, 0), max: Date.UTC(2060, 0) }),
        (name, instant) => {
          expect(inWords(timeZoneOf(name).offsetAt(instant))).toBe(offsetInWords(name, instant));
        },
      ),
      { numRuns: 2_000, seed: 20_261_122 },
    );
  });

  it("changes at the very moment at which clocks are changed", () => {
    const paris = timeZoneOf("Europe/Paris");
    expect(paris.transitionsBetween(at("2026-01-01T00:00Z"), at("2026-12-31T00:00Z"))).toEqual([
      { at: at("2026-03-29T01:00Z"), offset: 120 * minute },
      { at: at("2026-10-25T01:00Z"), offset: 60 * minute },
    ]);
    expect(
      paris.transitionsBetween(at("2026-03-29T01:00Z"), at("2026-10-25T00:59:59.999Z")),
    ).toEqual([]);
    expect([
      paris.offsetAt(at("2026-03-29T00:59:59.999Z")),
      paris.offsetAt(at("2026-03-29T01:00Z")),
    ]).toEqual([60 * minute, 120 * minute]);
    expect(
      timeZoneOf("Australia/Lord_Howe").transitionsBetween(
        at("2026-01-01T00:00Z"),
        at("2026-06-01T00:00Z"),
      ),
    ).toEqual([{ at: at("2026-04-04T15:00Z"), offset: 630 * minute }]);
  });

  it("keeps its offset before 1900 and after 2100", () => {
    const paris = timeZoneOf("Europe/Paris");
    expect(paris.offsetAt(at("0001-01-01T00:00Z"))).toBe(paris.offsetAt(at("1900-01-01T00:00Z")));
    expect(paris.offsetAt(at("9999-07-01T00:00Z"))).toBe(60 * minute);
  });
});

describe("the instant of a local time", () => {
  const instantOf = (name: string, local: string): string =>
    new Date(timeZoneOf(name).instantOf(at(`${local}Z`))).toISOString();

  it("is the one at which clocks show it", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.integer({ min: Date.UTC(1975, 0), max: Date.UTC(2060, 0) }),
        (name, instant) => {
          const zone = timeZoneOf(name);
          const local = instant + zone.offsetAt(instant);
          const found = zone.instantOf(local);
          expect(found + zone.offsetAt(found)).toBe(local);
          expect(found).toBeLessThanOrEqual(instant);
        },
      ),
      { numRuns: 2_000, seed: 20_261_122 },
    );
  });

  it("is the first, where clocks show it twice", () => {
    expect(instantOf("Europe/Paris", "2026-10-25T02:30")).toBe("2026-10-25T00:30:00.000Z");
  });

  it("is that of the change, where they skip it: an hour, or a day", () => {
    expect(instantOf("Europe/Paris", "2026-03-29T02:30")).toBe("2026-03-29T01:00:00.000Z");
    expect(instantOf("Pacific/Apia", "2011-12-30T00:00")).toBe("2011-12-30T10:00:00.000Z");
    expect(instantOf("Pacific/Apia", "2011-12-31T00:00")).toBe("2011-12-30T10:00:00.000Z");
    // Midnight itself is skipped.
    expect(instantOf("America/Sao_Paulo", "2018-11-04T00:00")).toBe("2018-11-04T03:00:00.000Z");
  });
});
