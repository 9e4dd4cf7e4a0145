import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { contract, type ContractKey, type Endpoint } from "../../contract/contract.ts";
import type { AppError, ValidationIssue } from "./errors.ts";
import { inputPartsOf, validateInput } from "./validation-issues.ts";

const wordsOfValidators =
  /Invalid|expected|received|Too (?:big|small)|Unrecognized|match(?:ed)? pattern|undefined|NaN|\[object|schema/;

const endpoints = Object.entries(contract) as [ContractKey, Endpoint][];

const complaintsAbout = (definition: Endpoint, given: object): readonly ValidationIssue[] => {
  try {
    validateInput(
      inputPartsOf(definition),
      { params: {}, query: {}, headers: {}, body: undefined, ...given },
      {},
      z.safeParse,
    );
    return [];
  } catch (error) {
    return (error as AppError).members.errors ?? [];
  }
};

const expectPlainWords = (issues: readonly ValidationIssue[]): void => {
  for (const { pointer, detail } of issues) {
    expect(pointer).toMatch(/^\//);
    // What stands in quotation marks are values.
    expect([pointer, detail.replaceAll(/"[^"]*"|`[^`]*`/g, "…")]).toEqual([
      pointer,
      expect.not.stringMatching(wordsOfValidators) as string,
    ]);
    expect(detail).toMatch(/^[A-Z].*\.$/s);
  }
};

/**
 * Something that a schema takes, near enough for one part of it to be replaced by something wrong.
 */
const likelyValue = (schema: z.core.$ZodType, depth = 0): fc.Arbitrary<unknown> => {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const wrong = fc.oneof(
    fc.anything({ maxDepth: 1, withNullPrototype: false }),
    fc.constantFrom("", " ", "x".repeat(3_000), "\0", -1, 1.5, 1e12, null, undefined, [], {}),
  );
  const right = ((): fc.Arbitrary<unknown> => {
    if (depth > 9) return fc.constant(null);
    switch (def.type) {
      case "object":
        return fc
          .record(
            Object.fromEntries(
              Object.entries(def.shape).map(([name, inner]) => [
                name,
                likelyValue(inner, depth + 1),
              ]),
            ),
            { requiredKeys: [] },
          )
          .chain((value) =>
            fc.constantFrom(value, value, value, { ...(value as object), "no such/member": 1 }),
          );
      case "array":
        return fc.array(likelyValue(def.element, depth + 1), { maxLength: 2 });
      case "union":
        return fc.oneof(...def.options.map((option) => likelyValue(option, depth + 1)));
      case "optional":
      case "nullable":
      case "default":
      case "readonly":
        return likelyValue(def.innerType, depth);
      case "pipe":
        return likelyValue(def.in, depth);
      case "enum":
        return fc.constantFrom(...Object.values(def.entries));
      case "literal":
        return fc.constantFrom(...(def.values as unknown[]));
      case "string":
        return fc.constantFrom("a", "marketing", "P30D", "2026-01-31", "https://a.example");
      case "number":
        return fc.integer({ min: 0, max: 20 });
      case "boolean":
        return fc.boolean();
      default:
        return fc.constant(null);
    }
  })();
  return fc.oneof({ weight: 3, arbitrary: right }, { weight: 1, arbitrary: wrong });
};

describe("what is said of a wrong value", () => {
  it.each(endpoints)("is a plain sentence, whatever is sent to %s", (_, definition) => {
    let complaints = 0;
    for (const { name, schema } of inputPartsOf(definition))
      fc.assert(
        fc.property(
          schema === null
            ? fc.dictionary(fc.string(), fc.string(), { minKeys: 1, noNullPrototype: true })
            : likelyValue(schema),
          (value) => {
            const issues = complaintsAbout(definition, { [name]: value });
            complaints += issues.length;
            expectPlainWords(issues);
          },
        ),
        { numRuns: 60 },
      );
    expect(complaints).toBeGreaterThan(0);
  });

  const body = (key: ContractKey, value: unknown): readonly ValidationIssue[] =>
    complaintsAbout(contract[key], { body: value }).filter(
      ({ pointer }) => !pointer.startsWith("/params"),
    );

  it("says what is missing, what belongs there and which bound is passed", () => {
    expect(body("POST /setup", { token: 7, username: "", email: "x", password: "short" })).toEqual([
      { pointer: "/token", code: "invalid_type", detail: "This must be a text." },
      { pointer: "/username", code: "too_small", detail: "This must not be empty." },
      {
        pointer: "/username",
        code: "custom",
        detail:
          "This must be letters, digits, dots, underscores and hyphens, and start with a letter or a digit.",
      },
      { pointer: "/displayName", code: "invalid_type", detail: "This is required." },
      { pointer: "/email", code: "invalid_format", detail: "This must be an e-mail address." },
      {
        pointer: "/password",
        code: "custom",
        detail: "This must have at least 15 characters.",
      },
    ]);
    expect(body("POST /login", { delivery: "post", username: "x".repeat(65) })).toEqual([
      {
        pointer: "/username",
        code: "too_big",
        detail: "This may have at most 64 characters.",
      },
      {
        pointer: "/delivery",
        code: "invalid_value",
        detail: 'This must be one of "cookie" or "body".',
      },
    ]);
    expect(
      body("PUT /sections/:slug/definition", {
        slug: "a",
        title: "A",
        panels: [{ kind: "pie" }, 7],
      }).map(({ pointer, detail }) => [pointer, detail]),
    ).toEqual([
      ["/panels/0/kind", 'This must be one of "metric", "chart", "table", "markdown" or "embed".'],
      ["/panels/1", "This must be an object."],
    ]);
  });

  it("says the same of a parameter as of a member that nobody knows", () => {
    const unknown = (key: ContractKey, part: string): readonly ValidationIssue[] =>
      complaintsAbout(contract[key], { params: { slug: "a" }, [part]: { lmit: "1" } });
    expect(unknown("GET /sections", "query")).toEqual([
      {
        pointer: "/query/lmit",
        code: "unrecognized_keys",
        detail: "There is no such parameter.",
      },
    ]);
    expect(unknown("GET /healthz", "query")).toEqual(unknown("GET /sections", "query"));
    expect(unknown("POST /login", "body")).toEqual([
      { pointer: "/lmit", code: "unrecognized_keys", detail: "There is no such member." },
    ]);
  });
});

it("every body and every query of the contract refuses what it does not name", () => {
  for (const [key, { query, body }] of endpoints)
    for (const schema of [query, body]) {
      if (schema === undefined) continue;
      let inner: z.core.$ZodTypes = schema as z.core.$ZodTypes;
      while (inner._zod.def.type === "readonly")
        inner = inner._zod.def.innerType as z.core.$ZodTypes;
      const { def } = inner._zod;
      expect([key, def.type, def.type === "object" && def.catchall?._zod.def.type]).toEqual([
        key,
        "object",
        "never",
      ]);
    }
});
