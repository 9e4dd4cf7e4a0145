import type { SessionEndReason } from "@sallyport/shared/client";

/** Why a session is over, in words for the person whose it was. */
const inWords: Readonly<Record<SessionEndReason, string>> = {
  reuse:
    "Someone else used an old copy of your session, so it was ended to keep your account safe. If you restored this browser from a backup, that may have been you; otherwise sign in and change your password.",
  signedOut: "You signed out of this session, here or on another page.",
  endedByAdmin: "An admin ended your session.",
  idle: "You were away for a long time, so your session was ended.",
  absolute:
    "Your session has reached its longest permitted life. Sessions are renewed from time to time by signing in again.",
  passwordChanged: "Your password was changed, which ended your other sessions.",
  deactivated: "Your account has been deactivated. An admin can activate it again.",
};

export const reasonInWords = (reason: SessionEndReason | undefined): string =>
  (reason !== undefined && Object.hasOwn(inWords, reason) ? inWords[reason] : undefined) ??
  "Your session is no longer valid.";
