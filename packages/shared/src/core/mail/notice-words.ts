/** What the mail of each kind says. A kind without words does not compile. */
import type { MailKind, WaitingMail } from "./outbox-store.ts";

export interface MailWords {
  readonly subject: string;
  readonly paragraphs: readonly string[];
  /** Where its button leads in place of the start: a page that does nothing by being opened. */
  readonly action?: { readonly title: string; readonly path: string };
}

/** Nobody knows here in which zone the reader is, so it says which one this is. */
const timeInWords = (at: number): string =>
  `${new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "UTC" }).format(at)} UTC`;

/** @param token of the link, where the mail has one */
export const mailWords: Readonly<
  Record<MailKind, (at: number, data: WaitingMail["data"], token: string) => MailWords>
> = {
  passwordReset: (_, { username }, token) => ({
    subject: "Choose a new password",
    paragraphs: [
      `Somebody, most likely you, has said that the password of the account ${username ?? ""} is forgotten. It can be chosen anew on the page below, once, within ten minutes.`,
      "If it was not you, there is nothing to do: the password stays as it is.",
    ],
    action: { title: "Choose a new password", path: `/choose-password#${token}` },
  }),
  emailVerification: (_, { username }, token) => ({
    subject: "Verify your e-mail address",
    paragraphs: [
      `The account ${username ?? ""} has this address. Say on the page below, within a day, that it is yours: then a forgotten password can be chosen anew by mail.`,
      "If you have no such account, there is nothing to do.",
    ],
    action: { title: "Verify the address", path: `/verify-email#${token}` },
  }),
  emailChanged: (at, { before, after }) => ({
    subject: "The e-mail address of your account was changed",
    paragraphs: [
      `On ${timeInWords(at)} the address of your account was changed${before === undefined ? "" : ` from ${before}`}${after === undefined ? "; there is none now" : ` to ${after}`}.`,
      "If you did not ask for it, tell the person who runs this dashboard.",
    ],
  }),
  passwordLinkMade: (at, { madeBy }) => ({
    subject: "A link was made on which your password can be changed",
    paragraphs: [
      `On ${timeInWords(at)} ${madeBy ?? "the person who runs this installation"} had a link made on which the password of your account can be chosen. It works once, and is not in this mail.`,
      "If you did not ask for it, ask them why: whoever has it can choose your password.",
    ],
  }),
  signedInOnNewDevice: (at, { address, browser, system }) => ({
    subject: "Somebody signed in to your account on a new device",
    paragraphs: [
      [
        `On ${timeInWords(at)} somebody signed in to your account on a device on which you had not signed in before`,
        ...(browser === undefined && system === undefined
          ? []
          : [`, with ${browser ?? "an unknown browser"} on ${system ?? "an unknown system"}`]),
        ...(address === undefined || address === "" ? [] : [`, from the address ${address}`]),
        ".",
      ].join(""),
      "If that was you, there is nothing to do. If not, sign in and choose another password on the page “Your account”: that ends all your other sessions.",
    ],
  }),
  passwordChanged: (at, { by, address, userAgent }) => ({
    subject: "Your password was changed",
    paragraphs: [
      [
        `Your password was changed on ${timeInWords(at)}`,
        ...(by === "mail" ? [", on a link that was sent to this address"] : []),
        ...(address === undefined || address === "" ? [] : [` from the address ${address}`]),
        ...(userAgent === undefined || userAgent === "" ? [] : [`, by “${userAgent}”`]),
        ". Every other session of yours was ended.",
      ].join(""),
      "If that was not you, tell the person who runs this dashboard at once.",
    ],
  }),
  refreshTokenReused: (at, { address, userAgent, sessionStartedAt }) => ({
    subject: "One of your sessions was ended because someone used an old copy of it",
    paragraphs: [
      [
        `On ${timeInWords(at)} an old copy of your session was presented`,
        ...(address === undefined || address === "" ? [] : [` from the address ${address}`]),
        ...(userAgent === undefined || userAgent === "" ? [] : [`, by “${userAgent}”`]),
        ".",
        ...(sessionStartedAt === undefined || Number.isNaN(Date.parse(sessionStartedAt))
          ? []
          : [` The session had been started on ${timeInWords(Date.parse(sessionStartedAt))}.`]),
      ].join(""),
      "If you restored a browser from a backup, that may have been you. If not, sign in, choose “Sign out everywhere” in the menu under your name, and tell the person who runs this dashboard: whoever has a copy of a session is shut out by it.",
    ],
  }),
};
