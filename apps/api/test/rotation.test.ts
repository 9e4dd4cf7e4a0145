import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { sessionEndReasons } from "@sallyport/shared/contract";
import {
  conflictWindowMilliseconds,
  decideRotation,
  endOfSession,
  type RefreshToken,
  type Rotation,
  type SessionRow,
} from "@sallyport/shared/core";
import { chance, digests, newId } from "../src/tokens/chance.ts";
import { deriveMasterSecrets, type MasterSecrets } from "../src/tokens/master-secret.ts";
import { createRefreshTokens } from "../src/tokens/refresh-token.ts";

const start = Date.parse("2026-11-22T09:00:00Z");
const idleMilliseconds = 7 * 24 * 60 * 60 * 1000;
const absoluteMilliseconds = 30 * 24 * 60 * 60 * 1000;

/** A session that rotates outside any database: it applies each decision to its row. */
const createRotating = (
  delivery: "cookie" | "body" = "cookie",
  secrets: MasterSecrets = deriveMasterSecrets(randomBytes(32), []),
) => {
  const secret = chance.secret();
  const row: SessionRow = {
    id: newId("ses"),
    userId: newId("usr"),
    generation: 1,
    secretHash: digests.hash(secret),
    salt: chance.secret(),
    masterSecretId: secrets.current.id,
    idempotencyKeyHash: null,
    rotatedAt: start,
    earlierRotations: [],
    idleExpiresAt: start + idleMilliseconds,
    absoluteExpiresAt: start + absoluteMilliseconds,
    endedAt: null,
    endReason: null,
    delivery,
    userAgent: "Owner's Browser",
    address: "192.0.2.1",
    createdAt: start,
    lastUsedAt: start,
    amr: ["pwd"],
    remembered: true,
    authTime: start,
  };
  const session = {
    row,
    secrets,
    userIsActive: true,
    present: (
      token: RefreshToken,
      options: { key?: string; at?: number; delivery?: "cookie" | "body"; address?: string } = {},
    ): Rotation => {
      const { key, at = start, address = "192.0.2.1" } = options;
      const rotation = decideRotation(
        { row: session.row, version: 0, userIsActive: session.userIsActive },
        {
          token,
          delivery: options.delivery ?? delivery,
          idempotencyKeyHash: key === undefined ? null : digests.hash(key),
          address,
          userAgent: "Presenting Browser",
          requestId: "request-1",
        },
        {
          digests,
          refreshTokens: createRefreshTokens(session.secrets),
          now: at,
          idleMilliseconds,
          wasCurrent: false,
        },
      );
      const { rotation: next, end } = rotation.writes ?? {};
      session.row = {
        ...session.row,
        ...next,
        ...(end && { endedAt: end.at, endReason: end.reason }),
      };
      if ("row" in rotation) expect(rotation.row).toEqual(session.row);
      return rotation;
    },
    rotate: (token: RefreshToken, options: { key?: string; at?: number } = {}): RefreshToken =>
      tokenOf(session.present(token, options), session.secrets),
  };
  const first: RefreshToken = { sessionId: row.id, generation: 1, secret };
  return { session, first };
};

const tokenOf = (rotation: Rotation, secrets: MasterSecrets): RefreshToken => {
  const token =
    "refreshToken" in rotation ? createRefreshTokens(secrets).read(rotation.refreshToken) : null;
  if (!token) throw new Error(`No refresh token: ${rotation.outcome}`);
  return token;
};

const conflict = { outcome: "refused", refusal: { outcome: "conflict" } };
const stolen = { outcome: "refused", refusal: { outcome: "reuse" } };
const otherLine = { outcome: "refused", refusal: { outcome: "refuse", because: "otherLine" } };
const ended = (reason: string): object => ({
  outcome: "refused",
  refusal: { outcome: "refuse", because: "ended", reason },
});

describe.each(["cookie", "body"] as const)(
  "rotation of a session that is delivered by %s",
  (delivery) => {
    it("gives the current generation its successor and writes only the row", () => {
      const { session, first } = createRotating(delivery);
      const rotation = session.present(first, {
        key: "k1",
        at: start + 60_000,
        address: "192.0.2.9",
      });
      expect(rotation).toMatchObject({ outcome: "rotated", row: { generation: 2 } });
      expect(tokenOf(rotation, session.secrets).generation).toBe(2);
      expect(Object.keys(rotation.writes ?? {})).toEqual(["rotation"]);
      expect(session.row).toMatchObject({
        generation: 2,
        rotatedAt: start + 60_000,
        lastUsedAt: start + 60_000,
        address: "192.0.2.9",
        userAgent: "Presenting Browser",
      });
      expect(session.row.secretHash).toEqual(
        digests.hash(tokenOf(rotation, session.secrets).secret),
      );
    });

    it("replays the parent under the same key with the same successor, however late and however often, changing nothing", () => {
      const { session, first } = createRotating(delivery);
      const second = session.rotate(first, { key: "k1" });
      for (const at of [0, 1, 9_999, 10_001, 3_600_000, idleMilliseconds - 1])
        for (let time = 0; time < 5; time += 1) {
          const replay = session.present(first, { key: "k1", at: start + at });
          expect(replay.outcome).toBe("replayed");
          expect(tokenOf(replay, session.secrets)).toEqual(second);
          expect(replay.writes).toBeUndefined();
        }
    });

    it("does not take a slow tab for a thief because the clock has been set back since, and remembers that no longer than ten seconds", () => {
      const { session, first } = createRotating(delivery);
      const later = start + 24 * 60 * 60 * 1000;
      const second = session.rotate(first, { key: "k1", at: later });
      expect(session.present(first, { key: "k2", at: start })).toEqual(conflict);
      const third = session.rotate(second, { key: "k2", at: start });
      expect(session.row.earlierRotations).toEqual([start]);
      session.rotate(third, { key: "k3", at: start + conflictWindowMilliseconds });
      expect(session.row.earlierRotations).toEqual([]);
      expect(
        session.present(first, { key: "k2", at: start + conflictWindowMilliseconds }),
      ).toMatchObject(stolen);
    });

    it("answers the parent under another key or none with a conflict inside ten seconds", () => {
      const { session, first } = createRotating(delivery);
      session.rotate(first, { key: "k1" });
      expect(
        session.present(first, { key: "k2", at: start + conflictWindowMilliseconds - 1 }),
      ).toEqual(conflict);
      expect(session.present(first, { at: start + conflictWindowMilliseconds - 1 })).toEqual(
        conflict,
      );
      expect(session.row.endedAt).toBeNull();
    });

    it("takes the parent under another key as reuse from the tenth second on", () => {
      const { session, first } = createRotating(delivery);
      session.rotate(first, { key: "k1" });
      expect(
        session.present(first, { key: "k2", at: start + conflictWindowMilliseconds }),
      ).toMatchObject(stolen);
      expect(session.row).toMatchObject({
        endedAt: start + conflictWindowMilliseconds,
        endReason: "reuse",
      });
    });

    it("remembers when each of several generations inside ten seconds stopped being current", () => {
      const { session, first } = createRotating(delivery);
      const tokens = [first];
      for (let step = 1; step <= 8; step += 1)
        tokens.push(
          session.rotate(tokens.at(-1) as RefreshToken, {
            key: `k${step}`,
            at: start + step * 1_000,
          }),
        );
      // Generation n stopped being current n seconds after the start.
      for (const token of tokens.slice(0, 8))
        expect(session.present(token, { key: "other", at: start + 9_999 })).toEqual(conflict);
      const at = start + 5_000 + conflictWindowMilliseconds;
      for (const token of tokens.slice(5, 8))
        expect(session.present(token, { key: "other", at })).toEqual(conflict);
      expect(session.present(tokens[4] as RefreshToken, { key: "other", at })).toMatchObject(
        stolen,
      );
    });

    it("does not let two rotations in one millisecond confuse parent and grandparent", () => {
      const { session, first } = createRotating(delivery);
      const second = session.rotate(first, { key: "k1" });
      const third = session.rotate(second, { key: "k2" });
      expect(session.present(first, { key: "k1" })).toEqual(conflict);
      expect(tokenOf(session.present(second, { key: "k2" }), session.secrets)).toEqual(third);
    });

    it("forgets rotations older than the window, so that the row does not grow", () => {
      const { session, first } = createRotating(delivery);
      let token = first;
      for (let step = 1; step <= 50; step += 1)
        token = session.rotate(token, { key: `k${step}`, at: start + step * 20_000 });
      expect(session.row.earlierRotations).toEqual([]);
    });

    it("replays no grandparent, not even under its old key", () => {
      const { session, first } = createRotating(delivery);
      const second = session.rotate(first, { key: "k1" });
      session.rotate(second, { key: "k2", at: start + 20_000 });
      expect(session.present(first, { key: "k1", at: start + 40_000 })).toMatchObject(stolen);
    });

    it("on reuse names both addresses in the audit event and tells the user", () => {
      const { session, first } = createRotating(delivery);
      session.rotate(first, { key: "k1" });
      const { writes } = session.present(first, {
        key: "k2",
        at: start + 60_000,
        address: "198.51.100.7",
      });
      expect(writes?.audit).toMatchObject({
        action: "session.refresh.reuse",
        result: "failure",
        address: "198.51.100.7",
        sessionId: session.row.id,
        detail: { lastAddress: "192.0.2.1", presented: 1, stored: 2 },
      });
      expect(writes?.notice).toMatchObject({
        userId: session.row.userId,
        kind: "refreshTokenReused",
        data: {
          address: "198.51.100.7",
          sessionAddress: "192.0.2.1",
          userAgent: "Presenting Browser",
        },
      });
    });

    it("refuses a generation newer than the row and says so in the audit trail only", () => {
      const { session, first } = createRotating(delivery);
      const before = session.row;
      const second = session.rotate(first, { key: "k1" });
      session.row = before;
      const rotation = session.present(second, { key: "k2" });
      expect(rotation).toMatchObject({
        outcome: "refused",
        refusal: { outcome: "refuse", because: "newer" },
        writes: {
          auditOnce: {
            action: "session.refresh.newerThanDatabase",
            detail: { presented: 2, stored: 1 },
          },
        },
      });
      expect(rotation).not.toHaveProperty("refusal.reason");
      expect(Object.keys(rotation.writes ?? {})).toEqual(["auditOnce"]);
      expect(session.row).toEqual(before);
    });

    it("accuses nobody when a session has gone on from a backup and the generations cross", () => {
      const { session, first } = createRotating(delivery);
      const backup = session.row;
      const second = session.rotate(first, { key: "k1" });
      const other = deriveMasterSecrets(randomBytes(32), []);
      session.row = {
        ...backup,
        generation: 2,
        secretHash: digests.hash(randomBytes(32)),
        masterSecretId: other.current.id,
      };
      const rotation = session.present(second, { key: "k2" });
      expect(rotation).toMatchObject(otherLine);
      expect(Object.keys(rotation.writes ?? {})).toEqual(["auditOnce"]);
    });

    it("takes the other delivery for theft, whatever the generation, and with or without a key", () => {
      const other = delivery === "cookie" ? "body" : "cookie";
      for (const which of [0, 1, 2, 3])
        for (const key of ["k2", undefined]) {
          const { session, first } = createRotating(delivery);
          const second = session.rotate(first, { key: "k1" });
          const third = session.rotate(second, { key: "k2" });
          const before = session.row;
          const fourth = session.rotate(third, { key: "k3" });
          session.row = before;
          const token = [first, second, third, fourth][which] as RefreshToken;
          const options = { delivery: other, ...(key !== undefined && { key }) } as const;
          const rotation = session.present(token, options);
          expect(rotation).toMatchObject({ ...stolen, writes: { notice: {} } });
          expect(rotation.writes?.audit).toMatchObject({
            action: "session.refresh.reuse",
            detail: { delivery: other, presented: which + 1, stored: 3 },
          });
          expect(session.row.endReason).toBe("reuse");
        }
    });

    it.each(sessionEndReasons)(
      "refuses the current generation of a session that ended with the reason %s",
      (endReason) => {
        const { session, first } = createRotating(delivery);
        session.row = { ...session.row, endedAt: start, endReason };
        expect(session.present(first, { key: "k1" })).toEqual(ended(endReason));
      },
    );

    it("does not make a second reuse of an ended session", () => {
      const { session, first } = createRotating(delivery);
      session.rotate(first, { key: "k1" });
      session.present(first, { key: "k2", at: start + 60_000 });
      expect(session.present(first, { key: "k2", at: start + 61_000 })).toEqual(ended("reuse"));
    });

    it("refuses a deactivated user", () => {
      const { session, first } = createRotating(delivery);
      session.userIsActive = false;
      expect(session.present(first, { key: "k1" })).toEqual(ended("deactivated"));
    });

    it("refuses when the idle life is over, to the millisecond", () => {
      const { session, first } = createRotating(delivery);
      expect(session.present(first, { key: "k1", at: start + idleMilliseconds })).toEqual(
        ended("idle"),
      );
      expect(session.present(first, { key: "k1", at: start + idleMilliseconds - 1 }).outcome).toBe(
        "rotated",
      );
    });

    it("extends the idle life with each rotation and the absolute life never", () => {
      const { session, first } = createRotating(delivery);
      let token = first;
      for (let day = 5; day < 30; day += 5)
        token = session.rotate(token, { key: `k${day}`, at: start + day * 86_400_000 });
      expect(session.row).toMatchObject({
        idleExpiresAt: start + absoluteMilliseconds,
        absoluteExpiresAt: start + absoluteMilliseconds,
      });
      expect(session.present(token, { key: "last", at: start + absoluteMilliseconds })).toEqual(
        ended("absolute"),
      );
    });

    it("goes on under a new master secret, and replays under the one that derived the row", () => {
      const [old, young] = [randomBytes(32), randomBytes(32)];
      const { session, first } = createRotating(delivery, deriveMasterSecrets(old, []));
      const second = session.rotate(first, { key: "k1" });
      session.secrets = deriveMasterSecrets(young, [old]);
      expect(
        tokenOf(session.present(first, { key: "k1", at: start + 60_000 }), session.secrets),
      ).toEqual(second);
      const third = session.rotate(second, { key: "k2", at: start + 70_000 });
      expect(session.row.masterSecretId).toBe(session.secrets.current.id);
      expect(
        tokenOf(session.present(second, { key: "k2", at: start + 80_000 }), session.secrets),
      ).toEqual(third);
    });

    it("answers a replay whose master secret was dropped plainly, without a reason", () => {
      const [old, young] = [randomBytes(32), randomBytes(32)];
      const { session, first } = createRotating(delivery, deriveMasterSecrets(old, []));
      session.rotate(first, { key: "k1" });
      session.secrets = deriveMasterSecrets(young, []);
      const rotation = session.present(first, { key: "k1", at: start + 60_000 });
      expect(rotation).toMatchObject(otherLine);
      expect(rotation).not.toHaveProperty("refusal.reason");
      expect(session.row.endedAt).toBeNull();
    });
  },
);

describe("rotation of a session in a cookie jar", () => {
  it("takes the parent without a key as reuse, even when the rotation had none either", () => {
    const { session, first } = createRotating();
    session.rotate(first);
    expect(session.present(first, { at: start + 60_000 })).toMatchObject(stolen);
  });

  it("does not let one key stand for two generations", () => {
    const { session, first } = createRotating();
    const second = session.rotate(first, { key: "same" });
    const third = session.rotate(second, { key: "same", at: start + 1_000 });
    expect(third.generation).toBe(3);
    expect(
      tokenOf(session.present(second, { key: "same", at: start + 2_000 }), session.secrets),
    ).toEqual(third);
  });
});

describe("rotation of a session whose tokens travel in bodies", () => {
  it("gives the current generation no successor without a key, and says so", () => {
    const { session, first } = createRotating("body");
    expect(session.present(first)).toEqual({
      outcome: "refused",
      refusal: { outcome: "keyRequired" },
    });
    expect(session.row.generation).toBe(1);
  });

  it("says of a current generation of another line that it is of another line, key or none", () => {
    const { session, first } = createRotating("body");
    session.row = { ...session.row, secretHash: digests.hash(randomBytes(32)) };
    expect(session.present(first)).toMatchObject(otherLine);
  });
});

describe("rotation of an unknown session", () => {
  it.each(["cookie", "body"] as const)(
    "is refused without a reason and changes nothing, by %s",
    (delivery) => {
      const { first } = createRotating();
      const presented = {
        token: first,
        delivery,
        idempotencyKeyHash: null,
        address: "",
        userAgent: "",
        requestId: "",
      } as const;
      expect(
        decideRotation(null, presented, {
          digests,
          refreshTokens: createRefreshTokens(deriveMasterSecrets(randomBytes(32), [])),
          now: start,
          idleMilliseconds,
          wasCurrent: false,
        }),
      ).toEqual({ outcome: "refused", refusal: { outcome: "refuse", because: "unknown" } });
    },
  );
});

describe("the end of a session", () => {
  const living = {
    endedAt: null,
    endReason: null,
    idleExpiresAt: start + 2,
    absoluteExpiresAt: start + 3,
  };
  it("has not come while it lives", () => expect(endOfSession(living, true, start)).toBeNull());
  it("keeps the reason it was given, whatever came later", () =>
    expect(
      endOfSession({ ...living, endedAt: start, endReason: "signedOut" }, false, start + 9),
    ).toEqual({ reason: "signedOut" }));
  it("names no reason that the contract does not know", () =>
    expect(endOfSession({ ...living, endedAt: start, endReason: "by hand" }, true, start)).toEqual(
      {},
    ));
  it("is absolute when both lives are over", () =>
    expect(endOfSession(living, true, start + 3)).toEqual({ reason: "absolute" }));
});
