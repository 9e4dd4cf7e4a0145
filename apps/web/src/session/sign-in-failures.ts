import { ApiError, isApiError, NetworkError } from "@sallyport/shared/client";
import { noAnswerInWords } from "./connection-words.ts";
import { formatDuration, formatTime, type Place } from "../ui/formats.ts";

/** When to try again, in words: how long, and what the clock will say then. */
export const retryInWords = (seconds: number, now: Date, place: Place = {}): string =>
  `Try again in ${formatDuration(seconds)}${seconds >= 60 ? `, at ${formatTime(new Date(now.getTime() + seconds * 1000), place)}` : ""}.`;

/** As a clock that runs down: it changes every second, so it is short. */
export const countdownInWords = (seconds: number): string =>
  seconds < 60
    ? `${seconds} ${seconds === 1 ? "second" : "seconds"}`
    : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} minutes`;

/** Why the next attempt has to wait, and for how many seconds; null for a failure that time does not mend. */
export const waitOf = (error: unknown): { readonly why: string; readonly seconds: number } | null =>
  isApiError(error, "rate_limited", "busy") && error.retryAfterSeconds !== undefined
    ? {
        why: error.code === "busy" ? "The server is busy." : "Too many attempts.",
        seconds: error.retryAfterSeconds,
      }
    : null;

/** One sentence for the person at the form. A wrong name and a wrong password are the same failure. */
export const signInFailureInWords = (error: unknown, now: Date, place: Place = {}): string => {
  if (error instanceof NetworkError) return noAnswerInWords(error);
  if (!(error instanceof ApiError)) return "Something went wrong. Try again.";
  const later =
    error.retryAfterSeconds === undefined
      ? "Try again in a moment."
      : retryInWords(error.retryAfterSeconds, now, place);
  if (error.code === "rate_limited") return `Too many attempts. ${later}`;
  if (error.code === "busy") return `The server is busy. ${later}`;
  if (error.code === "invalid_credentials" || error.code === "validation_failed")
    return "The user name or the password is not right.";
  if (error.code === "origin_forbidden")
    return `This site (${globalThis.location?.origin ?? "this address"}) is not one that the API accepts sign-ins from. The person who runs it can allow it.`;
  if (error.code === "duplicate_cookie")
    return "The browser held two copies of the session, and both have been removed. Try again.";
  return `Something went wrong. Try again, and quote request ${error.problem.requestId} if it stays that way.`;
};
