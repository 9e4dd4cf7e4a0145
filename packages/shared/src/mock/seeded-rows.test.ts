import { describe, expect, it, vi } from "vitest";
import { readSampleSections, sampleDatasets } from "../sample/sample.ts";
import { decideImport, decodeValue, encodeValue } from "../core/core.ts";
import { seededRows } from "./seeded-rows.ts";

const recordsOf = (name: string, seed = 1): Record<string, unknown>[] => {
  const columns = sampleDatasets.find((dataset) => dataset.name === name)?.columns ?? [];
  return seededRows(seed, name).map((row) =>
    Object.fromEntries(columns.map((column, index) => [column.name, row[index]])),
  );
};

describe.each(sampleDatasets)("the rows made up for $name", ({ name, columns }) => {
  it("are the same for the same seed, and others for another", async () => {
    vi.resetModules();
    const madeAgain = (await import("./seeded-rows.ts")).seededRows(7, name);
    expect(madeAgain).not.toBe(seededRows(7, name));
    expect(madeAgain).toEqual(seededRows(7, name));
    expect(JSON.stringify(seededRows(8, name))).not.toBe(JSON.stringify(seededRows(7, name)));
  });

  it("fill every column with values that it can hold", () => {
    const rows = seededRows(1, name);
    expect(rows.length).toBeGreaterThan(20);
    expect(rows.length).toBeLessThan(6_000);
    const wrong = rows.flatMap((row, line) =>
      columns.flatMap((column, index) => {
        const stored = row[index];
        const isFine =
          row.length === columns.length &&
          stored !== undefined &&
          (stored === null || encodeValue(column.type, decodeValue(column.type, stored)).ok);
        return isFine ? [] : [[line, column.name, stored]];
      }),
    );
    expect(wrong).toEqual([]);
    for (const [index, column] of columns.entries())
      expect([
        column.name,
        rows.filter((row) => row[index] !== null).length > rows.length / 2,
      ]).toEqual([column.name, true]);
  });
});

describe("datasets that tell of the same thing", () => {
  it("agree: the industries together are all who are employed", () => {
    const together = Map.groupBy(recordsOf("us-employment-by-industry"), ({ month }) => month);
    for (const { month, employed } of recordsOf("us-employment"))
      expect([
        month,
        together.get(month)?.reduce((sum, row) => sum + Number(row["employed"]), 0),
      ]).toEqual([month, employed]);
  });

  it("agree: a year ends with its last day", () => {
    const days = recordsOf("sp500");
    for (const { year, close } of recordsOf("sp500-years"))
      expect(
        days.findLast(({ day }) => String(day).slice(0, 4) === String(year).slice(0, 4))?.["close"],
      ).toBe(close);
  });
});

describe("what the sections say in words", () => {
  it("is so in what is made up: flights are later in the evening, and least on Saturdays", () => {
    const shareOf = (rows: readonly Record<string, unknown>[]): number =>
      rows.reduce((sum, { late }) => sum + Number(late), 0) / rows.length;
    const flights = recordsOf("flights");
    const [early, late] = [
      flights.filter(({ hour }) => String(hour) === "06:00"),
      flights.filter(({ hour }) => String(hour) >= "21:00"),
    ];
    expect(shareOf(late)).toBeGreaterThan(1.8 * shareOf(early));
    const byDay = [...Map.groupBy(recordsOf("flights-by-airport"), ({ weekday }) => weekday)].map(
      ([weekday, rows]) => ({ weekday, share: shareOf(rows) }),
    );
    expect(byDay.toSorted((one, other) => one.share - other.share)[0]?.weekday).toBe("Sat");
  });

  it("is so for the countries that they name", () => {
    const countries = new Set(recordsOf("gapminder").map(({ country }) => country));
    expect(countries.size).toBe(62);
    const named = readSampleSections().flatMap(({ panels }) =>
      panels.flatMap((panel) =>
        "query" in panel &&
        panel.query.filter &&
        "values" in panel.query.filter &&
        panel.query.filter.column === "country"
          ? panel.query.filter.values
          : [],
      ),
    );
    expect(named.length).toBeGreaterThan(0);
    for (const country of named) expect([country, countries.has(country)]).toEqual([country, true]);
  });
});

it("fits what the sample's sections ask of it, as an import of them finds", () => {
  const datasets = new Map(
    sampleDatasets.map(({ name, columns }) => [name, { name, columns, timeBounds: {} }]),
  );
  const decision = decideImport(
    readSampleSections(),
    { sections: new Map(), datasets, grantCounts: new Map(), lastPosition: 0 },
    { newId: (prefix) => `${prefix}_1`, at: 0 },
  );
  expect(decision).toMatchObject({ ok: true });
});
