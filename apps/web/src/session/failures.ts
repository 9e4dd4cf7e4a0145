/** What is said of a change that did not come about, in words for whoever asked for it. Pure. */
import { ApiError, isApiError, NetworkError, type ErrorCode } from "@sallyport/shared/client";
import type { Place } from "../ui/formats.ts";
import { formatDuration, formatTime } from "../ui/times.ts";
import { noAnswerInWords } from "./connection-words.ts";

/**
 * What belongs to a field stands at the field, and all else is one message of the form or the
 * dialog.
 */
export interface Failure<Field extends string = never> {
  readonly fields: Readonly<Partial<Record<Field, string>>>;
  readonly message: string | null;
}

/** What a screen knows better than `failureOf`. */
export interface FailureWords<Field extends string = never> {
  /** The fields it has, by their names in the body: the server points at them. */
  readonly fields?: readonly Field[];
  /** Its own words for a code, for the whole or for a field. */
  readonly codes?: Readonly<
    Partial<Record<ErrorCode, string | { readonly field: Field; readonly text: string }>>
  >;
}

/** When to try again, in words: how long, and what the clock will say then. */
export const retryInWords = (seconds: number, now: Date, place: Place = {}): string =>
  `Try again in ${formatDuration(seconds)}${seconds >= 60 ? `, at ${formatTime(new Date(now.getTime() + seconds * 1000), place)}` : ""}.`;

/** As a clock that runs down: it changes every second, so it is short. */
export const countdownInWords = (seconds: number): string =>
  seconds < 60
    ? `${seconds} ${seconds === 1 ? "second" : "seconds"}`
    : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} minutes`;

/**
 * Why the next attempt has to wait, and for how many seconds; null for a failure that time does not
 * mend.
 */
export const waitOf = (error: unknown): { readonly why: string; readonly seconds: number } | null =>
  isApiError(error, "rate_limited", "busy") && error.retryAfterSeconds !== undefined
    ? {
        why: error.code === "busy" ? "The server is busy." : "Too many attempts.",
        seconds: error.retryAfterSeconds,
      }
    : null;

const messageOf = (error: ApiError, now: Date, place: Place): string => {
  const later =
    error.retryAfterSeconds === undefined
      ? "Try again in a moment."
      : retryInWords(error.retryAfterSeconds, now, place);
  if (error.code === "rate_limited") return `Too many attempts. ${later}`;
  if (error.code === "busy") return `The server is busy. ${later}`;
  if (error.code === "fresh_sign_in_required")
    return "Nothing was changed: this needs your password. Try again when you have it at hand.";
  if (error.code === "rights_exceeded")
    return "This takes rights that you do not have yourself. Nobody can give more than they have, nor change somebody who has more: ask somebody with those rights.";
  if (error.code === "last_admin")
    return "This is the last admin: without one, nobody could administer this installation any more. Make somebody else an admin first, who has chosen a password.";
  if (error.code === "precondition_failed")
    return "Somebody else has changed this meanwhile, and nothing of yours is saved. Look at it again.";
  if (error.code === "origin_forbidden")
    return `This site (${globalThis.location?.origin ?? "this address"}) is not one that the API accepts changes from. The person who runs it can allow it.`;
  if (error.code === "duplicate_cookie")
    return "The browser held two copies of the session, and both have been removed. Try again.";
  return `${error.message} (request ${error.problem.requestId})`;
};

/** Codes and pointers decide what is said, never a text. */
export const failureOf = <Field extends string = never>(
  error: unknown,
  { fields: known = [], codes = {} }: FailureWords<Field>,
  now: Date,
  place: Place = {},
): Failure<Field> => {
  const fields: Partial<Record<Field, string>> = {};
  if (error instanceof NetworkError) return { fields, message: noAnswerInWords(error) };
  if (!(error instanceof ApiError)) return { fields, message: "Something went wrong. Try again." };
  const { code, problem }: ApiError = error;
  const own = codes[code];
  if (typeof own === "string") return { fields, message: own };
  if (own) fields[own.field] = own.text;
  else
    for (const { pointer, detail } of problem.errors ?? []) {
      const field = known.find((name) => pointer === `/${name}`);
      if (field !== undefined) fields[field] ??= detail;
    }
  return {
    fields,
    message: Object.keys(fields).length > 0 ? null : messageOf(error, now, place),
  };
};
