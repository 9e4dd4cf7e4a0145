import type * as z from "zod";
import type { Endpoint } from "../../contract/endpoint.ts";
import { AppError, type ValidationIssue } from "./errors.ts";
import { inPlainWords } from "./issue-words.ts";

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce(
    (inner, step) =>
      inner === null || inner === undefined
        ? undefined
        : (inner as Record<PropertyKey, unknown>)[step],
    value,
  );

/**
 * A JSON pointer (RFC 6901); to the document itself it is `/`, as a pointer of ours is never empty.
 */
const pointerTo = (part: string, path: Path): string =>
  [part, ...path.map((step) => String(step).replaceAll("~", "~0").replaceAll("/", "~1"))]
    .filter((step) => step !== "")
    .join("/")
    .replace(/^\/?/, "/");

/**
 * How far a value is from one form of a union: by the members it lacks and those that the form does
 * not know. A value that is merely wrong does not count.
 */
const distance = (value: unknown, issues: readonly Issue[]): number =>
  issues.reduce((sum, issue) => {
    if (issue.code === "unrecognized_keys") return sum + issue.keys.length;
    if (issue.path.length === 0) return Number.POSITIVE_INFINITY;
    return sum + (valueAt(value, issue.path) === undefined ? 1 : 0);
  }, 0);

/**
 * What is wrong, as whoever wrote the value would say it: in a union, by the form that the value
 * comes closest to.
 */
const explain = (
  value: unknown,
  issues: readonly Issue[],
  base: Path,
): { path: Path; code: string; detail: string }[] =>
  issues.flatMap((issue) => {
    const path = [...base, ...issue.path];
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => ({
        path: [...path, key],
        code: issue.code,
        detail: "There is no such member.",
      }));
    if (issue.code === "invalid_union") {
      const inner = valueAt(value, issue.path);
      const [closest] = issue.errors
        .map((form) => ({ form, distance: distance(inner, form) }))
        .filter((one) => Number.isFinite(one.distance))
        .toSorted((one, other) => one.distance - other.distance);
      if (closest !== undefined) return explain(inner, closest.form, path);
    }
    return [{ path, code: issue.code, detail: issue.message }];
  });

/**
 * The issues of a schema, each with a JSON pointer to the value that is wrong.
 * @param part where in the request the value stands, for the beginning of the pointers; empty for
 * the body
 */
export const issuesOf = (
  part: string,
  value: unknown,
  error: z.core.$ZodError,
): ValidationIssue[] =>
  explain(value, error.issues, []).map(({ path, code, detail }) => ({
    pointer: pointerTo(part, path),
    code,
    detail: part === "query" ? wordsForParameter(valueAt(value, path), code, detail) : detail,
  }));

/** A parameter has no members, and one that came twice is a list of what came. */
const wordsForParameter = (given: unknown, code: string, detail: string): string => {
  if (code === "unrecognized_keys") return noSuchParameter;
  return Array.isArray(given) ? "This may be given only once." : detail;
};

/** The error that tells all of these. */
export const validationFailed = (issues: readonly ValidationIssue[]): AppError =>
  new AppError("validation_failed", {
    detail: issues.map((issue) => `${issue.pointer}: ${issue.detail}`).join("; "),
    errors: issues,
  });

/** What of a request is checked. */
export interface InputPart {
  readonly name: "params" | "query" | "headers" | "body";
  /** Of the JSON pointers to what is wrong in it. */
  readonly prefix: string;
  /** Null: nothing belongs there. */
  readonly schema: z.core.$ZodType | null;
}

/** The parts of an endpoint's requests; the body, where it has one, comes last. */
export const inputPartsOf = ({ params, query, headers, body }: Endpoint): InputPart[] => [
  ...(params ? [{ name: "params", prefix: "params", schema: params } as const] : []),
  // A name that is spelled wrong must not pass for one that was left out.
  { name: "query", prefix: "query", schema: query ?? null },
  ...(headers ? [{ name: "headers", prefix: "headers", schema: headers } as const] : []),
  ...(body ? [{ name: "body", prefix: "", schema: body } as const] : []),
];

const noSuchParameter = "There is no such parameter.";

/**
 * Puts each part of a request, as its schema makes it, under its name into `into`.
 * @param safeParse zod's, which whoever needs no schemas need not load
 * @throws AppError `validation_failed` with everything that is wrong
 */
export const validateInput = (
  parts: readonly InputPart[],
  given: Readonly<Record<InputPart["name"], unknown>>,
  into: Record<string, unknown>,
  safeParse: typeof z.safeParse,
): void => {
  let issues: ValidationIssue[] | undefined;
  for (const { name, prefix, schema } of parts) {
    if (schema === null) {
      for (const key in given[name] as object)
        (issues ??= []).push({
          pointer: pointerTo(prefix, [key]),
          code: "unrecognized_keys",
          detail: noSuchParameter,
        });
      continue;
    }
    const result = safeParse(schema, given[name], inPlainWords);
    if (result.success) into[name] = result.data;
    else (issues ??= []).push(...issuesOf(prefix, given[name], result.error));
  }
  if (issues) throw validationFailed(issues);
};
