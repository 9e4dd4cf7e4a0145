/** Who is signed in shows the password: to prove who they are, or to choose another one. */
import type { ErrorCode, Session } from "../contract/contract.ts";
import { ask, expectOutcome, type Input, type Reply } from "./ask.ts";
import type { BehaviourTable, Shown } from "./behaviour.ts";
import { includes, same } from "./differences.ts";
import { anybody, logIn, minute, refresh, renew, second, signIn } from "./steps.ts";
import { passwordOf, type Subject } from "./subject.ts";
import { nobody } from "./user-steps.ts";

type Key = "POST /step-up" | "PUT /account/password";

export const nextPassword = "some long words of mike";

const bodyOf = (key: Key, password: string): object =>
  key === "POST /step-up" ? { password } : { currentPassword: password, newPassword: nextPassword };

/** Of mike or whoever it is, with the password of their own, as a program sends it. */
const proving = (
  key: Key,
  { user, refreshToken }: Pick<Session, "user" | "refreshToken">,
  idempotencyKey: string | undefined,
  password = `sample-${user.username}-passphrase`,
): Input => ({
  body: { ...bodyOf(key, password), ...(refreshToken !== undefined && { refreshToken }) },
  headers: { "idempotency-key": idempotencyKey },
});

const prove = (
  subject: Subject,
  outcome: 200 | ErrorCode,
  key: Key,
  session: Session,
  idempotencyKey: string | undefined,
  password?: string,
): Promise<Reply> =>
  expectOutcome(subject, outcome, key, proving(key, session, idempotencyKey, password), session);

/** Something that wants a fresh sign-in, and changes nothing where it is given one. */
export const askFreshly = async (subject: Subject, as: Session): Promise<string> => {
  const reply = await ask(subject, "POST /users/:userId/password-link", { params: nobody }, as);
  return reply.code ?? String(reply.status);
};

/** What both have in common: the password, and a token that is worth what it is at a refresh. */
const failsOf = (key: Key) =>
  ({
    invalid_credentials: {
      name: "takes no other password for the user's, changes nothing, and counts it as at a sign-in",
      run: async (subject: Subject) => {
        const mike = await signIn(subject);
        for (const wrong of ["not the one", "not the one either", "nor this one"])
          await prove(subject, "invalid_credentials", key, mike, "first", wrong);
        await expectOutcome(subject, 200, "GET /session", {}, mike);
        for (const wrong of ["nor that", "nor the other"])
          await logIn(subject, "invalid_credentials", "mike", wrong);
        await logIn(subject, "rate_limited", "mike", passwordOf("mike"));
        // The token of before is still the one.
        await renew(subject, mike, "first");
      },
    },
    rate_limited: {
      name: "lets nobody guess: after five wrong passwords the right one has to wait, too",
      run: async (subject: Subject) => {
        const mike = await signIn(subject);
        for (let guess = 1; guess <= 5; guess += 1)
          await prove(subject, "invalid_credentials", key, mike, "first", `guess ${guess}`);
        const { headers } = await prove(subject, "rate_limited", key, mike, "first");
        same(
          ["retry-after", "ratelimit", "ratelimit-policy"].map((name) => headers.get(name)),
          ["30", '"account";r=0;t=30', '"account";q=5;w=900'],
          "what the refusal says of the limit",
        );
      },
    },
    refresh_missing: {
      name: "wants the refresh token that is replaced by it",
      run: async (subject: Subject) => {
        const { refreshToken: _, ...mike } = await signIn(subject);
        await prove(subject, "refresh_missing", key, mike, "first");
      },
    },
    refresh_invalid: {
      name: "takes no refresh token of another session, and ends a session whose token is in two hands",
      run: async (subject: Subject) => {
        const mike = await signIn(subject);
        const other = await signIn(subject);
        for (const refreshToken of ["garbage", other.refreshToken ?? ""])
          await prove(subject, "refresh_invalid", key, { ...mike, refreshToken }, "first");
        const after = await renew(subject, mike, "first");
        await subject.advanceClock(minute);
        const stolen = { ...after, refreshToken: mike.refreshToken ?? "" };
        const { problem } = await prove(subject, "refresh_invalid", key, stolen, "of-the-thief");
        same(problem?.reason, "reuse", "the reason");
        await expectOutcome(subject, "session_ended", "GET /session", {}, after);
        await expectOutcome(subject, 200, "GET /session", {}, other);
      },
    },
    idempotency_key_required: {
      name: "wants a key with a token in the body, before the password is looked at",
      run: async (subject: Subject) => {
        const mike = await signIn(subject);
        await prove(subject, "idempotency_key_required", key, mike, undefined, "not the one");
      },
    },
    idempotency_key_reused: {
      name: "lets no program rotate twice under one key, and changes nothing",
      run: async (subject: Subject) => {
        const mike = await renew(subject, await signIn(subject), "constant");
        await prove(subject, "idempotency_key_reused", key, mike, "constant");
        await prove(subject, 200, key, mike, "another");
      },
    },
    refresh_conflict: {
      name: "does nothing with a token that a refresh has just replaced",
      run: async (subject: Subject) => {
        const mike = await signIn(subject);
        await renew(subject, mike, "of-one-program");
        await prove(subject, "refresh_conflict", key, mike, "of-another");
        await logIn(subject, 200, "mike", passwordOf("mike"));
      },
    },
  }) satisfies { readonly [C in ErrorCode]?: Shown };

const example = (key: Key) => ({
  prepare: async (_: Subject, mica: Session) => ({ request: proving(key, mica, "a-key") }),
});

export const passwordBehaviours: Pick<BehaviourTable, Key> = {
  "POST /step-up": {
    request: {
      body: { password: passwordOf("mica"), refreshToken: "a.b.c.d" },
      headers: { "idempotency-key": "a-key" },
    },
    ...example("POST /step-up"),
    wrong: { body: { password: "" }, pointer: "/password" },
    succeeds: {
      200: {
        name: "keeps the session under new tokens, and for five minutes it may do what wants a fresh sign-in",
        run: async (subject) => {
          await subject.signInAs("mica", { delivery: "cookie" });
          await subject.advanceClock(5 * minute);
          const { body } = await expectOutcome(subject, 200, "POST /refresh", {
            ...anybody,
            headers: { "idempotency-key": "first" },
          });
          const before = body as Session;
          same(await askFreshly(subject, before), "fresh_sign_in_required", "before");
          const old = await subject.readCookie("refresh");
          const reply = await prove(subject, 200, "POST /step-up", before, "second");
          const after = reply.body as Session;
          same(
            [after.session.id, after.csrfToken, after.user, after.refreshToken],
            [before.session.id, before.csrfToken, before.user, undefined],
            "the session",
          );
          same((await subject.readCookie("refresh")) === old, false, "whether its token stays");
          same(await askFreshly(subject, after), "not_found", "after");
          await subject.advanceClock(5 * minute - second);
          same(await askFreshly(subject, after), "not_found", "for five minutes");
          await subject.advanceClock(second);
          same(await askFreshly(subject, after), "fresh_sign_in_required", "and no longer");
        },
      },
    },
    fails: failsOf("POST /step-up"),
  },

  "PUT /account/password": {
    request: {
      body: {
        currentPassword: passwordOf("mica"),
        newPassword: nextPassword,
        refreshToken: "a.b.c.d",
      },
      headers: { "idempotency-key": "a-key" },
    },
    ...example("PUT /account/password"),
    wrong: {
      body: { currentPassword: passwordOf("mica"), newPassword: "too short" },
      pointer: "/newPassword",
    },
    succeeds: {
      200: {
        name: "ends every other session, keeps this one under new tokens, and tells the user",
        run: async (subject) => {
          const elsewhere = await signIn(subject);
          const before = await signIn(subject);
          const reply = await prove(subject, 200, "PUT /account/password", before, "first");
          const after = reply.body as Session;
          same(
            [after.session.id, after.notices.map(({ kind }) => kind)],
            [before.session.id, ["passwordChanged"]],
            "the session, and what it tells",
          );
          const { problem } = await expectOutcome(
            subject,
            "session_ended",
            "GET /session",
            {},
            elsewhere,
          );
          same(problem?.reason, "passwordChanged", "why the other one ended");
          await expectOutcome(subject, "token_stale", "GET /session", {}, before);
          await expectOutcome(subject, 200, "GET /session", {}, after);
          await renew(subject, after, "second");
          await logIn(subject, "invalid_credentials", "mike", passwordOf("mike"));
          await logIn(subject, 200, "mike", nextPassword);
        },
      },
    },
    fails: failsOf("PUT /account/password"),
  },
};

export const provingBehaviours: readonly Shown[] = [
  {
    name: "a step-up whose answer was lost is had again by the refresh that follows, and by the same step-up",
    run: async (subject) => {
      const mica = await subject.signInAs("mica", { delivery: "body" });
      const lost = await prove(subject, 200, "POST /step-up", mica, "first");
      const again = await prove(subject, 200, "POST /step-up", mica, "first");
      const { refreshToken } = lost.body as Session;
      same(again.headers.get("idempotency-replayed"), "true", "Idempotency-Replayed");
      same((again.body as Session).refreshToken, refreshToken, "the token");
      const { body } = await refresh(subject, 200, mica, "first");
      same((body as Session).refreshToken, refreshToken, "the token of a refresh");
    },
  },
  {
    name: "a step-up under the key of a refresh whose answer was lost proves who it is all the same",
    run: async (subject) => {
      const mica = await subject.signInAs("mica", { delivery: "body" });
      await subject.advanceClock(5 * minute);
      await refresh(subject, 200, mica, "first");
      const { body } = await prove(subject, 200, "POST /step-up", mica, "first");
      same(await askFreshly(subject, body as Session), "not_found", "what is asked for freshly");
    },
  },
  {
    name: "a change of password whose answer was lost is answered as made, to whoever asks for it once more",
    run: async (subject) => {
      const mike = await signIn(subject);
      await prove(subject, 200, "PUT /account/password", mike, "first");
      const found = (await refresh(subject, 200, mike, "first")).body as Session;
      const { body } = await prove(subject, 200, "PUT /account/password", found, "second");
      same((body as Session).session.id, mike.session.id, "the session");
      await logIn(subject, 200, "mike", nextPassword);
      // It gives nobody a second guess who has not just shown the password.
      const idle = await renew(subject, body as Session, "third");
      await subject.advanceClock(5 * minute);
      const later = await renew(subject, idle, "fourth");
      await prove(subject, "invalid_credentials", "PUT /account/password", later, "fifth", "wrong");
    },
  },
  {
    name: "a new password has to be one by the rules, and another than the one of now",
    run: async (subject) => {
      const mike = await signIn(subject);
      for (const [newPassword, code] of [
        ["aaaaaaaaaaaaaaaaaaaa", "password_common"],
        ["mike-mike-lindqvist", "password_about_you"],
        [passwordOf("mike"), "password_same"],
      ]) {
        const { problem } = await expectOutcome(
          subject,
          "validation_failed",
          "PUT /account/password",
          {
            body: {
              currentPassword: passwordOf("mike"),
              newPassword,
              refreshToken: mike.refreshToken,
            },
            headers: { "idempotency-key": "first" },
          },
          mike,
        );
        includes(problem?.errors, [{ pointer: "/newPassword", code }], `what is said of it`);
      }
      await renew(subject, mike, "first");
    },
  },
  {
    name: "what only takes wants no fresh sign-in: rights are taken, and people put out, at once",
    run: async (subject) => {
      const mica = await subject.signInAs("mica", { delivery: "body" });
      await subject.advanceClock(5 * minute);
      const later = await renew(subject, mica, "first");
      for (const [outcome, input] of [
        ["fresh_sign_in_required", { body: { active: true } }],
        ["precondition_required", { body: { active: false, roleIds: [], email: null } }],
      ] as const)
        await expectOutcome(
          subject,
          outcome,
          "PATCH /users/:userId",
          { params: { userId: later.user.id }, ...input },
          later,
        );
    },
  },
];
