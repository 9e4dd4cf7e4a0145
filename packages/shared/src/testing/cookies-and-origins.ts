/** Which pages may use the API, and what cookies come and go with their requests. */
import type { Session } from "../contract/contract.ts";
import { expectOutcome, type Input } from "./ask.ts";
import type { Shown } from "./behaviour.ts";
import { same } from "./differences.ts";
import { passwordOf, type Sent } from "./subject.ts";
import { anybody, day, look } from "./steps.ts";

export const cookieBehaviours: readonly Shown[] = [
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
];
