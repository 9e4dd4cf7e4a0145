import type { SessionEndReason } from "../contract/error-codes.ts";

/**
 * Why a session is over, in words for the person whose it was. What they advise can be done, and
 * does no harm.
 */
const inWords: Readonly<Record<SessionEndReason, string>> = {
  reuse:
    "Someone else used an old copy of your session, so it was ended to keep your account safe. If you restored this browser from a backup, that may have been you. If not, sign in, then sign out everywhere, and tell the person who runs this dashboard.",
  signedOut: "You signed out of this session, here or on another page of this browser.",
  signedOutEverywhere: "You signed out everywhere, on another page or on another device.",
  endedByUser: "You ended this session yourself, on another page or on another device.",
  endedByAdmin: "An admin ended your session.",
  idle: "You were away for a long time, so your session was ended.",
  absolute:
    "Your session has reached its longest permitted life. Sessions are renewed from time to time by signing in again.",
  passwordChanged: "Your password was changed, which ended your other sessions.",
  deactivated:
    "Your account has been deactivated. If that is a mistake, tell the person who runs this dashboard.",
};

/**
 * Why a session is over, in a sentence or two for the person whose it was: `state().reason` in
 * words.
 */
export const reasonInWords = (reason: SessionEndReason | undefined): string =>
  (reason !== undefined && Object.hasOwn(inWords, reason) ? inWords[reason] : undefined) ??
  "Your session is no longer valid.";
