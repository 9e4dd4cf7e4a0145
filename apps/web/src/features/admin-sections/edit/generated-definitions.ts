/** Definitions made up from seeds, for tests: every member that a file may have, in any mixture. */
import type {
  Condition,
  Filter,
  NumberFormat,
  PanelDefinition,
  Query,
  SectionDefinition,
  Selection,
} from "@sallyport/shared/contract";

/** Mulberry32: the same numbers for the same seed. */
const chanceOf = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

export const generateDefinition = (seed: number): SectionDefinition => {
  const chance = chanceOf(seed);
  const pick = <T>(of: readonly T[]): T => of[Math.floor(chance() * of.length)] as T;
  const count = (least: number, most: number): number =>
    least + Math.floor(chance() * (most - least + 1));
  const many = <T>(least: number, most: number, make: () => T): T[] =>
    Array.from({ length: count(least, most) }, make);
  const maybe = <T extends object>(make: () => T): T | object => (chance() < 0.5 ? make() : {});
  const name = (): string => pick(["a", "b c", "größe", "x.y", "constructor", "日付", "/~1"]);
  const value = (): string | number | boolean => pick(["", " 5 ", "ü", 0, -1.5, 1e21, true, false]);
  const duration = (): string => pick(["P1Y", "P12M", "P3W", "P30D", "PT6H", "PT15M"]);
  const unit = () => pick(["minute", "hour", "day", "week", "month", "quarter", "year"] as const);
  const format = (): NumberFormat =>
    pick([{}, { style: "code" }, { style: "percent", digits: 1 }, { digits: 0 }]);
  const selection = (): Selection =>
    pick<() => Selection>([
      () => ({
        column: name(),
        ...maybe(() => ({ label: name() })),
        ...maybe(() => ({ format: format() })),
      }),
      () => ({ bucket: unit(), column: name(), ...maybe(() => ({ name: name(), label: name() })) }),
      () => ({
        aggregate: pick(["sum", "average", "count", "percentile"] as const),
        name: name(),
        ...maybe(() => ({ column: name(), percentile: 99.5, unit: "USD" })),
        ...maybe(() => ({ label: name(), format: format() })),
      }),
    ])();
  const condition = (): Condition =>
    pick<() => Condition>([
      () => ({
        column: name(),
        is: pick(["equal", "notEqual", "atLeast", "contains"] as const),
        value: value(),
      }),
      () => ({ column: name(), is: "in", values: many(1, 4, value) }),
      () => ({ column: name(), is: pick(["null", "notNull"] as const) }),
      () => ({ column: name(), is: "last", duration: duration() }),
    ])();
  const filter = (levels: number): Filter =>
    levels === 0 || chance() < 0.4
      ? condition()
      : chance() < 0.5
        ? { and: many(1, 3, () => filter(levels - 1)) }
        : { or: many(1, 3, () => filter(levels - 1)) };
  const query = (): Query => ({
    dataset: pick(["orders", "flights-2", "x_y"]),
    select: many(1, 4, selection),
    ...maybe(() => ({ filter: filter(4) })),
    ...maybe(() => ({
      orderBy: many(0, 3, () => ({
        name: name(),
        direction: pick(["ascending", "descending"] as const),
      })),
    })),
    ...maybe(() => ({ limit: count(1, 10_000) })),
    ...maybe(() => ({
      top: {
        column: name(),
        by: name(),
        count: count(1, 50),
        ...maybe(() => ({ others: name() })),
      },
    })),
    ...maybe(() => ({ timeColumn: name(), timeZone: "Europe/Paris" })),
    ...maybe(() => ({ last: duration(), relativeTo: pick(["now", "latest"] as const) })),
    ...maybe(() => ({ compare: "previousPeriod" as const })),
  });
  const panel = (): PanelDefinition => {
    const base = {
      title: name(),
      width: count(1, 12),
      ...maybe(() => ({ description: pick(["", name()]) })),
    };
    return pick<() => PanelDefinition>([
      () => ({
        kind: "metric",
        ...base,
        query: query(),
        ...maybe(() => ({ trend: query() })),
        ...maybe(() => ({ good: pick(["up", "down"] as const) })),
      }),
      () => ({
        kind: "chart",
        ...base,
        query: query(),
        chart: {
          type: pick(["line", "area", "bar", "share"] as const),
          x: name(),
          y: many(1, 3, name),
          ...maybe(() => ({ series: name() })),
          ...maybe(() => ({ stacked: chance() < 0.5, horizontal: chance() < 0.5 })),
        },
      }),
      () => ({
        kind: "table",
        ...base,
        query: query(),
        ...maybe(() => ({ pageSize: count(5, 100) })),
      }),
      () => ({ kind: "markdown", ...base, text: pick(["", "# Title\n\n- a", "<b>"]) }),
      () => ({ kind: "embed", ...base, url: "https://status.example.com/?a=b", height: 400 }),
    ])();
  };
  return {
    ...maybe(() => ({ $schema: "http://localhost:4000/schemas/section.json" })),
    slug: pick(["marketing", "a-1"]),
    title: name(),
    description: pick(["", name()]),
    icon: pick(["map", "made-up-name"]),
    visibility: pick(["restricted", "public"] as const),
    ...maybe(() => ({ position: count(0, 1_000_000) })),
    ...maybe(() => ({ refreshSeconds: count(5, 86_400), last: duration() })),
    panels: many(0, 8, panel),
  };
};
