/** How tokens, cookies, sessions and streams behave together, whatever endpoint is asked. */
import {
  errorCatalogue,
  problem,
  type ErrorCode,
  type Session,
  type SessionEndReason,
} from "../contract/contract.ts";
import { expectOutcome, type Input, type Reply } from "./ask.ts";
import type { Shown } from "./behaviour.ts";
import { holds, includes, same } from "./differences.ts";
import { listen } from "./listen.ts";
import {
  addOrders,
  addOrderTable,
  asOrders,
  figs,
  orders,
  orderTable,
  putSection,
  signInToAdminister,
} from "./orders.ts";
import { wrongDefinitions } from "./section-endpoints.ts";
import { passwordOf, type Person, type Sent, type Subject } from "./subject.ts";

const second = 1_000;
const minute = 60 * second;
const day = 24 * 60 * minute;

const anybody: Input = { credentials: "include" };

const headerOf = (token: string): Record<string, unknown> => {
  const [header = ""] = token.split(".");
  return JSON.parse(atob(header.replaceAll("-", "+").replaceAll("_", "/"))) as Record<
    string,
    unknown
  >;
};

/** A client that keeps its tokens itself. */
const signIn = (subject: Subject, person: Person = "mike"): Promise<Session> =>
  subject.signInAs(person, { delivery: "body" });

const refresh = (
  subject: Subject,
  outcome: 200 | ErrorCode,
  { refreshToken }: Pick<Session, "refreshToken">,
  key: string,
): Promise<Reply> =>
  expectOutcome(subject, outcome, "POST /refresh", {
    body: { refreshToken },
    headers: { "idempotency-key": key },
  });

const renew = async (subject: Subject, session: Session, key: string): Promise<Session> => {
  const { body, headers } = await refresh(subject, 200, session, key);
  same(headers.get("idempotency-replayed"), null, "Idempotency-Replayed");
  return body as Session;
};

const logIn = (
  subject: Subject,
  outcome: 200 | ErrorCode,
  username: string,
  password: string,
): Promise<Reply> =>
  expectOutcome(subject, outcome, "POST /login", {
    body: { username, password, delivery: "body" },
  });

/** How a session can end, and what brings that about; `session` has been renewed once. */
const endings: {
  readonly [R in SessionEndReason]: (
    subject: Subject,
    session: Session,
    parent: Session,
  ) => Promise<unknown>;
} = {
  reuse: async (subject, _, parent) => {
    await subject.advanceClock(10 * second);
    await refresh(subject, "refresh_invalid", parent, "of-a-thief");
  },
  signedOut: (subject, session) =>
    expectOutcome(subject, 204, "POST /logout", { body: { refreshToken: session.refreshToken } }),
  signedOutEverywhere: (subject, session) =>
    expectOutcome(subject, 204, "DELETE /account/sessions", {}, session),
  endedByAdmin: (subject) =>
    subject.arrange({ kind: "sessionsEnded", person: "mike", reason: "endedByAdmin" }),
  passwordChanged: (subject) =>
    subject.arrange({ kind: "sessionsEnded", person: "mike", reason: "passwordChanged" }),
  deactivated: (subject) => subject.arrange({ kind: "personDeactivated", person: "mike" }),
  idle: (subject) => subject.advanceClock(7 * day),
  absolute: async (subject, session) => {
    let current = session;
    for (let week = 1; week <= 4; week += 1) {
      await subject.advanceClock(7 * day - minute);
      current = await renew(subject, current, `week-${week}`);
    }
    Object.assign(session, current);
    same(
      current.session.idleExpiresAt,
      current.session.absoluteExpiresAt,
      "when the session ends at the latest",
    );
    await subject.advanceClock(3 * day);
  },
};
const reasons = Object.keys(endings) as SessionEndReason[];

/** A look that is no use of the contract: addresses and methods that it does not have. */
const look = async (
  subject: Subject,
  path: string,
  sent: Sent = {},
): Promise<{ status: number; code: string | undefined; headers: Headers }> => {
  const { status, headers, ...response } = await subject
    .fetch(path, { credentials: "omit", ...sent })
    .then(async (answer) => ({
      status: answer.status,
      headers: answer.headers,
      text: await answer.text(),
    }));
  const found = response.text === "" ? undefined : (JSON.parse(response.text) as unknown);
  const parsed = problem.safeParse(found);
  if (parsed.success) same(found, parsed.data, `undeclared members in the problem of ${path}`);
  return { status, code: parsed.success ? parsed.data.code : undefined, headers };
};

export const protocolBehaviours: readonly Shown[] = [
  {
    name: "a refresh gives the next generation of both tokens, and each works",
    run: async (subject) => {
      let session = await signIn(subject);
      const seen = new Set<string | undefined>();
      for (let generation = 1; generation <= 5; generation += 1) {
        seen.add(session.refreshToken).add(session.accessToken);
        await subject.advanceClock(minute);
        session = await renew(subject, session, `key-${generation}`);
        same(session.tokenType, "Bearer", "the type of the token");
        await expectOutcome(subject, 200, "GET /session", {}, session);
      }
      seen.add(session.refreshToken).add(session.accessToken);
      same(seen.size, 12, "how many different tokens there were");
    },
  },
  {
    name: "a refresh repeated under its key gives the same successor, at once and days later, however often",
    run: async (subject) => {
      const parent = await signIn(subject);
      const first = await renew(subject, parent, "the-key");
      for (const pause of [0, 5 * second, 11 * second, minute, 6 * day]) {
        await subject.advanceClock(pause);
        const { body, headers } = await refresh(subject, 200, parent, "the-key");
        same(
          [headers.get("idempotency-replayed"), (body as Session).refreshToken],
          ["true", first.refreshToken],
          `Idempotency-Replayed and the refresh token, ${pause} ms later`,
        );
        await expectOutcome(subject, 200, "GET /session", {}, body as Session);
      }
      await renew(subject, first, "the-next-key");
    },
  },
  {
    name: "a repetition does not keep a session from ending when nobody uses it",
    run: async (subject) => {
      const parent = await signIn(subject);
      await renew(subject, parent, "the-key");
      await subject.advanceClock(6 * day);
      await refresh(subject, 200, parent, "the-key");
      await subject.advanceClock(day);
      same(
        (await refresh(subject, "refresh_invalid", parent, "the-key")).problem?.reason,
        "idle",
        "the reason",
      );
    },
  },
  {
    name: "every generation that was current ten seconds ago is a slow tab's under another key, and ends nothing",
    run: async (subject) => {
      const first = await signIn(subject);
      const secondOne = await renew(subject, first, "key-1");
      await subject.advanceClock(4 * second);
      const third = await renew(subject, secondOne, "key-2");
      await subject.advanceClock(5 * second);
      for (const old of [first, secondOne])
        await refresh(subject, "refresh_conflict", old, "another-key");
      await renew(subject, third, "key-3");
    },
  },
  {
    name: "an older generation under its own key is no repetition either: after ten seconds it is theft",
    run: async (subject) => {
      const first = await signIn(subject);
      const next = await renew(subject, first, "key-1");
      await renew(subject, next, "key-2");
      await subject.advanceClock(10 * second);
      same(
        (await refresh(subject, "refresh_invalid", first, "key-1")).problem?.reason,
        "reuse",
        "the reason",
      );
    },
  },
  {
    name: "a refresh token that is used after its successor ends the session for both who have it, and the user is told",
    run: async (subject) => {
      const stolen = await signIn(subject);
      const own = await renew(subject, stolen, "key-1");
      await subject.advanceClock(10 * second);
      same(
        (await refresh(subject, "refresh_invalid", stolen, "key-of-the-thief")).problem?.reason,
        "reuse",
        "the reason",
      );
      same(
        (await refresh(subject, "refresh_invalid", own, "key-2")).problem?.reason,
        "reuse",
        "the reason for whom it belonged to",
      );
      same(
        (await expectOutcome(subject, "session_ended", "GET /session", {}, own)).problem?.reason,
        "reuse",
        "the reason on the access token",
      );
      const { notices } = await signIn(subject);
      same([notices.length, notices[0]?.kind], [1, "refreshTokenReused"], "the notices");
      same(
        Object.keys(notices[0]?.data ?? {}).toSorted(),
        ["address", "sessionAddress", "sessionStartedAt", "sessionUserAgent", "userAgent"],
        "what the notice tells",
      );
      same((await signIn(subject, "nora")).notices, [], "nora's notices");
    },
  },
  {
    name: "the cookies of a sign-in are for the API alone, and hidden from scripts",
    environment: "outsideAPage",
    beyondTheMock: "cookieFlags",
    run: async (subject) => {
      const { response } = await expectOutcome(subject, 200, "POST /login", {
        ...anybody,
        body: { username: "mike", password: passwordOf("mike") },
      });
      const cookies = response.headers
        .getSetCookie()
        .map((cookie) => cookie.replace(/=[^;]+/, "="));
      const flags = "Path=/; HttpOnly; SameSite=Strict";
      same(
        cookies,
        [
          `sallyport-access-4000=; Max-Age=2592000; ${flags}`,
          `sallyport-refresh-4000=; Max-Age=2592000; ${flags}`,
          `sallyport-device-4000=; Max-Age=34560000; ${flags}`,
        ],
        "the cookies, without their values",
      );
    },
  },
  {
    name: "an answer names the origin whose pages may read it, and a preflight what they may send",
    environment: "outsideAPage",
    run: async (subject) => {
      const sharedWith = async (sent: Sent): Promise<unknown> => {
        const { status, headers } = await look(subject, "/session", sent);
        return [
          status,
          headers.get("vary"),
          headers.get("access-control-allow-origin") !== null,
          headers.get("access-control-allow-credentials"),
          headers.get("access-control-max-age"),
        ];
      };
      same(
        await sharedWith({}),
        [401, "Origin", true, "true", null],
        "what is said to a page of the web app",
      );
      same(
        await sharedWith({ origin: "https://evil.example" }),
        [401, "Origin", false, null, null],
        "what is said to a page elsewhere",
      );
      same(
        await sharedWith({ method: "OPTIONS" }),
        [204, "Origin", true, "true", "600"],
        "what a preflight of the web app is told",
      );
      same(
        await sharedWith({ method: "OPTIONS", origin: "https://evil.example" }),
        [403, "Origin", false, null, null],
        "what a preflight from elsewhere is told",
      );
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
    name: "a request without credentials brings no cookies and leaves none",
    beyondTheMock: "credentialsInNode",
    run: async (subject) => {
      const mike = await subject.signInAs("mike", { delivery: "cookie" });
      const without: Input = { credentials: "omit" };
      same(
        (await expectOutcome(subject, 200, "GET /cookie-check", without)).body,
        { access: false, refresh: false, mode: "same-site" },
        "the cookies that came along",
      );
      await expectOutcome(subject, "token_missing", "GET /session", without);
      await expectOutcome(subject, 200, "POST /login", {
        ...without,
        body: { username: "nora", password: passwordOf("nora") },
      });
      same(
        ((await expectOutcome(subject, 200, "GET /session", {}, mike)).body as Session).user
          .username,
        "mike",
        "who is signed in",
      );
    },
  },
  {
    name: "an access token names the key that it is signed with, which is among those that are published",
    beyondTheMock: "signatures",
    run: async (subject) => {
      const { accessToken = "" } = await signIn(subject);
      const { kid, alg, typ } = headerOf(accessToken);
      const { keys } = (await expectOutcome(subject, 200, "GET /.well-known/jwks.json")).body as {
        keys: Record<string, unknown>[];
      };
      same(
        [typ, keys.find((key) => key["kid"] === kid)?.["alg"]],
        ["at+jwt", alg],
        "the type of the token and the algorithm of its key",
      );
    },
  },
  {
    name: "the access token of a cookie is of another kind than a program's, and neither is taken in the other's place",
    run: async (subject) => {
      const browser = await subject.signInAs("mike", { delivery: "cookie" });
      const program = await signIn(subject);
      const [inCookie, borne = ""] = [await subject.readCookie("access"), program.accessToken];
      same(
        [inCookie, borne].map((token) => headerOf(token)["alg"]),
        ["HS256", "EdDSA"],
        "the algorithms of both tokens",
      );
      const asBearer: Input = { headers: { authorization: `Bearer ${inCookie}` } };
      // Twice, since a token that has been seen is known.
      for (let time = 0; time < 2; time += 1) {
        await expectOutcome(subject, 200, "GET /session", {}, browser);
        await expectOutcome(subject, 200, "GET /session", {}, program);
        await expectOutcome(subject, "token_invalid", "GET /session", asBearer);
        // Nor does it end its own session from there, which is seen when its cookie comes next.
        await expectOutcome(subject, 204, "POST /logout", asBearer);
      }
      await subject.writeCookie("access", borne);
      for (const key of ["GET /session", "GET /sections", "GET /session"] as const)
        await expectOutcome(subject, "token_invalid", key, anybody);
      await subject.writeCookie("access", inCookie);
      await expectOutcome(subject, 200, "GET /session", {}, browser);
      await expectOutcome(subject, 200, "GET /session", {}, program);
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
    name: "a request with Authorization is judged by it alone, cookies or not",
    run: async (subject) => {
      await subject.signInAs("mike", { delivery: "cookie" });
      await expectOutcome(subject, "token_invalid", "GET /session", {
        ...anybody,
        headers: { authorization: "Bearer x.y.z" },
      });
      await expectOutcome(subject, "refresh_missing", "POST /refresh", {
        ...anybody,
        headers: { authorization: "Bearer x.y.z", "idempotency-key": "key-1" },
      });
      await expectOutcome(subject, "token_invalid", "GET /sections", {
        ...anybody,
        headers: { authorization: "Bearer x.y.z" },
      });
      await expectOutcome(subject, 200, "GET /session", anybody);
    },
  },
  ...reasons.map((reason): Shown => ({
    name: `a refresh after the end of a session says that the reason was ${reason}`,
    run: async (subject) => {
      const parent = await signIn(subject);
      const session = await renew(subject, parent, "key-1");
      await endings[reason](subject, session, parent);
      same(
        (await refresh(subject, "refresh_invalid", session, "key-2")).problem?.reason,
        reason,
        "the reason",
      );
    },
  })),
  // An access token has expired long before a session ends of itself.
  ...reasons
    .filter((reason) => reason !== "idle" && reason !== "absolute")
    .map((reason): Shown => ({
      name: `an access token after the end of its session says that the reason was ${reason}`,
      run: async (subject) => {
        const parent = await signIn(subject);
        const session = await renew(subject, parent, "key-1");
        await endings[reason](subject, session, parent);
        same(
          (await expectOutcome(subject, "session_ended", "GET /session", {}, session)).problem
            ?.reason,
          reason,
          "the reason",
        );
      },
    })),
  {
    name: "only a refresh is use of a session: whoever only looks is signed out after seven days",
    run: async (subject) => {
      const session = await signIn(subject);
      await subject.advanceClock(7 * day - minute);
      const renewed = await renew(subject, session, "key-1");
      await expectOutcome(subject, 200, "GET /session", {}, renewed);
      await subject.advanceClock(4 * minute);
      await expectOutcome(subject, 200, "GET /session", {}, renewed);
      await subject.advanceClock(7 * day - 4 * minute);
      same(
        (await refresh(subject, "refresh_invalid", renewed, "key-2")).problem?.reason,
        "idle",
        "the reason",
      );
    },
  },
  {
    name: "a refresh that fails takes no cookie away",
    run: async (subject) => {
      await subject.signInAs("mike", { delivery: "cookie" });
      await subject.advanceClock(8 * day);
      same(
        (
          await expectOutcome(subject, "refresh_invalid", "POST /refresh", {
            ...anybody,
            headers: { "idempotency-key": "key-1" },
          })
        ).problem?.reason,
        "idle",
        "the reason",
      );
      same(
        (await expectOutcome(subject, 200, "GET /cookie-check", anybody)).body,
        { access: true, refresh: true, mode: "same-site" },
        "the cookies that are left",
      );
      await expectOutcome(subject, 204, "POST /logout", anybody);
      same(
        (await expectOutcome(subject, 200, "GET /cookie-check", anybody)).body,
        { access: false, refresh: false, mode: "same-site" },
        "the cookies after the sign-out",
      );
    },
  },
  {
    name: "an expired access token signs out as well as a fresh one",
    run: async (subject) => {
      const session = await signIn(subject);
      await subject.advanceClock(10 * minute);
      await expectOutcome(subject, 204, "POST /logout", {
        headers: { authorization: `Bearer ${session.accessToken}` },
      });
      same(
        (await refresh(subject, "refresh_invalid", session, "key-1")).problem?.reason,
        "signedOut",
        "the reason",
      );
    },
  },
  {
    name: "a refresh token of any generation signs out, and that is no theft",
    run: async (subject) => {
      const parent = await signIn(subject);
      const session = await renew(subject, parent, "key-1");
      await subject.advanceClock(minute);
      await expectOutcome(subject, 204, "POST /logout", {
        body: { refreshToken: parent.refreshToken },
      });
      same(
        (await refresh(subject, "refresh_invalid", session, "key-2")).problem?.reason,
        "signedOut",
        "the reason",
      );
      same((await signIn(subject)).notices, [], "the notices");
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
  {
    name: "tokens for cookies are given to pages of listed origins only",
    environment: "outsideAPage",
    run: async (subject) => {
      const credentials = { username: "mike", password: passwordOf("mike") };
      await expectOutcome(subject, "origin_forbidden", "POST /login", {
        ...anybody,
        origin: null,
        body: credentials,
      });
      await expectOutcome(subject, 200, "POST /login", {
        ...anybody,
        origin: null,
        body: { ...credentials, delivery: "body" },
      });
      await subject.signInAs("mike", { delivery: "cookie" });
      for (const origin of [null, "https://evil.example"]) {
        await expectOutcome(subject, "origin_forbidden", "POST /refresh", {
          ...anybody,
          origin,
          headers: { "idempotency-key": "key-1" },
        });
        await expectOutcome(subject, "origin_forbidden", "POST /logout", { ...anybody, origin });
      }
      await expectOutcome(subject, 200, "GET /session", anybody);
      // No GET changes anything, and whose page asks is the browser's business.
      await expectOutcome(subject, 200, "GET /session", { ...anybody, origin: null });
    },
  },
  {
    name: "a grant counts with the next refresh, and its loss with the next request",
    run: async (subject) => {
      const nora = await signIn(subject, "nora");
      const finance = { params: { slug: "finance" } };
      await expectOutcome(subject, "section_forbidden", "GET /sections/:slug", finance, nora);
      await subject.arrange({ kind: "grantGiven", person: "nora", section: "finance" });
      await expectOutcome(subject, "token_stale", "GET /sections/:slug", finance, nora);
      const richer = await renew(subject, nora, "key-1");
      same(
        richer.sections.map(({ slug }) => slug),
        ["welcome", "finance"],
        "nora's sections",
      );
      await expectOutcome(subject, 200, "GET /sections/:slug", finance, richer);
      await subject.arrange({ kind: "grantTaken", person: "nora", section: "finance" });
      await expectOutcome(subject, "token_stale", "GET /sections/:slug", finance, richer);
      await expectOutcome(
        subject,
        "section_forbidden",
        "GET /sections/:slug",
        finance,
        await renew(subject, richer, "key-2"),
      );
    },
  },
  {
    name: "somebody who is deactivated is out at once, and cannot sign in",
    run: async (subject) => {
      const mike = await signIn(subject);
      await subject.arrange({ kind: "personDeactivated", person: "mike" });
      await expectOutcome(
        subject,
        "session_ended",
        "GET /sections/:slug",
        { params: { slug: "marketing" } },
        mike,
      );
      await logIn(subject, "invalid_credentials", "mike", passwordOf("mike"));
      // The session is over: signing out of it does not change why.
      await expectOutcome(subject, 204, "POST /logout", {
        body: { refreshToken: mike.refreshToken },
      });
      same(
        (await refresh(subject, "refresh_invalid", mike, "a-key")).problem?.reason,
        "deactivated",
        "the reason",
      );
    },
  },
  {
    name: "a dead token is refused also where visitors are welcome",
    run: async (subject) => {
      const mike = await signIn(subject);
      await subject.advanceClock(6 * minute);
      await expectOutcome(subject, "token_expired", "GET /sections", {}, mike);
      await expectOutcome(
        subject,
        "token_expired",
        "GET /sections/:slug",
        { params: { slug: "welcome" } },
        mike,
      );
      await expectOutcome(subject, 200, "GET /sections/:slug", { params: { slug: "welcome" } });
    },
  },
  {
    name: "the stream of events tells of rights that change, and goes on",
    run: async (subject) => {
      const frida = await signIn(subject, "frida");
      const nora = await signIn(subject, "nora");
      const [listener, other] = [await listen(subject, frida), await listen(subject, nora)];
      await subject.arrange({ kind: "grantTaken", person: "frida", section: "finance" });
      await subject.advanceClock(second);
      same(await listener.next(), { event: "permissions", data: {} }, "what frida is told");
      await subject.arrange({ kind: "grantGiven", person: "frida", section: "finance" });
      await subject.advanceClock(second);
      same(await listener.next(), { event: "permissions", data: {} }, "what frida is told then");
      await subject.arrange({ kind: "grantGiven", person: "nora", section: "marketing" });
      await subject.advanceClock(second);
      same(await other.next(), { event: "permissions", data: {} }, "the first that nora is told");
      await listener.leave();
      await other.leave();
    },
  },
  ...reasons
    .filter((reason) => reason !== "idle" && reason !== "absolute")
    .map((reason): Shown => ({
      name: `the stream of events ends with the session, and says that the reason was ${reason}`,
      run: async (subject) => {
        const parent = await signIn(subject);
        const session = await renew(subject, parent, "key-1");
        const listener = await listen(subject, session);
        await endings[reason](subject, session, parent);
        await subject.advanceClock(second);
        same(await listener.next(), { event: "ended", data: { reason } }, "what is told");
        same(await listener.next(), "end", "what follows");
      },
    })),
  {
    name: "the stream of events outlives the access token, is no use of the session, and ends with it",
    run: async (subject) => {
      const listener = await listen(subject, await signIn(subject));
      same(await listener.nextChunk(), ":", "the first of the stream");
      await subject.advanceClock(20 * minute);
      same(await listener.nextChunk(), ":", "what is told after twenty minutes of nothing");
      await subject.advanceClock(7 * day);
      same(
        await listener.next(),
        { event: "ended", data: { reason: "idle" } },
        "what is told after seven days",
      );
    },
  },
  {
    name: "the stream of events tells of a section whose panels or rows have changed, to whoever may see it",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      await addOrderTable(subject, mica);
      const mike = await signIn(subject);
      const [own, other] = [await listen(subject, mica), await listen(subject, mike)];
      const tell = async (what: string, expected: unknown): Promise<void> => {
        await subject.advanceClock(second);
        same(await own.next(), { event: "sections", data: expected }, what);
      };
      await expectOutcome(
        subject,
        200,
        "POST /datasets/:name/rows",
        { params: { name: orders.name }, upload: asOrders(figs) },
        mica,
      );
      await tell("what is told of new rows", { slugs: ["orders"], list: false });
      await putSection(subject, mica, { slug: "orders", panels: [] });
      await tell("what is told of other panels", { slugs: ["orders"], list: false });
      await putSection(subject, mica, { slug: "orders", title: "Another title", panels: [] });
      await tell("what is told of another title", { slugs: ["orders"], list: true });
      await putSection(subject, mica, {
        slug: "orders",
        title: "Another title",
        visibility: "public",
        panels: [],
      });
      await tell("what is told of a section that is public now", { slugs: ["orders"], list: true });
      same(
        await other.next(),
        { event: "sections", data: { slugs: ["orders"], list: true } },
        "the first that mike is told",
      );
      await own.leave();
      await other.leave();
    },
  },
  {
    name: "the stream of events tells at once what has changed since the page began to ask",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      await addOrderTable(subject, mica);
      await subject.advanceClock(minute);
      const began = new Date(
        Date.parse(mica.accessExpiresAt) - mica.expiresIn * second + minute,
      ).toISOString();
      const quiet = await listen(subject, mica, { since: began });
      await subject.advanceClock(second);
      await putSection(subject, mica, { slug: "orders", panels: [] });
      const late = await listen(subject, mica, { since: began });
      await subject.advanceClock(second);
      for (const listener of [quiet, late]) {
        same(
          await listener.next(),
          { event: "sections", data: { slugs: ["orders"], list: false } },
          "what is told",
        );
        await listener.leave();
      }
    },
  },
  {
    name: "nothing is at an address that the contract does not name",
    run: async (subject) => {
      for (const path of [
        "/",
        "/no-such-path",
        "/session/",
        "/Session",
        "/sections/a/b",
        "/login/x",
      ]) {
        const { status, code, headers } = await look(subject, path);
        same(
          [path, status, code, headers.get("content-type"), headers.get("cache-control")],
          [path, 404, "not_found", "application/problem+json", "no-store"],
          "the answer",
        );
      }
      same(
        (await look(subject, "/%68ealthz")).status,
        200,
        "the answer at an address with a letter written otherwise",
      );
    },
  },
  {
    name: "an address that answers other methods says which",
    run: async (subject) => {
      for (const [method, path, allow] of [
        ["GET", "/login", "POST, OPTIONS"],
        ["DELETE", "/session", "GET, HEAD, OPTIONS"],
        ["POST", "/sections/welcome", "GET, HEAD, OPTIONS"],
        ["GET", "/account/sessions", "DELETE, OPTIONS"],
        ["PATCH", "/datasets", "GET, POST, HEAD, OPTIONS"],
      ] as const) {
        const { status, code, headers } = await look(subject, path, { method });
        same(
          [path, status, code, headers.get("allow")],
          [path, errorCatalogue.method_not_allowed.status, "method_not_allowed", allow],
          "the answer",
        );
      }
    },
  },
  {
    name: "HEAD is answered as GET, without a body",
    run: async (subject) => {
      same(
        (await look(subject, "/healthz", { method: "HEAD" })).status,
        200,
        "the status of what is there",
      );
      same(
        (await look(subject, "/session", { method: "HEAD" })).status,
        401,
        "the status for a visitor",
      );
    },
  },
  {
    name: "every wrong value is pointed at, and a query key that came twice is wrong",
    run: async (subject) => {
      const pointersOf = async (path: string): Promise<unknown> => {
        const answer = await subject.fetch(path, { credentials: "omit" });
        const { code, errors } = (await answer.json()) as {
          code: string;
          errors: { pointer: string }[];
        };
        return [code, ...errors.map(({ pointer }) => pointer).toSorted()];
      };
      same(
        await pointersOf("/sections?limit=x&scope=none"),
        ["validation_failed", "/query/limit", "/query/scope"],
        "two wrong values",
      );
      same(
        await pointersOf("/sections?limit=1&limit=2"),
        ["validation_failed", "/query/limit"],
        "a value that came twice",
      );
      same(
        await pointersOf("/sections/welcome?from=2026-02-30"),
        ["validation_failed", "/query/from"],
        "a day that does not exist",
      );
      same(
        await pointersOf("/sections/welcome?from=2026-01-01&last=P1D"),
        ["validation_failed", "/query/from", "/query/last"],
        "a contradiction",
      );
    },
  },
  {
    name: "a section whose panels do not fit their datasets is not stored, and each mistake is pointed at",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      await addOrders(subject, mica);
      for (const { panel, errors } of wrongDefinitions) {
        const body = { slug: "orders", title: "Orders", panels: [panel] };
        const reply = await expectOutcome(
          subject,
          "validation_failed",
          "PUT /sections/:slug/definition",
          { params: { slug: "orders" }, body },
          mica,
        );
        same(
          reply.problem?.errors?.map(({ pointer, code }) => [pointer, code]).toSorted(),
          errors,
          "what is wrong",
        );
      }
      const elsewhere = { slug: "orders", title: "Orders", panels: [orderTable] };
      const reply = await expectOutcome(
        subject,
        "validation_failed",
        "PUT /sections/:slug/definition",
        { params: { slug: "other-orders" }, body: elsewhere },
        mica,
      );
      same(
        reply.problem?.errors?.map(({ pointer, code }) => [pointer, code]),
        [["/slug", "other_slug"]],
        "what is wrong",
      );
      await expectOutcome(
        subject,
        "not_found",
        "GET /sections/:slug/definition",
        { params: { slug: "orders" } },
        mica,
      );
    },
  },
  {
    name: "a session says only what it is asked for: who may see more is not told of by name to whom may not",
    run: async (subject) => {
      const nora = await signIn(subject, "nora");
      includes(nora, { roles: [], permissions: [], notices: [] }, "nora's session");
      same(
        nora.sections.map(({ slug }) => slug),
        ["welcome"],
        "nora's sections",
      );
      holds(
        nora.accessToken !== undefined && nora.refreshToken !== undefined,
        "nora has no tokens",
      );
    },
  },
];
