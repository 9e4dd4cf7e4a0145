import type { eventEndpoints } from "../contract/events.ts";
import type { sessionEndpoints } from "../contract/session.ts";
import type { Session } from "../contract/contract.ts";
import { expectOutcome, type Input } from "./ask.ts";
import type { BehaviourTable } from "./behaviour.ts";
import { holds, includes, same } from "./differences.ts";
import { listen, listenOnceThereIsRoom } from "./listen.ts";
import { showBusy } from "./show-busy.ts";
import { passwordOf, type Subject } from "./subject.ts";

const anybody: Input = { credentials: "include" };

/** A session without what differs each time. */
const aboutOf = ({
  user: { username, email, displayName },
  roles,
  permissions,
  sections,
}: Session) => ({
  user: { username, email, displayName },
  roles,
  permissions,
  sections: sections.map(({ slug }) => slug),
});

const mike = {
  user: { username: "mike", email: "mike@example.com", displayName: "Mike Lindqvist" },
  roles: ["marketing"],
  permissions: [],
  sections: ["welcome", "marketing"],
};

const newAdmin = {
  username: "Ada",
  displayName: "Ada Admin",
  email: "ada@example.com",
  password: "forty-two quiet herons",
};
const refreshing = (token: string | undefined, key: string): Input => ({
  body: { refreshToken: token },
  headers: { "idempotency-key": key },
});
const unknownNotice = `ntc_${"A".repeat(22)}`;
const wrongPassword: Input = {
  body: { username: "mike", password: "not the one", delivery: "body" },
};

/** Somebody steals a refresh token and uses it after its owner. */
const haveTokenReused = async (subject: Subject): Promise<void> => {
  const { refreshToken } = await subject.signInAs("mike", { delivery: "body" });
  await expectOutcome(subject, 200, "POST /refresh", refreshing(refreshToken, "of-the-owner"));
  await subject.advanceClock(60_000);
  await expectOutcome(
    subject,
    "refresh_invalid",
    "POST /refresh",
    refreshing(refreshToken, "of-the-thief"),
  );
};

export const sessionBehaviours: Pick<
  BehaviourTable,
  | Exclude<keyof typeof sessionEndpoints, "POST /step-up" | "PUT /account/password">
  | keyof typeof eventEndpoints
> = {
  "POST /login": {
    request: { body: { username: "mike", password: passwordOf("mike") } },
    wrong: { body: { username: 7, password: passwordOf("mike") }, pointer: "/username" },
    succeeds: {
      200: {
        name: "signs in with the credentials in the body, and tells who is signed in and what they may do",
        run: async (subject) => {
          const { body } = await expectOutcome(subject, 200, "POST /login", {
            ...anybody,
            body: { username: "mike", password: passwordOf("mike") },
          });
          const session = body as Session;
          same(aboutOf(session), mike, "what the session says of mike");
          same(
            [session.expiresIn, session.notices],
            [300, []],
            "the life of the access token, and the notices",
          );
          same(
            [session.accessToken, session.refreshToken, session.tokenType],
            [undefined, undefined, undefined],
            "tokens in the body of a browser's sign-in",
          );
          const issued = Date.parse(session.accessExpiresAt) - 300_000;
          same(
            [
              Math.round((Date.parse(session.session.idleExpiresAt) - issued) / 60_000),
              Math.round((Date.parse(session.session.absoluteExpiresAt) - issued) / 60_000),
            ],
            [7 * 24 * 60, 30 * 24 * 60],
            "the minutes that the session lives",
          );
        },
      },
    },
    fails: {
      invalid_credentials: {
        name: "answers a wrong password, an unknown name, somebody deactivated and malformed Basic credentials with one code",
        run: async (subject) => {
          const details = new Set<string | undefined>();
          for (const body of [
            { username: "mike", password: "not the one" },
            { username: "nobody", password: "not the one" },
            { username: "dan", password: passwordOf("dan") },
          ])
            details.add(
              (
                await expectOutcome(subject, "invalid_credentials", "POST /login", {
                  ...anybody,
                  body,
                })
              ).problem?.detail,
            );
          same(details.size, 1, "how many ways of saying it there are");
          await expectOutcome(subject, "invalid_credentials", "POST /login", {
            ...anybody,
            headers: { authorization: "Bearer x.y.z" },
          });
        },
      },
      rate_limited: {
        name: "refuses a sixth attempt within fifteen minutes for half a minute, the right password too",
        run: async (subject) => {
          for (let attempt = 1; attempt <= 5; attempt += 1)
            await expectOutcome(subject, "invalid_credentials", "POST /login", wrongPassword);
          const { headers } = await expectOutcome(subject, "rate_limited", "POST /login", {
            body: { username: "mike", password: passwordOf("mike"), delivery: "body" },
          });
          same(
            ["retry-after", "ratelimit", "ratelimit-policy"].map((name) => headers.get(name)),
            ["30", '"account";r=0;t=30', '"account";q=5;w=900'],
            "what the refusal says of the limit",
          );
        },
      },
      busy: showBusy("POST /login", () =>
        Promise.resolve({
          input: { body: { username: "mike", password: passwordOf("mike"), delivery: "body" } },
        }),
      ),
      duplicate_cookie: {
        name: "starts no session where the refresh cookie came twice, since nobody can say which one it replaces",
        run: async (subject) => {
          await subject.signInAs("mike", { delivery: "cookie" });
          await subject.arrange({ kind: "cookieTwice", which: "refresh" });
          await expectOutcome(subject, "duplicate_cookie", "POST /login", {
            ...anybody,
            body: { username: "mike", password: passwordOf("mike") },
          });
        },
      },
    },
  },

  "POST /refresh": {
    request: { body: { refreshToken: "a.b.c.d" }, headers: { "idempotency-key": "a-key" } },
    wrong: {
      headers: { "idempotency-key": "with a blank" },
      body: { refreshToken: "a.b.c.d" },
      pointer: "/headers/idempotency-key",
    },
    succeeds: {
      200: {
        name: "gives a new pair of tokens for the session that the browser's cookie names, and the same session in words",
        run: async (subject) => {
          const before = await subject.signInAs("mike", { delivery: "cookie" });
          await subject.advanceClock(60_000);
          const reply = await expectOutcome(subject, 200, "POST /refresh", {
            ...anybody,
            headers: { "idempotency-key": "first" },
          });
          const after = reply.body as Session;
          same(aboutOf(after), mike, "what the session says of mike");
          same(
            [after.session.id, after.csrfToken, after.session.absoluteExpiresAt],
            [before.session.id, before.csrfToken, before.session.absoluteExpiresAt],
            "what stays as it was",
          );
          same(
            Date.parse(after.session.idleExpiresAt) - Date.parse(before.session.idleExpiresAt),
            60_000,
            "how much later it now ends if nobody uses it",
          );
          same(
            [reply.headers.get("idempotency-replayed"), after.refreshToken],
            [null, undefined],
            "Idempotency-Replayed, and a token in the body",
          );
          await subject.advanceClock(280_000);
          await expectOutcome(subject, 200, "GET /session", {}, after);
        },
      },
    },
    fails: {
      idempotency_key_required: {
        name: "wants a key with a token in the body, before anything rotates",
        run: async (subject) => {
          const { refreshToken } = await subject.signInAs("mike", { delivery: "body" });
          await expectOutcome(subject, "idempotency_key_required", "POST /refresh", {
            body: { refreshToken },
          });
          await subject.advanceClock(60_000);
          const { headers } = await expectOutcome(
            subject,
            200,
            "POST /refresh",
            refreshing(refreshToken, "first"),
          );
          same(headers.get("idempotency-replayed"), null, "Idempotency-Replayed");
        },
      },
      idempotency_key_reused: {
        name: "lets no program refresh twice under one key, and changes nothing",
        run: async (subject) => {
          const first = await subject.signInAs("mike", { delivery: "body" });
          const { body } = await expectOutcome(
            subject,
            200,
            "POST /refresh",
            refreshing(first.refreshToken, "constant"),
          );
          const { refreshToken } = body as Session;
          await subject.advanceClock(60_000);
          await expectOutcome(
            subject,
            "idempotency_key_reused",
            "POST /refresh",
            refreshing(refreshToken, "constant"),
          );
          const { headers } = await expectOutcome(
            subject,
            200,
            "POST /refresh",
            refreshing(refreshToken, "another"),
          );
          same(headers.get("idempotency-replayed"), null, "Idempotency-Replayed");
        },
      },
      refresh_conflict: {
        name: "does not tell a program to come again where another refresh has just come first",
        run: async (subject) => {
          const { refreshToken } = await subject.signInAs("mike", { delivery: "body" });
          await expectOutcome(
            subject,
            200,
            "POST /refresh",
            refreshing(refreshToken, "of-one-program"),
          );
          await subject.advanceClock(9_000);
          const { headers } = await expectOutcome(
            subject,
            "refresh_conflict",
            "POST /refresh",
            refreshing(refreshToken, "of-another"),
          );
          same(headers.get("retry-after"), null, "Retry-After");
        },
      },
      rate_limited: {
        name: "refuses the thirty-first refresh of a session within a minute",
        run: async (subject) => {
          const { refreshToken } = await subject.signInAs("mike", { delivery: "body" });
          for (let attempt = 1; attempt <= 30; attempt += 1)
            await expectOutcome(
              subject,
              200,
              "POST /refresh",
              refreshing(refreshToken, "the-same"),
            );
          const { headers } = await expectOutcome(
            subject,
            "rate_limited",
            "POST /refresh",
            refreshing(refreshToken, "the-same"),
          );
          same(
            ["retry-after", "ratelimit", "ratelimit-policy"].map((name) => headers.get(name)),
            ["60", '"refresh";r=0;t=60', '"refresh";q=30;w=60'],
            "what the refusal says of the limit",
          );
          await subject.advanceClock(60_000);
          await expectOutcome(subject, 200, "POST /refresh", refreshing(refreshToken, "the-same"));
        },
      },
      busy: showBusy("POST /refresh", async (subject) => ({
        input: refreshing(
          (await subject.signInAs("mike", { delivery: "body" })).refreshToken,
          "first",
        ),
      })),
    },
  },

  "POST /logout": {
    request: { body: { refreshToken: "a.b.c.d" } },
    wrong: { body: { refreshToken: 7 }, pointer: "/refreshToken" },
    succeeds: {
      204: {
        name: "ends the session of the browser and takes its cookies, and is content where there is nothing to end",
        run: async (subject) => {
          await subject.signInAs("mike", { delivery: "cookie" });
          await expectOutcome(subject, 204, "POST /logout", anybody);
          same(
            (await expectOutcome(subject, 200, "GET /cookie-check", anybody)).body,
            { access: false, refresh: false, mode: "same-site" },
            "the cookies that are left",
          );
          await expectOutcome(subject, "token_missing", "GET /session", anybody);
          await expectOutcome(subject, "refresh_missing", "POST /refresh", anybody);
          for (const input of [
            anybody,
            {},
            { body: { refreshToken: "garbage" } },
            { headers: { authorization: "Bearer x.y.z" } },
          ])
            await expectOutcome(subject, 204, "POST /logout", input);
        },
      },
    },
    fails: {
      duplicate_cookie: {
        name: "ends nothing where one of the cookies came twice",
        run: async (subject) => {
          const session = await subject.signInAs("mike", { delivery: "cookie" });
          const client = await subject.signInAs("mike", { delivery: "body" });
          await subject.arrange({ kind: "cookieTwice", which: "access" });
          await expectOutcome(subject, "duplicate_cookie", "POST /logout", anybody);
          holds(session.session.id !== client.session.id, "two sign-ins made one session");
          await expectOutcome(subject, 200, "GET /session", {}, client);
        },
      },
      busy: showBusy("POST /logout", async (subject) => ({
        input: {
          body: {
            refreshToken: (await subject.signInAs("mike", { delivery: "body" })).refreshToken,
          },
        },
      })),
    },
  },

  "GET /session": {
    request: {},
    succeeds: {
      200: {
        name: "tells who is signed in, by cookie and by token alike, without giving a token away",
        run: async (subject) => {
          for (const delivery of ["cookie", "body"] as const) {
            const signedIn = await subject.signInAs("mike", { delivery });
            await subject.advanceClock(10_000);
            const now = (await expectOutcome(subject, 200, "GET /session", {}, signedIn))
              .body as Session;
            const { tokenType: _, accessToken: __, refreshToken: ___, ...rest } = signedIn;
            same(
              now,
              { ...rest, expiresIn: 290 },
              `the session of ${delivery} delivery, ten seconds later`,
            );
          }
        },
      },
    },
    fails: {},
  },

  "DELETE /account/sessions": {
    request: {},
    wrong: { query: { except: "this" }, pointer: "/query/except" },
    succeeds: {
      204: {
        name: "signs out everywhere, here too unless it is excepted, and nobody else",
        run: async (subject) => {
          const here = await subject.signInAs("mike", { delivery: "cookie" });
          const elsewhere = await subject.signInAs("mike", { delivery: "body" });
          const nora = await subject.signInAs("nora", { delivery: "body" });
          await expectOutcome(subject, 204, "DELETE /account/sessions", {}, here);
          same(
            (await expectOutcome(subject, 200, "GET /cookie-check", anybody)).body,
            { access: false, refresh: false, mode: "same-site" },
            "the cookies that are left",
          );
          const { problem } = await expectOutcome(
            subject,
            "session_ended",
            "GET /session",
            {},
            elsewhere,
          );
          same(problem?.reason, "signedOutEverywhere", "the reason");
          await expectOutcome(subject, 200, "GET /session", {}, nora);

          const kept = await subject.signInAs("mike", { delivery: "cookie" });
          const other = await subject.signInAs("mike", { delivery: "body" });
          const except = { query: { except: "current" } };
          await expectOutcome(subject, 204, "DELETE /account/sessions", except, kept);
          const ended = await expectOutcome(subject, "session_ended", "GET /session", {}, other);
          same(ended.problem?.reason, "endedByUser", "the reason of those that were not kept");
          for (const session of [kept, nora])
            await expectOutcome(subject, 200, "GET /session", {}, session);
        },
      },
    },
    fails: {},
  },

  "DELETE /account/notices/:noticeId": {
    request: { params: { noticeId: unknownNotice } },
    wrong: { params: { noticeId: "ntc_1" }, pointer: "/params/noticeId" },
    succeeds: {
      204: {
        name: "dismisses one's own notice for good, is content where there is none, and leaves those of others alone",
        run: async (subject) => {
          await haveTokenReused(subject);
          const mike = await subject.signInAs("mike", { delivery: "body" });
          const [notice] = mike.notices;
          holds(
            notice !== undefined && mike.notices.length === 1,
            `mike has ${mike.notices.length} notices of the reuse`,
          );
          const nora = await subject.signInAs("nora", { delivery: "body" });
          const noticesNow = async (): Promise<number> =>
            ((await expectOutcome(subject, 200, "GET /session", {}, mike)).body as Session).notices
              .length;
          const dismiss = (noticeId: string, as: Session) =>
            expectOutcome(
              subject,
              204,
              "DELETE /account/notices/:noticeId",
              { params: { noticeId } },
              as,
            );
          await dismiss(notice.id, nora);
          await dismiss(unknownNotice, mike);
          same(await noticesNow(), 1, "the notices that are left");
          await dismiss(notice.id, mike);
          await dismiss(notice.id, mike);
          same(await noticesNow(), 0, "the notices that are left");
        },
      },
    },
    fails: {},
  },

  "GET /cookie-check": {
    request: {},
    succeeds: {
      200: {
        name: "tells which of the two cookies came back",
        run: async (subject) => {
          const check = async (input: Input): Promise<unknown> =>
            (await expectOutcome(subject, 200, "GET /cookie-check", input)).body;
          same(
            await check(anybody),
            { access: false, refresh: false, mode: "same-site" },
            "before anybody has signed in",
          );
          await subject.signInAs("mike", { delivery: "cookie" });
          same(
            await check(anybody),
            { access: true, refresh: true, mode: "same-site" },
            "after a sign-in",
          );
        },
      },
    },
    fails: {
      duplicate_cookie: {
        name: "says so where a cookie came twice, and both are cleared",
        run: async (subject) => {
          await subject.signInAs("mike", { delivery: "cookie" });
          await subject.arrange({ kind: "cookieTwice", which: "access" });
          await expectOutcome(subject, "duplicate_cookie", "GET /cookie-check", anybody);
          await expectOutcome(subject, "token_missing", "GET /session", anybody);
        },
      },
    },
  },

  "GET /setup": {
    request: {},
    succeeds: {
      200: {
        name: "says whether there is an admin and whether mail is sent, and no more than that",
        run: async (subject) => {
          const ask = async (): Promise<unknown> =>
            (await expectOutcome(subject, 200, "GET /setup", anybody)).body;
          same(await ask(), { done: true, mail: true }, "with an admin");
          const token = await subject.createSetupLink();
          same(await ask(), { done: false, mail: true }, "without one");
          await expectOutcome(subject, 200, "POST /setup", {
            body: { token, ...newAdmin, delivery: "body" },
          });
          same(await ask(), { done: true, mail: true }, "with the first one");
        },
      },
    },
    fails: {},
  },
  "POST /setup": {
    request: { body: { token: "x".repeat(43), ...newAdmin } },
    wrong: {
      body: { token: "x".repeat(43), ...newAdmin, password: "too short" },
      pointer: "/password",
    },
    succeeds: {
      200: {
        name: "creates an admin who may do and see everything, and signs them in",
        run: async (subject) => {
          const { permissions } = await subject.signInAs("mica", { delivery: "body" });
          const token = await subject.createSetupLink();
          const { body } = await expectOutcome(subject, 200, "POST /setup", {
            ...anybody,
            body: { token, ...newAdmin },
          });
          const session = body as Session;
          includes(
            { ...session, sections: session.sections.map(({ slug }) => slug) },
            {
              user: { username: "Ada", email: "ada@example.com", displayName: "Ada Admin" },
              roles: ["admin"],
              permissions,
              sections: ["welcome", "marketing", "finance", "people", "operations"],
            },
            "the session of the new admin",
          );
          await expectOutcome(subject, 200, "GET /session", {}, session);
          await expectOutcome(subject, 200, "POST /login", {
            body: { username: "ada", password: newAdmin.password, delivery: "body" },
          });
        },
      },
    },
    fails: {
      setup_done: {
        name: "works once",
        run: async (subject) => {
          const token = await subject.createSetupLink();
          await expectOutcome(subject, 200, "POST /setup", {
            body: { token, ...newAdmin, delivery: "body" },
          });
          await expectOutcome(subject, "setup_done", "POST /setup", {
            body: {
              token,
              ...newAdmin,
              username: "eve",
              email: "eve@example.com",
              delivery: "body",
            },
          });
        },
      },
      name_taken: {
        name: "refuses a name and an address that somebody has, and the link is not used up by it",
        run: async (subject) => {
          const token = await subject.createSetupLink();
          const setUp = (changed: object): Input => ({
            body: { token, ...newAdmin, delivery: "body", ...changed },
          });
          await expectOutcome(subject, "name_taken", "POST /setup", setUp({ username: "MIKE" }));
          await expectOutcome(
            subject,
            "name_taken",
            "POST /setup",
            setUp({ email: "Nora@example.com" }),
          );
          await expectOutcome(subject, 200, "POST /setup", setUp({}));
        },
      },
      busy: showBusy("POST /setup", async (subject) => ({
        input: { body: { token: await subject.createSetupLink(), ...newAdmin, delivery: "body" } },
      })),
      rate_limited: {
        name: "lets nobody guess: after twenty wrong tokens even the right one has to wait",
        run: async (subject) => {
          const token = await subject.createSetupLink();
          const setUp = (guess: string): Input => ({
            body: { token: guess, ...newAdmin, delivery: "body" },
          });
          for (let guess = 1; guess <= 20; guess += 1)
            await expectOutcome(
              subject,
              "one_use_token_invalid",
              "POST /setup",
              setUp(`guess-${guess}`),
            );
          const { headers } = await expectOutcome(
            subject,
            "rate_limited",
            "POST /setup",
            setUp(token),
          );
          same(
            ["retry-after", "ratelimit", "ratelimit-policy"].map((name) => headers.get(name)),
            ["22", '"address";r=0;t=22', '"address";q=20;w=900'],
            "what the refusal says of the limit",
          );
        },
      },
    },
  },

  "GET /session/events": {
    request: {},
    wrong: { query: { since: "yesterday" }, pointer: "/query/since" },
    succeeds: {
      200: {
        name: "is a stream that begins at once, with a comment",
        run: async (subject) => {
          const mike = await subject.signInAs("mike", { delivery: "body" });
          const listener = await listen(subject, mike);
          same(await listener.nextChunk(), ":", "the first of the stream");
          await listener.leave();
        },
      },
    },
    fails: {
      rate_limited: {
        name: "gives one session eight streams at once, and another one when one of them has ended",
        run: async (subject) => {
          const mike = await subject.signInAs("mike", { delivery: "body" });
          const listeners = [];
          for (let stream = 1; stream <= 8; stream += 1)
            listeners.push(await listen(subject, mike));
          const { headers } = await expectOutcome(
            subject,
            "rate_limited",
            "GET /session/events",
            {},
            mike,
          );
          same(headers.get("retry-after"), "20", "Retry-After");
          await listeners.pop()?.leave();
          listeners.push(await listenOnceThereIsRoom(subject, mike));
          for (const listener of listeners) await listener.leave();
        },
      },
    },
  },
};
