import * as z from "zod";

/** What a notice is about. */
export const noticeKind = z.enum([
  "refreshTokenReused",
  "passwordLinkMade",
  "passwordChanged",
  "signedInOnNewDevice",
  "emailChanged",
]);
