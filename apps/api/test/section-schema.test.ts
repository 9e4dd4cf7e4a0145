/**
 * The published JSON Schema says of a file what an import says of it, as far as JSON Schema can say
 * it.
 */
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aggregates, chartTypes, sectionDefinition, timeUnits } from "@sallyport/shared/contract";
import { createOpenApiDocument } from "@sallyport/shared/openapi";
import { definitionOf } from "@sallyport/shared/core";
import { createSectionSchema } from "@sallyport/shared/section-schema";

const schema = createSectionSchema("https://example.com/schemas/section.json");
const validate = new Ajv2020({
  strict: true,
  allowUnionTypes: true,
  validateFormats: false,
}).compile(schema);

const name = fc.constantFrom("day", "shop", "visits", "the column's name", "å");
const label = fc.constantFrom("Visits", "Day");
/** Members that may be left out. */
const optional = (members: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<object> =>
  fc.record(members, { requiredKeys: [] });
const merge = (...parts: fc.Arbitrary<object>[]): fc.Arbitrary<object> =>
  fc.tuple(...parts).map((all) => Object.assign({}, ...all) as object);

const format = optional({
  digits: fc.integer({ min: 0, max: 6 }),
  style: fc.constantFrom("plain", "compact", "percent"),
});
const value = fc.oneof(
  fc.string({ maxLength: 20 }).filter((text) => !text.includes("\0")),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
);
const duration = fc.constantFrom("P30D", "PT6H", "P1Y", "P12M");
const condition = fc.oneof(
  fc.record({
    column: name,
    is: fc.constantFrom("equal", "notEqual", "less", "atMost", "greater", "atLeast", "contains"),
    value,
  }),
  fc.record({
    column: name,
    is: fc.constant("in"),
    values: fc.array(value, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ column: name, is: fc.constantFrom("null", "notNull") }),
  fc.record({ column: name, is: fc.constant("last"), duration }),
);
const { filter } = fc.letrec((tie) => ({
  filter: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    condition,
    fc.record({ and: fc.array(tie("filter"), { minLength: 1, maxLength: 3 }) }),
    fc.record({ or: fc.array(tie("filter"), { minLength: 1, maxLength: 3 }) }),
  ),
}));
const selection = fc.oneof(
  merge(fc.record({ column: name }), optional({ label, format })),
  merge(
    fc.record({ bucket: fc.constantFrom(...timeUnits), column: name }),
    optional({ name, label }),
  ),
  merge(
    fc.record({ aggregate: fc.constantFrom(...aggregates), name }),
    optional({
      column: name,
      percentile: fc.integer({ min: 0, max: 100 }),
      label,
      unit: fc.constantFrom("EUR", "°C"),
      format,
    }),
  ),
);
const query = merge(
  fc.record({
    dataset: fc.constantFrom("shops", "us-employment", "a_b"),
    select: fc.array(selection, { minLength: 1, maxLength: 4 }),
  }),
  optional({
    filter,
    orderBy: fc.array(fc.record({ name, direction: fc.constantFrom("ascending", "descending") }), {
      maxLength: 2,
    }),
    limit: fc.integer({ min: 1, max: 10_000 }),
    top: merge(
      fc.record({ column: name, by: name, count: fc.integer({ min: 1, max: 50 }) }),
      optional({ others: label }),
    ),
    timeColumn: name,
    timeZone: fc.constantFrom("Europe/Paris", "UTC"),
    last: duration,
    relativeTo: fc.constantFrom("now", "latest"),
    compare: fc.constant("previousPeriod"),
  }),
);
const base = merge(
  fc.record({ title: fc.constantFrom("A", "Visits"), width: fc.integer({ min: 1, max: 12 }) }),
  optional({ description: fc.string({ maxLength: 20 }) }),
);
const chart = merge(
  fc.record({
    type: fc.constantFrom(...chartTypes),
    x: name,
    y: fc.array(name, { minLength: 1, maxLength: 3 }),
  }),
  optional({ series: name, stacked: fc.boolean(), horizontal: fc.boolean() }),
);
const panel = fc.oneof(
  merge(
    base,
    fc.record({ kind: fc.constant("metric"), query }),
    optional({ trend: query, good: fc.constantFrom("up", "down") }),
  ),
  merge(base, fc.record({ kind: fc.constant("chart"), query, chart })),
  merge(
    base,
    fc.record({ kind: fc.constant("table"), query }),
    optional({ pageSize: fc.integer({ min: 5, max: 100 }) }),
  ),
  merge(base, fc.record({ kind: fc.constant("markdown"), text: fc.string({ maxLength: 50 }) })),
  merge(
    base,
    fc.record({
      kind: fc.constant("embed"),
      url: fc.constantFrom("https://example.com/a?b#c", "http://localhost:3000"),
      height: fc.integer({ min: 100, max: 2_000 }),
    }),
  ),
);
const section = merge(
  fc.record({
    slug: fc.constantFrom("shops", "a-1"),
    title: fc.constantFrom("Shops", "å"),
    panels: fc.array(panel, { maxLength: 4 }),
  }),
  optional({
    $schema: fc.constant("https://example.com/schemas/section.json"),
    description: fc.string({ maxLength: 50 }),
    icon: fc.constantFrom("plane", "chart-line"),
    position: fc.integer({ min: 0, max: 1_000_000 }),
    visibility: fc.constantFrom("restricted", "public"),
    refreshSeconds: fc.integer({ min: 5, max: 86_400 }),
    last: duration,
  }),
);

/** What stands in place of a value, somewhere in a file. */
const disturbances: readonly unknown[] = [
  null,
  "",
  "x",
  "Shops!",
  "\0",
  0,
  1,
  -1,
  1.5,
  13,
  1e9,
  true,
  [],
  {},
  ["day"],
  [{ column: "day" }],
  { column: "day" },
  "https://example.com",
  "javascript:alert(1)",
  "P0D",
  "equal",
];
type Place = readonly (string | number)[];
const placesIn = (value: unknown, base: Place = []): Place[] => [
  base,
  ...(typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([key, inner]) =>
        placesIn(inner, [...base, Array.isArray(value) ? Number(key) : key]),
      )
    : []),
];
/** Changes the value at a place, adds a member to it, or removes it. */
const disturb = (
  file: unknown,
  place: Place,
  how: "replace" | "add" | "remove",
  value: unknown,
): unknown => {
  const copy = structuredClone({ root: file });
  const path = ["root", ...place];
  const holder = path
    .slice(0, -1)
    .reduce<unknown>((inner, step) => (inner as Record<string, unknown>)[step], copy) as Record<
    string,
    unknown
  >;
  const last = path.at(-1) as string;
  if (how === "remove") {
    if (Array.isArray(holder)) holder.splice(Number(last), 1);
    else delete holder[last];
  } else if (how === "replace") holder[last] = value;
  else if (
    typeof holder[last] === "object" &&
    holder[last] !== null &&
    !Array.isArray(holder[last])
  )
    Object.assign(holder[last], { extra: value });
  return copy.root;
};

/**
 * What only an import knows: time zones are not in the schema, and an address has to be more than a
 * beginning.
 */
const isBeyondJsonSchema = (file: unknown): boolean => {
  const { error } = sectionDefinition.safeParse(file);
  return (
    error !== undefined &&
    JSON.stringify(error.issues).match(/IANA time zone|an http or https address/) !== null
  );
};

/**
 * The schemas that the API's own document gives of a section as a file: what is sent, and what is
 * answered.
 */
const [sent, answered] = (() => {
  const document = createOpenApiDocument({
    serverUrl: "https://api.example.com",
    version: "1",
    accessCookie: "access",
    refreshCookie: "refresh",
  });
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema(document, "openapi");
  const under = (...path: string[]) =>
    ajv.compile({
      $ref: `openapi#/${path.map((part) => part.replaceAll("~", "~0").replaceAll("/", "~1")).join("/")}`,
    });
  const ofFiles = ["paths", "/sections/{slug}/definition"];
  const content = ["content", "application/json", "schema"];
  return [
    under(...ofFiles, "put", "requestBody", ...content),
    under(...ofFiles, "get", "responses", "200", ...content),
  ];
})();

describe("the published JSON Schema", () => {
  it("is draft 2020-12, and holds nothing that the draft does not know", () => {
    expect(schema["$schema"]).toBe("https://json-schema.org/draft/2020-12/schema");
    expect(
      new Ajv2020({ strict: true, allowUnionTypes: true, validateFormats: false }).validateSchema(
        schema,
      ),
    ).toBe(true);
  });

  it("accepts every file that can be imported", { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(section, (file) => {
        expect(sectionDefinition.safeParse(file).error?.issues).toBeUndefined();
        validate(file);
        expect(validate.errors).toBeNull();
      }),
      { seed: 20261122, numRuns: 500 },
    );
  });

  it.each([
    ["https://example.com/@name?to=a@b#c@d", true],
    ["http://localhost:3000", true],
    ["https://mica:secret@example.com/", false],
    ["https://mica@example.com", false],
    ["https://@example.com", false],
    ["https:/mica:secret@example.com", false],
    ["https:///mica:secret@example.com", false],
  ])("of %s in a frame says %s, as an import does", (url, accepted) => {
    const panel = { kind: "embed", title: "Elsewhere", width: 12, url, height: 300 };
    const file = { slug: "a", title: "A", panels: [panel] };
    expect([validate(file), sectionDefinition.safeParse(file).success]).toEqual([
      accepted,
      accepted,
    ]);
  });

  it(
    "accepts every definition that the API answers, and so does the API's document",
    { timeout: 60_000 },
    () => {
      fc.assert(
        fc.property(section, (file) => {
          const { panels, ...settings } = sectionDefinition.parse(file);
          const answer = {
            $schema: "https://api.example.com/schemas/section.json",
            ...definitionOf({
              section: {
                ...settings,
                id: "sec_1",
                position: settings.position ?? 1,
                refreshSeconds: settings.refreshSeconds ?? null,
                last: settings.last ?? null,
                version: 1,
              },
              panels: panels.map((definition, index) => ({ id: `pan_${index}`, definition })),
            }),
          };
          for (const accepts of [validate, sent, answered]) {
            accepts(answer);
            expect(accepts.errors).toBeNull();
          }
          expect(sectionDefinition.safeParse(answer).success).toBe(true);
          // A later version may say more of each panel, and nobody's client breaks by it.
          const more = { ...answer, panels: answer.panels.map((panel) => ({ ...panel, more: 1 })) };
          expect([answered(more), answer.panels.length > 0 && sent(more)]).toEqual([true, false]);
        }),
        { seed: 20261122, numRuns: 300 },
      );
    },
  );

  it(
    "refuses what an import refuses, wherever a file is disturbed, and nothing else",
    { timeout: 60_000 },
    () => {
      let refused = 0;
      fc.assert(
        fc.property(
          section,
          fc.nat(),
          fc.constantFrom("replace", "add", "remove"),
          fc.constantFrom(...disturbances),
          (file, where, how, value) => {
            const places = placesIn(file);
            const disturbed = disturb(file, places[where % places.length] ?? [], how, value);
            const accepted = sectionDefinition.safeParse(disturbed).success;
            if (!accepted) refused += 1;
            if (accepted || !isBeyondJsonSchema(disturbed))
              expect([validate(disturbed), disturbed]).toEqual([accepted, disturbed]);
          },
        ),
        { seed: 20261122, numRuns: 2_000 },
      );
      expect(refused).toBeGreaterThan(500);
    },
  );
});
