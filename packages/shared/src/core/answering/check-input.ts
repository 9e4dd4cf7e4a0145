import * as z from "zod";
import type { Endpoint } from "../../contract/endpoint.ts";
import { inputPartsOf, validateInput } from "./validation-issues.ts";

const nothing = Object.freeze({});

/** What a request brings along, as it came. */
export interface BroughtAlong {
  readonly params: Readonly<Record<string, string>>;
  /** As `readQuery` gives it. */
  readonly query: object;
  header(name: string): string | undefined;
  readonly body: unknown;
}

/**
 * Holds requests to the schemas of an endpoint, and gives a handler what they make of them.
 * @returns a function that throws AppError `validation_failed` with everything that is wrong
 */
export const createInputCheck = (
  definition: Endpoint,
): ((brought: BroughtAlong) => Record<string, unknown>) => {
  const headerNames = definition.headers ? Object.keys(definition.headers._zod.def.shape) : [];
  const parts = inputPartsOf(definition);
  const withoutBody = parts.filter(({ name }) => name !== "body");

  /** By the object that `readQuery` gives for them, which is the same for the same text. */
  const validQueries = new WeakMap<object, z.ZodSafeParseResult<unknown>>();
  /**
   * A query that has been found right once is right: what it is held to depends on nothing else.
   */
  const safeParse = ((schema: z.core.$ZodType, value: unknown, options) => {
    if (schema !== definition.query) return z.safeParse(schema, value, options);
    const known = validQueries.get(value as object);
    if (known) return known;
    const result = z.safeParse(schema, value, options);
    if (result.success) {
      for (const member of Object.values(Object.freeze(result.data) as object))
        if (Array.isArray(member)) Object.freeze(member);
      validQueries.set(value as object, result);
    }
    return result;
  }) as typeof z.safeParse;

  const readHeaders = (header: BroughtAlong["header"]): Record<string, string> => {
    const found: Record<string, string> = {};
    for (const name of headerNames) {
      const value = header(name);
      if (value !== undefined) found[name] = value;
    }
    return found;
  };

  return ({ params, query, header, body }) => {
    const input = { params: nothing, query: nothing, headers: nothing, body: undefined };
    validateInput(
      body === undefined && definition.bodyOptional ? withoutBody : parts,
      { params, query, headers: headerNames.length > 0 ? readHeaders(header) : nothing, body },
      input,
      safeParse,
    );
    return input;
  };
};
