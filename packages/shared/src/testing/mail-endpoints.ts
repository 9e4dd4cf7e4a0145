import type { Session } from "../contract/contract.ts";
import type { mailEndpoints } from "../contract/mail.ts";
import { expectOutcome } from "./ask.ts";
import type { BehaviourTable } from "./behaviour.ts";
import { holds, same } from "./differences.ts";
import { signInToAdminister } from "./orders.ts";
import { showBusy } from "./show-busy.ts";
import { logIn, minute, refresh, signIn } from "./steps.ts";
import { passwordOf, type Subject } from "./subject.ts";
import { changeUser, findUser, password, signInOlga } from "./user-steps.ts";

type Outcome = Parameters<typeof expectOutcome>[1];

const hour = 60 * minute;
const noToken = { body: { token: "x".repeat(43) } };

/** The token of the link in the newest mail to this address that has one. */
const tokenInMail = async (subject: Subject, address: string): Promise<string> => {
  for (const { text } of await subject.readMails(address)) {
    const token = /#([A-Za-z0-9_-]{43})$/m.exec(text)?.[1];
    if (token !== undefined) return token;
  }
  throw new Error(`No mail to ${address} has a link`);
};

const askForLink = (subject: Subject, usernameOrEmail: string, outcome: Outcome = 202) =>
  expectOutcome(subject, outcome, "POST /password-resets", { body: { usernameOrEmail } });

const confirmReset = (subject: Subject, token: string, outcome: Outcome) =>
  expectOutcome(subject, outcome, "POST /password-resets/confirm", {
    body: { token, newPassword: password },
  });

const confirmAddress = (subject: Subject, token: string, outcome: Outcome) =>
  expectOutcome(subject, outcome, "POST /email-verifications/confirm", { body: { token } });

const readAddress = async (subject: Subject, as: Session): Promise<unknown> =>
  (await expectOutcome(subject, 200, "GET /account/email", {}, as)).body;

export const mailBehaviours: Pick<BehaviourTable, keyof typeof mailEndpoints> = {
  "GET /undelivered-mails": {
    request: {},
    succeeds: {
      200: {
        name: "tells of a mail once it has failed, and to whom it was",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const { id: userId, email } = await findUser(subject, mica, "nora");
          const list = async () =>
            (await expectOutcome(subject, 200, "GET /undelivered-mails", {}, mica)).body as {
              readonly items: readonly Readonly<Record<string, unknown>>[];
            };
          await expectOutcome(
            subject,
            200,
            "POST /users/:userId/password-link",
            { params: { userId } },
            mica,
          );
          same((await list()).items, [], "it may still be sent");
          const reason = "The mail server does not accept the recipient.";
          await subject.arrange({ kind: "mailRefused", person: "nora", reason });
          same(
            (await list()).items.map(({ user, to, kind, attempts, failure, triedAgainAt }) => [
              (user as { id: string }).id,
              [to, kind, attempts, failure, triedAgainAt],
            ]),
            [[userId, [email, "passwordLinkMade", 1, reason, null]]],
            "what failed",
          );
        },
      },
    },
    fails: {},
  },

  "POST /password-resets": {
    request: { body: { usernameOrEmail: "nora" } },
    wrong: { body: { usernameOrEmail: " " }, pointer: "/usernameOrEmail" },
    succeeds: {
      202: {
        name: "answers everybody the same, and sends a link that works once to a verified address",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          await changeUser(subject, mica, "mike", { email: "mike@another.example" });
          const asked = ["nora", "NORA@example.com", "nobody", "nobody@example.com", "mike"];
          const answers = [];
          for (const one of [...asked, "mike@another.example"])
            answers.push(JSON.stringify((await askForLink(subject, one)).body));
          same(new Set(answers).size, 1, "the answers");
          const links = (await subject.readMails("mike@another.example")).filter(({ text }) =>
            text.includes("choose-password"),
          );
          same(links, [], "his address is not verified");
          const nora = await signIn(subject, "nora");
          const token = await tokenInMail(subject, "nora@example.com");
          await askForLink(subject, "nora");
          const last = await tokenInMail(subject, "nora@example.com");
          holds(last !== token, "each has another token");
          await confirmReset(subject, token, "one_use_token_invalid");
          await confirmReset(subject, last, 204);
          await confirmReset(subject, last, "one_use_token_invalid");
          same(
            (await refresh(subject, "refresh_invalid", nora, "key")).problem?.reason,
            "passwordChanged",
            "why her session ended",
          );
          await logIn(subject, "invalid_credentials", "nora", passwordOf("nora"));
          const { notices } = (await logIn(subject, 200, "nora", password)).body as Session;
          same(
            notices.map(({ kind, data }) => [kind, data]),
            [["passwordChanged", { by: "mail" }]],
            "what she is told",
          );
          holds(
            (await subject.readMails("nora@example.com"))[0]?.subject ===
              "Your password was changed",
            "and by mail",
          );
        },
      },
    },
    fails: {
      mail_not_set_up: {
        name: "says so where nothing can be sent",
        run: async (subject) => {
          await subject.arrange({ kind: "noMail" });
          await askForLink(subject, "nora", "mail_not_set_up");
        },
      },
      rate_limited: {
        name: "fills nobody's mailbox: three mails an hour go to an address, and a network asks twenty times",
        run: async (subject) => {
          for (let times = 1; times <= 20; times += 1) await askForLink(subject, "nora");
          same((await subject.readMails("nora@example.com")).length, 3, "mails");
          await askForLink(subject, "mike", "rate_limited");
          await subject.advanceClock(hour);
          await askForLink(subject, "nora");
          same((await subject.readMails("nora@example.com")).length, 4, "an hour later");
        },
      },
    },
  },

  "GET /account/email": {
    request: {},
    succeeds: {
      200: {
        name: "tells the caller's address, whether it is verified, and whether mail is sent",
        run: async (subject) => {
          same(
            await readAddress(subject, await signIn(subject, "nora")),
            { email: "nora@example.com", verified: true, mail: true },
            "of nora",
          );
          await subject.arrange({ kind: "noMail" });
          same(
            await readAddress(subject, await signIn(subject, "nora")),
            { email: "nora@example.com", verified: true, mail: false },
            "without a mail server",
          );
        },
      },
    },
    fails: {},
  },

  "POST /email-verifications": {
    request: {},
    succeeds: {
      204: {
        name: "sends a link to an address that is not verified, and nothing to one that is",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const verify = (as: Session) =>
            expectOutcome(subject, 204, "POST /email-verifications", {}, as);
          await verify(mica);
          same(await subject.readMails("mica@example.com"), [], "nothing to verify");
          const olga = await signInOlga(subject, mica, []);
          await verify(olga);
          const token = await tokenInMail(subject, "olga@example.com");
          holds(token.length === 43, "a link");
          // Until then the address matches nobody.
          await askForLink(subject, "olga@example.com");
          same((await subject.readMails("olga@example.com")).length, 1, "mails");
        },
      },
    },
    fails: {
      mail_not_set_up: {
        name: "says so where nothing can be sent",
        run: async (subject) => {
          await subject.arrange({ kind: "noMail" });
          await expectOutcome(
            subject,
            "mail_not_set_up",
            "POST /email-verifications",
            {},
            await signIn(subject, "nora"),
          );
        },
      },
      rate_limited: {
        name: "sends three an hour",
        run: async (subject) => {
          const olga = await signInOlga(subject, await signInToAdminister(subject), []);
          const verify = (outcome: Outcome) =>
            expectOutcome(subject, outcome, "POST /email-verifications", {}, olga);
          for (let times = 1; times <= 3; times += 1) await verify(204);
          await verify("rate_limited");
          same((await subject.readMails("olga@example.com")).length, 3, "mails");
        },
      },
    },
  },

  "POST /email-verifications/confirm": {
    request: noToken,
    wrong: { body: { token: "" }, pointer: "/token" },
    succeeds: {
      200: {
        name: "verifies the address once, and not another one that it has been changed to",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const olga = await signInOlga(subject, mica, []);
          const askFor = async (address: string): Promise<string> => {
            await expectOutcome(subject, 204, "POST /email-verifications", {}, olga);
            return tokenInMail(subject, address);
          };
          const token = await askFor("olga@example.com");
          same(
            (await confirmAddress(subject, token, 200)).body,
            { email: "olga@example.com" },
            "which one",
          );
          await confirmAddress(subject, token, "one_use_token_invalid");
          same((await findUser(subject, mica, "Olga")).emailVerified, true, "verified");
          await changeUser(subject, mica, "Olga", { email: "olga@another.example" });
          same((await findUser(subject, mica, "Olga")).emailVerified, false, "another address");
          for (const told of ["olga@example.com", "olga@another.example"])
            same(
              (await subject.readMails(told))[0]?.subject,
              "The e-mail address of your account was changed",
              `what ${told} is told`,
            );
          const late = await askFor("olga@another.example");
          await changeUser(subject, mica, "Olga", { email: "olga@third.example" });
          await confirmAddress(subject, late, "one_use_token_invalid");
          const old = await askFor("olga@third.example");
          await subject.advanceClock(24 * hour);
          await confirmAddress(subject, old, "one_use_token_invalid");
        },
      },
    },
    fails: {
      rate_limited: {
        name: "lets nobody guess",
        run: async (subject) => {
          for (let guess = 1; guess <= 20; guess += 1)
            await confirmAddress(subject, `guess-${guess}`, "one_use_token_invalid");
          await confirmAddress(subject, "guess", "rate_limited");
        },
      },
      busy: showBusy("POST /email-verifications/confirm", async () => ({ input: noToken })),
    },
  },
};
