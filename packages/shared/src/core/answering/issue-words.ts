import type * as z from "zod";

type RawIssue = z.core.$ZodRawIssue;

const listOf = (values: readonly unknown[]): string => {
  const written = values.map((value) => JSON.stringify(value) ?? String(value));
  return written.length < 2
    ? (written[0] ?? "")
    : `one of ${written.slice(0, -1).join(", ")} or ${written.at(-1)}`;
};

const typeNames: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "an object",
  record: "an object",
  array: "a list",
  null: "null",
};

const formatNames: Readonly<Record<string, string>> = {
  email: "an e-mail address",
  url: "a whole address, such as https://example.com/",
  date: "a date, such as 2026-01-31",
  datetime: "a time, such as 2026-01-31T09:30:00Z",
};

const sizeWords = (
  { origin }: { readonly origin: string },
  bound: number | bigint,
  exceeded: boolean,
): string => {
  if (origin === "string" || origin === "array" || origin === "set" || origin === "map") {
    const one = origin === "string" ? "character" : "entry";
    const many = origin === "string" ? "characters" : "entries";
    if (!exceeded && Number(bound) === 1) return "This must not be empty.";
    return `This ${exceeded ? "may have at most" : "must have at least"} ${bound} ${Number(bound) === 1 ? one : many}.`;
  }
  return exceeded ? `This may be at most ${bound}.` : `This must be at least ${bound}.`;
};

/** What is wrong with a value, as a person would say it who has never heard of a validator. */
const wordsOf = (issue: RawIssue): string => {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined
        ? "This is required."
        : `This must be ${typeNames[issue.expected] ?? "something else"}.`;
    case "invalid_value":
      return issue.input === undefined
        ? `This is required: ${listOf(issue.values)}.`
        : `This must be ${listOf(issue.values)}.`;
    case "too_big":
      return issue.inclusive === false
        ? `This must be less than ${issue.maximum}.`
        : sizeWords(issue, issue.maximum, true);
    case "too_small":
      return issue.inclusive === false
        ? `This must be more than ${issue.minimum}.`
        : sizeWords(issue, issue.minimum, false);
    case "invalid_format":
      return `This must be ${formatNames[issue.format] ?? "written in another form"}.`;
    case "not_multiple_of":
      return `This must be a multiple of ${issue.divisor}.`;
    case "unrecognized_keys":
      return "There is no such member.";
    case "invalid_union": {
      const { options, inclusive } = issue as {
        readonly options?: readonly unknown[];
        readonly inclusive?: boolean;
      };
      if (options !== undefined && options.length > 0) return `This must be ${listOf(options)}.`;
      return inclusive === false
        ? "This has members of several forms. Leave out those that belong to another one."
        : "This has none of the forms that are known here.";
    }
    default:
      return "This is not what belongs here.";
  }
};

/**
 * For every parsing of what somebody has written: `safeParse(schema, value, inPlainWords)`. What a
 * schema says in words of its own stands before these.
 */
export const inPlainWords = { error: wordsOf } as const;
