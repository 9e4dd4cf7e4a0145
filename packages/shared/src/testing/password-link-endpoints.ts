import { expectOutcome } from "./ask.ts";
import type { BehaviourTable } from "./behaviour.ts";
import { same } from "./differences.ts";
import { signInToAdminister } from "./orders.ts";
import { showBusy } from "./show-busy.ts";
import { logIn, refresh, signIn } from "./steps.ts";
import { passwordOf } from "./subject.ts";
import {
  addOlga,
  findUser,
  type NewUser,
  nobody,
  password,
  signInPia,
  tokenIn,
} from "./user-steps.ts";

export const passwordLinkBehaviours: Pick<
  BehaviourTable,
  | "POST /users/:userId/password-link"
  | "POST /password-resets/check"
  | "POST /password-resets/confirm"
> = {
  "POST /users/:userId/password-link": {
    request: { params: nobody },
    wrong: { params: { userId: "nora" }, pointer: "/params/userId" },
    succeeds: {
      200: {
        name: "makes a link that works once, and those of before stop",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const { id: userId } = await findUser(subject, mica, "nora");
          const make = async () =>
            (
              await expectOutcome(
                subject,
                200,
                "POST /users/:userId/password-link",
                { params: { userId } },
                mica,
              )
            ).body as NewUser;
          const [first, second] = [await make(), await make()];
          const confirm = (outcome: Parameters<typeof expectOutcome>[1], made: NewUser) =>
            expectOutcome(subject, outcome, "POST /password-resets/confirm", {
              body: { token: tokenIn(made), newPassword: password },
            });
          await confirm("one_use_token_invalid", first);
          // The password of before is good until there is another one.
          const nora = await signIn(subject, "nora");
          same(
            nora.notices.map(({ kind, data }) => [kind, data]),
            Array.from({ length: 2 }, () => ["passwordLinkMade", { madeBy: "mica" }]),
            "what she is told",
          );
          await confirm(204, second);
          await confirm("one_use_token_invalid", second);
          same(
            (await refresh(subject, "refresh_invalid", nora, "key")).problem?.reason,
            "passwordChanged",
            "why her session ended",
          );
          await logIn(subject, "invalid_credentials", "nora", passwordOf("nora"));
          await logIn(subject, 200, "nora", password);
        },
      },
    },
    fails: {
      not_found: {
        name: "makes none for somebody who is not there",
        run: async (subject) => {
          await expectOutcome(
            subject,
            "not_found",
            "POST /users/:userId/password-link",
            { params: nobody },
            await signInToAdminister(subject),
          );
        },
      },
      rights_exceeded: {
        name: "makes none for somebody who may do more than the caller",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const pia = await signInPia(subject, mica);
          for (const name of ["mica", "mike"])
            await expectOutcome(
              subject,
              "rights_exceeded",
              "POST /users/:userId/password-link",
              { params: { userId: (await findUser(subject, mica, name)).id } },
              pia,
            );
        },
      },
      busy: showBusy("POST /users/:userId/password-link", async (subject) => {
        const as = await signInToAdminister(subject);
        return { as, input: { params: { userId: (await findUser(subject, as, "nora")).id } } };
      }),
    },
  },

  "POST /password-resets/check": {
    request: { body: { token: "x".repeat(43) } },
    wrong: { body: { token: "" }, pointer: "/token" },
    succeeds: {
      200: {
        name: "tells whose password a link is for, however often, until the link is used",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const made = await addOlga(subject, mica);
          const body = { token: tokenIn(made) };
          for (let look = 0; look < 2; look += 1)
            same(
              (await expectOutcome(subject, 200, "POST /password-resets/check", { body })).body,
              {
                user: { username: made.username, displayName: made.displayName },
                linkExpiresAt: made.linkExpiresAt,
              },
              "whose it is",
            );
          await expectOutcome(subject, 204, "POST /password-resets/confirm", {
            body: { ...body, newPassword: password },
          });
          await expectOutcome(subject, "one_use_token_invalid", "POST /password-resets/check", {
            body,
          });
        },
      },
    },
    fails: {
      rate_limited: {
        name: "lets nobody guess: wrong tokens count, and those that were tried on passwords do too",
        run: async (subject) => {
          const made = await addOlga(subject, await signInToAdminister(subject));
          const check = (outcome: Parameters<typeof expectOutcome>[1], token: string) =>
            expectOutcome(subject, outcome, "POST /password-resets/check", { body: { token } });
          for (let guess = 1; guess <= 10; guess += 1) {
            await check("one_use_token_invalid", `guess-${guess}`);
            await expectOutcome(subject, "one_use_token_invalid", "POST /password-resets/confirm", {
              body: { token: `guess-${guess}`, newPassword: password },
            });
          }
          await check("rate_limited", tokenIn(made));
        },
      },
      busy: showBusy("POST /password-resets/check", async () => ({
        input: { body: { token: "x".repeat(43) } },
      })),
    },
  },

  "POST /password-resets/confirm": {
    request: { body: { token: "x".repeat(43), newPassword: password } },
    wrong: { body: { token: "x".repeat(43), newPassword: "too short" }, pointer: "/newPassword" },
    succeeds: {
      204: {
        name: "takes no password about the person, and the link is not used up by it",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const made = await addOlga(subject, mica);
          const { problem } = await expectOutcome(
            subject,
            "validation_failed",
            "POST /password-resets/confirm",
            { body: { token: tokenIn(made), newPassword: "olga@example.com olga" } },
          );
          same(problem?.errors?.[0]?.pointer, "/newPassword", "the pointer");
          await expectOutcome(subject, 204, "POST /password-resets/confirm", {
            body: { token: tokenIn(made), newPassword: password },
          });
        },
      },
    },
    fails: {
      rate_limited: {
        name: "lets nobody guess: after twenty wrong tokens even the right one has to wait",
        run: async (subject) => {
          const made = await addOlga(subject, await signInToAdminister(subject));
          const confirm = (outcome: Parameters<typeof expectOutcome>[1], token: string) =>
            expectOutcome(subject, outcome, "POST /password-resets/confirm", {
              body: { token, newPassword: password },
            });
          for (let guess = 1; guess <= 20; guess += 1)
            await confirm("one_use_token_invalid", `guess-${guess}`);
          await confirm("rate_limited", tokenIn(made));
        },
      },
      busy: showBusy("POST /password-resets/confirm", async (subject) => {
        const made = await addOlga(subject, await signInToAdminister(subject));
        return { input: { body: { token: tokenIn(made), newPassword: password } } };
      }),
    },
  },
};
