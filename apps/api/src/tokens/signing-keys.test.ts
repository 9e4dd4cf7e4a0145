import type {
  AccessTokenUse,
  SigningKeyRow,
  SigningKeyStore,
  Stores,
} from "@sallyport/shared/core";
import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { deriveMasterSecrets } from "./master-secret.ts";
import { jwksLifeSeconds, openSigningKeys, signingKeySchedule } from "./signing-keys.ts";
import { codeOf, create, given, now, secrets } from "../../test/own-tokens.ts";

const day = 24 * 60 * 60 * 1000;

/** A store of signing keys only; what stands behind it is proven with the whole app. */
const createRing = async (start = now, ringSecrets = secrets, rows: SigningKeyRow[] = []) => {
  const clock = { time: start, now: () => clock.time };
  const signingKeys: SigningKeyStore = {
    list: () => rows.toSorted((a, b) => a.activatesAt - b.activatesAt),
    change: async ({ add, update, removedBefore }) => {
      for (const row of update)
        rows.splice(
          rows.findIndex(({ kid }) => kid === row.kid),
          1,
          row,
        );
      rows.push(...add);
      rows.splice(
        0,
        rows.length,
        ...rows.filter((row) => row.removedAt === null || row.removedAt >= removedBefore),
      );
    },
  };
  const audit: Stores["audit"] = {
    add: () => Promise.resolve(),
    read: () => ({ events: [], next: null }),
    purge: () => 0,
  };
  return { clock, rows, ring: await openSigningKeys({ signingKeys, audit }, ringSecrets, clock) };
};

const rowsOf = (rows: readonly SigningKeyRow[], use: AccessTokenUse): SigningKeyRow[] =>
  rows.filter((row) => row.use === use);

describe.each(["bearer", "cookie"] as const)("the key ring of %s tokens", (use) => {
  it("makes a key and the next one at first", async () => {
    const { ring, rows } = await createRing();
    const own = rowsOf(rows, use);
    expect(own.map(({ activatesAt }) => activatesAt)).toEqual([now, now + 30 * day]);
    expect(ring.sign(use, now).kid).toBe(own[0]?.kid);
  });

  it("signs with its oldest key when the clock has been set back to before any of them", async () => {
    const { ring } = await createRing();
    expect(ring.sign(use, now - day).kid).toBe(ring.sign(use, now).kid);
  });

  it("keeps what signs encrypted under the master secret, bound to its key id and its use", async () => {
    const { rows } = await createRing();
    const [row] = rowsOf(rows, use) as [SigningKeyRow];
    expect(Buffer.from(row.encryptedPrivateJwk).toString("latin1")).not.toMatch(/"d"|"k"|kty/);
    const elsewhere = [{ ...row, kid: "another" }];
    await expect(createRing(now, secrets, elsewhere)).rejects.toThrow(/authenticate/);
    const forOther = [{ ...row, use: use === "cookie" ? "bearer" : "cookie" } as const];
    await expect(createRing(now, secrets, forOther)).rejects.toThrow(/authenticate/);
  });

  it("has each key long before it signs, and keeps the retired one a day after", async () => {
    const { clock, ring, rows } = await createRing();
    const kids = (): string[] => rowsOf(rows, use).map(({ kid }) => kid);
    const [first = "", second] = kids();
    expect(ring.sign(use, now).kid).toBe(first);

    clock.time = now + 30 * day;
    await ring.maintain();
    expect(ring.sign(use, clock.time).kid).toBe(second);
    expect(kids()).toEqual([first, second, expect.any(String)]);
    const third = kids()[2];

    clock.time = now + 31 * day + 1;
    await ring.maintain();
    expect(ring.find(first)).toBeNull();
    expect(kids()).toEqual([second, third]);
  });

  it("has a key for an hour and what copies may live before it signs, also by command", async () => {
    const { clock, ring, rows } = await createRing();
    const kids = (): string[] => rowsOf(rows, use).map(({ kid }) => kid);
    const rotate = async () => (await ring.rotate()).filter((rotated) => rotated.use === use);
    const [first, second] = kids();
    const longest = signingKeySchedule.publishedBeforeMilliseconds;
    expect(longest).toBe(3_600_000 + jwksLifeSeconds * 1000);

    clock.time = now + 60_000;
    expect(await rotate()).toEqual([{ use, kid: second, signsFrom: now + longest }]);
    expect([
      ring.sign(use, clock.time).kid,
      ring.sign(use, now + longest - 1).kid,
      ring.sign(use, now + longest).kid,
    ]).toEqual([first, first, second]);
    // Asking again changes nothing.
    clock.time = now + 120_000;
    expect(await rotate()).toEqual([{ use, kid: second, signsFrom: now + longest }]);

    clock.time = now + day;
    await ring.maintain();
    const third = kids()[2];
    clock.time += longest;
    expect(await rotate()).toEqual([{ use, kid: third, signsFrom: clock.time }]);
    expect(ring.sign(use, clock.time).kid).toBe(third);
    expect(kids()).toHaveLength(4);
  });

  it("trusts no key of before once they have leaked, and has a next one again", async () => {
    const { clock, ring, rows } = await createRing();
    const before = rows.map(({ kid }) => kid);
    clock.time = now + 60_000;
    const rotated = (await ring.rotate({ leaked: true })).find((one) => one.use === use);
    expect(rotated).toEqual({
      use,
      kid: ring.sign(use, clock.time).kid,
      signsFrom: clock.time,
    });
    for (const old of before) expect(ring.find(old)).toBeNull();
    expect(rowsOf(rows, use).map(({ activatesAt }) => activatesAt)).toEqual([
      clock.time,
      clock.time + 30 * day,
    ]);
  });

  it("switches to the next key on time even when nothing maintains it", async () => {
    const { clock, ring } = await createRing();
    const first = ring.sign(use, now).kid;
    clock.time = now + 29 * day;
    await ring.maintain();
    expect(ring.sign(use, now + 32 * day).kid).not.toBe(first);
  });

  it("accepts tokens of the old key after each rotation, by schedule and by command", async () => {
    const { clock, ring } = await createRing();
    const tokens = create({ use, keys: ring });
    const { token } = await tokens.issue(given, now);
    clock.time = now + 2 * 3_600_000;
    const kid = (await ring.rotate()).find((rotated) => rotated.use === use)?.kid;
    expect(ring.sign(use, clock.time).kid).toBe(kid);
    expect(await codeOf(tokens.verify(token, now))).toBe("accepted");
    const late = await tokens.issue(given, (clock.time = now + 30 * day));
    clock.time = now + 30 * day + 2 * 3_600_000;
    await ring.maintain();
    expect(ring.sign(use, clock.time).kid).not.toBe(kid);
    expect(await codeOf(tokens.verify(late.token, now + 30 * day))).toBe("accepted");
  });

  it("signs on after a change of the master secret, and moves its keys to the new one", async () => {
    const [old, young] = [randomBytes(32), randomBytes(32)];
    const { rows, ring } = await createRing(now, deriveMasterSecrets(old, []));
    const { kid } = ring.sign(use, now);
    const both = await createRing(now, deriveMasterSecrets(young, [old]), rows);
    expect(both.ring.sign(use, now).kid).toBe(kid);
    const youngOnly = await createRing(now, deriveMasterSecrets(young, []), rows);
    expect(youngOnly.ring.sign(use, now).kid).toBe(kid);
  });

  it("makes a new key when the old secret is gone", async () => {
    const { rows, ring } = await createRing(now, deriveMasterSecrets(randomBytes(32), []));
    const { kid } = ring.sign(use, now);
    const other = await createRing(now + 1, deriveMasterSecrets(randomBytes(32), []), rows);
    expect(other.ring.sign(use, now + 1).kid).not.toBe(kid);
    // What has a public half is still verified by it. A secret that cannot be read is good for
    // nothing.
    expect(other.ring.find(kid) !== null).toBe(use === "bearer");
  });
});

describe("the published keys", () => {
  it("are the public halves of those for programs, and nothing of those for cookies", async () => {
    const { ring, rows } = await createRing();
    expect(ring.jwks().keys).toEqual(
      rowsOf(rows, "bearer").map(({ kid }) => ({
        kty: "OKP",
        crv: "Ed25519",
        x: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/) as string,
        kid,
        alg: "EdDSA",
        use: "sig",
      })),
    );
    expect(rowsOf(rows, "cookie")).toHaveLength(2);
    expect(JSON.stringify(ring.jwks())).not.toMatch(/"d"|"k"/);
  });

  it("name each key for longer than anybody may keep them before it signs, and a retired one for a day", async () => {
    const { clock, ring } = await createRing();
    const kids = (): unknown[] => ring.jwks().keys.map(({ kid }) => kid);
    const [first, second] = kids();
    clock.time = now + 30 * day;
    await ring.maintain();
    expect(kids()).toEqual([first, second, expect.any(String)]);
    const third = kids()[2];
    clock.time = now + 31 * day + 1;
    await ring.maintain();
    expect(kids()).toEqual([second, third]);
  });

  it("are chosen anew after a command: no key of cookies comes in among them", async () => {
    const { clock, ring, rows } = await createRing();
    for (const leaked of [false, true, false]) {
      clock.time += 2 * 3_600_000;
      await ring.rotate({ leaked });
      expect(ring.jwks().keys.map(({ kid }) => kid)).toEqual(
        rowsOf(rows, "bearer")
          .toSorted((a, b) => a.activatesAt - b.activatesAt)
          .map(({ kid }) => kid),
      );
    }
  });
});
