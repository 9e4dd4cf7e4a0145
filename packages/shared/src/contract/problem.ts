import * as z from "zod";
import { errorCatalogue, sessionEndReasons, type ErrorCode } from "./error-codes.ts";

/** RFC 9457 problem details, as every error response carries them. */
export const problem = z
  .object({
    type: z.url().meta({ description: "A page that explains the code." }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(Object.keys(errorCatalogue) as [ErrorCode, ...ErrorCode[]]),
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

export type Problem = z.output<typeof problem>;
