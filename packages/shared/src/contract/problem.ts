import * as z from "zod";
import { errorCatalogue, errorCodes, sessionEndReasons, type ErrorCode } from "./error-codes.ts";

/** RFC 9457 problem details, as every error response carries them. */
export const problem = z
  .object({
    type: z.url().meta({ description: "A page that explains the code." }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(errorCodes),
    requestId: z.string(),
    reason: z.enum(sessionEndReasons).exactOptional().meta({
      description:
        "Why the session ended, on `refresh_invalid` and `session_ended` where it is known.",
    }),
    errors: z
      .array(
        z.object({
          pointer: z.string().meta({
            description:
              "JSON pointer into the body (RFC 6901), or `/query/…`, `/params/…`, `/headers/…`.",
            example: "/username",
          }),
          code: z.string(),
          detail: z.string(),
        }),
      )
      .exactOptional(),
  })
  .meta({ id: "Problem", description: "RFC 9457 problem details." });

/** Codes whose problems always point at what is wrong, and those that may. */
const withErrors: readonly ErrorCode[] = ["validation_failed", "rows_rejected"];
const withErrorsWhereKnown: readonly ErrorCode[] = [
  "dataset_in_use",
  "dataset_name_taken",
  "name_taken",
  "precondition_failed",
  "rights_exceeded",
  "role_name_taken",
  "section_slug_taken",
];
const withReason: readonly ErrorCode[] = ["refresh_invalid", "session_ended"];

const problemsByCode = new Map<ErrorCode, ReturnType<typeof describeProblem>>();
const describeProblem = (code: ErrorCode) => {
  const { status, title, help } = errorCatalogue[code];
  const { reason, errors } = problem.shape;
  const name = code.replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return z
    .object({
      ...problem.pick({ type: true, title: true, detail: true, requestId: true }).shape,
      status: z.literal(status),
      code: z.literal(code),
      ...(withReason.includes(code) && { reason }),
      ...(withErrors.includes(code) && { errors: errors.unwrap() }),
      ...(withErrorsWhereKnown.includes(code) && { errors }),
    })
    .meta({ id: `Problem${name}`, description: `${title}. ${help}` });
};
/** The problem with this code, to the last member. */
export const problemOfCode = (code: ErrorCode): ReturnType<typeof describeProblem> => {
  const known = problemsByCode.get(code) ?? describeProblem(code);
  problemsByCode.set(code, known);
  return known;
};

export type Problem = z.output<typeof problem>;
