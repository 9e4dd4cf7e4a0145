/** Who gets in, by which name and password, and how often anybody may try. */
import type { ErrorCode, Session } from "../contract/contract.ts";
import { expectOutcome } from "./ask.ts";
import type { Shown } from "./behaviour.ts";
import { same } from "./differences.ts";
import { listen } from "./listen.ts";
import { passwordOf, type Person } from "./subject.ts";
import { anybody, logIn, minute, refresh, renew, second, signIn } from "./steps.ts";

/** For how many minutes a session lives idle from now on. */
const idleMinutesOf = ({ accessExpiresAt, session: { idleExpiresAt } }: Session): number =>
  Math.round((Date.parse(idleExpiresAt) - Date.parse(accessExpiresAt)) / minute) + 5;

export const signInBehaviours: readonly Shown[] = [
  {
    name: "a session that is not to be remembered lives idle for an hour, however often it is renewed",
    run: async (subject) => {
      const body = {
        username: "mike",
        password: passwordOf("mike"),
        delivery: "body",
        remember: false,
      };
      const first = (await expectOutcome(subject, 200, "POST /login", { body })).body as Session;
      await subject.advanceClock(50 * minute);
      const renewed = await renew(subject, first, "key-1");
      same(
        [first, renewed].map((told) => [idleMinutesOf(told), told.session.remembered]),
        Array.from({ length: 2 }, () => [60, false]),
        "the minutes that it lives idle, and what is told of it",
      );
      await subject.advanceClock(61 * minute);
      const { problem } = await refresh(subject, "refresh_invalid", renewed, "key-2");
      same(problem?.reason, "idle", "the reason");
      const remembered = await signIn(subject);
      same(
        [idleMinutesOf(remembered), remembered.session.remembered],
        [7 * 24 * 60, undefined],
        "of one that is remembered",
      );
    },
  },
  {
    name: "whoever signs in on a device that is new to their account is told so in all other sessions, and of a known one not",
    run: async (subject) => {
      const program = await signIn(subject);
      const device = await subject.signInAs("mike", { delivery: "cookie" });
      same([program.notices, device.notices], [[], []], "what the new one is told of itself");
      const { body } = await expectOutcome(subject, 200, "GET /session", {}, program);
      const { notices } = body as Session;
      same(
        notices.map(({ kind, data }) => [kind, data["sessionId"]]),
        [["signedInOnNewDevice", device.session.id]],
        "what is told elsewhere",
      );
      const again = await subject.signInAs("mike", { delivery: "cookie" });
      same(again.notices, notices, "what is told after a sign-in on a known device");
    },
  },
  {
    name: "a first admin takes no password that is among those that are tried first",
    beyondTheMock: "commonPasswords",
    run: async (subject) => {
      const body = {
        token: await subject.createSetupLink(),
        username: "Ada",
        displayName: "Ada Admin",
        email: "ada@example.com",
        delivery: "body",
        password: "correcthorsebatterystaple",
      };
      const { problem } = await expectOutcome(subject, "validation_failed", "POST /setup", {
        body,
      });
      same(
        problem?.errors?.map(({ pointer, code }) => [pointer, code]),
        [["/password", "password_common"]],
        "what is wrong",
      );
    },
  },
  {
    name: "a first admin takes no password that is guessed soon",
    run: async (subject) => {
      const token = await subject.createSetupLink();
      const person = {
        token,
        username: "Ada",
        displayName: "Ada Admin",
        email: "ada@example.com",
        delivery: "body",
      };
      for (const [password, code] of [
        ["aaaaaaaaaaaaaaaaaaaa", "password_common"],
        ["abcdefghijklmnopqrst", "password_common"],
        ["ada-admin-ada-admin", "password_about_you"],
      ]) {
        const { problem } = await expectOutcome(subject, "validation_failed", "POST /setup", {
          body: { ...person, password },
        });
        same(
          problem?.errors?.map((error) => [error.pointer, error.code]),
          [["/password", code]],
          `what is wrong with ${password}`,
        );
      }
    },
  },
  {
    name: "a sign-in in the browser ends the session that it replaces there, and no other",
    run: async (subject) => {
      const elsewhere = await signIn(subject);
      const listener = await listen(
        subject,
        await subject.signInAs("mike", { delivery: "cookie" }),
      );
      const now = await subject.signInAs("frida", { delivery: "cookie" });
      await subject.advanceClock(second);
      same(
        await listener.next(),
        { event: "ended", data: { reason: "signedOut" } },
        "what the session before is told",
      );
      same(await listener.next(), "end", "what follows");
      same(
        ((await expectOutcome(subject, 200, "GET /session", {}, now)).body as Session).user
          .username,
        "frida",
        "who is signed in",
      );
      await expectOutcome(subject, 200, "GET /session", {}, elsewhere);
    },
  },
  {
    name: "a user name counts in whatever case and width it is typed",
    run: async (subject) => {
      for (const username of ["MIKE", "Mike", "ｍｉｋｅ"])
        same(
          ((await logIn(subject, 200, username, passwordOf("mike"))).body as Session).user.username,
          "mike",
          "who is signed in",
        );
      for (const password of [
        passwordOf("mike").toUpperCase(),
        ` ${passwordOf("mike")}`,
        passwordOf("nora"),
      ])
        await logIn(subject, "invalid_credentials", "mike", password);
    },
  },
  {
    name: "credentials come as Basic too, but not in both places",
    run: async (subject) => {
      const authorization = `Basic ${btoa(`mike:${passwordOf("mike")}`)}`;
      const { body } = await expectOutcome(subject, 200, "POST /login", {
        headers: { authorization },
        body: { delivery: "body" },
      });
      same((body as Session).user.username, "mike", "who is signed in");
      await expectOutcome(subject, 200, "POST /login", { ...anybody, headers: { authorization } });
      const both = await expectOutcome(subject, "validation_failed", "POST /login", {
        headers: { authorization },
        body: { username: "mike", delivery: "body" },
      });
      same(
        both.problem?.errors?.map(({ pointer, code }) => [pointer, code]),
        [["/username", "ambiguous"]],
        "what is wrong",
      );
      const neither = await expectOutcome(subject, "validation_failed", "POST /login", {
        ...anybody,
      });
      same(
        neither.problem?.errors?.map(({ pointer }) => pointer),
        ["/username", "/password"],
        "what is missing",
      );
    },
  },
  {
    name: "after five wrong passwords each further attempt has to wait twice as long, whoever guesses, and the owner waits no longer for it",
    run: async (subject) => {
      for (let attempt = 1; attempt <= 5; attempt += 1)
        await logIn(
          subject,
          "invalid_credentials",
          attempt % 2 === 0 ? "mike" : "MIKE",
          "not the one",
        );
      for (const pause of [30, 60, 120]) {
        same(
          (await logIn(subject, "rate_limited", "mike", passwordOf("mike"))).headers.get(
            "retry-after",
          ),
          String(pause),
          "Retry-After",
        );
        await subject.advanceClock((pause - 1) * second);
        same(
          (await logIn(subject, "rate_limited", "mike", passwordOf("mike"))).headers.get(
            "retry-after",
          ),
          "1",
          "Retry-After, a second before its end",
        );
        await subject.advanceClock(second);
        await logIn(subject, "invalid_credentials", "mike", "not the one");
      }
      await logIn(subject, 200, "nora", passwordOf("nora"));
      await subject.advanceClock(240 * second);
      await logIn(subject, 200, "mike", passwordOf("mike"));
      await logIn(subject, 200, "mike", passwordOf("mike"));
    },
  },
  {
    name: "attempts at once count like attempts one after the other, and a name that nobody has like any other",
    run: async (subject) => {
      const attempts = Array.from({ length: 7 }, () =>
        subject.fetch("/login", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ username: "nobody", password: "not the one", delivery: "body" }),
          credentials: "omit",
        }),
      );
      const statuses = (await Promise.all(attempts)).map(({ status }) => status);
      same(
        statuses.toSorted((a, b) => a - b),
        [401, 401, 401, 401, 401, 429, 429],
        "how they were answered",
      );
    },
  },
  {
    name: "a device from which an account has signed in has an allowance of its own, also after signing out, and no other account has it there",
    run: async (subject) => {
      const onDevice = (outcome: number | ErrorCode, username: string, password: string) =>
        expectOutcome(subject, outcome, "POST /login", {
          ...anybody,
          body: { username, password },
        });
      await onDevice(200, "mike", passwordOf("mike"));
      await expectOutcome(subject, 204, "POST /logout", anybody);
      for (let attempt = 1; attempt <= 5; attempt += 1)
        await logIn(subject, "invalid_credentials", "mike", "not the one");
      await logIn(subject, "rate_limited", "mike", passwordOf("mike"));
      for (let attempt = 6; attempt <= 20; attempt += 1)
        await logIn(subject, "invalid_credentials", `nobody-${attempt}`, "not the one");
      await onDevice("rate_limited", "nora", passwordOf("nora"));
      await onDevice(200, "mike", passwordOf("mike"));
      for (let attempt = 1; attempt <= 5; attempt += 1)
        await onDevice("invalid_credentials", "mike", "not the one");
      const { headers } = await onDevice("rate_limited", "mike", passwordOf("mike"));
      same(
        [headers.get("retry-after"), headers.get("ratelimit"), headers.get("ratelimit-policy")],
        ["30", '"device";r=0;t=30', '"device";q=5;w=900'],
        "what the refusal says of the limit",
      );
      await subject.advanceClock(30 * second);
      await onDevice(200, "mike", passwordOf("mike"));
    },
  },
  {
    name: "a device on which two accounts have signed in stays known to both",
    run: async (subject) => {
      const people = ["mike", "nora"] as const;
      const onDevice = (username: Person) =>
        expectOutcome(subject, 200, "POST /login", {
          ...anybody,
          body: { username, password: passwordOf(username) },
        });
      for (const person of people) await onDevice(person);
      for (const person of people) {
        for (let attempt = 1; attempt <= 5; attempt += 1)
          await logIn(subject, "invalid_credentials", person, "not the one");
        await logIn(subject, "rate_limited", person, passwordOf(person));
      }
      for (const person of people) await onDevice(person);
    },
  },
  {
    name: "twenty wrong passwords from one address make everybody there wait",
    run: async (subject) => {
      for (let attempt = 1; attempt <= 20; attempt += 1)
        await logIn(subject, "invalid_credentials", `nobody-${attempt}`, "not the one");
      const { headers } = await logIn(subject, "rate_limited", "mike", passwordOf("mike"));
      same(
        [headers.get("ratelimit"), headers.get("ratelimit-policy")],
        ['"address";r=0;t=22', '"address";q=20;w=900'],
        "what the refusal says of the limit",
      );
    },
  },
  {
    name: "sign-ins that succeed count for nothing",
    run: async (subject) => {
      for (let attempt = 1; attempt <= 25; attempt += 1)
        await logIn(subject, 200, "mike", passwordOf("mike"));
    },
  },
];
