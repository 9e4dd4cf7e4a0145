/**
 * Both tokens of a session: how they follow one another, how long they count, and what their
 * session ends with.
 */
import type { Session, SessionEndReason } from "../contract/contract.ts";
import { expectOutcome, type Input } from "./ask.ts";
import type { Shown } from "./behaviour.ts";
import { same } from "./differences.ts";
import { listen } from "./listen.ts";
import type { Subject } from "./subject.ts";
import { anybody, day, minute, refresh, renew, second, signIn } from "./steps.ts";

const headerOf = (token: string): Record<string, unknown> => {
  const [header = ""] = token.split(".");
  return JSON.parse(atob(header.replaceAll("-", "+").replaceAll("_", "/"))) as Record<
    string,
    unknown
  >;
};

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
  endedByUser: async (subject, session) =>
    expectOutcome(
      subject,
      204,
      "DELETE /account/sessions/:sessionId",
      { params: { sessionId: session.session.id } },
      await signIn(subject),
    ),
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

export const tokenBehaviours: readonly Shown[] = [
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
];
