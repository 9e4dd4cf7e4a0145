import { hash as argon2Hash } from "@node-rs/argon2";
import { hash as bcryptHash } from "@node-rs/bcrypt";
import { pbkdf2Sync, scryptSync } from "node:crypto";
import { describe, expect, it, onTestFinished } from "vitest";
import { AppError } from "@sallyport/shared/core";
import type { Passwords } from "@sallyport/shared/core";
import { createPasswords } from "../src/users/passwords.ts";
import { outcomeOf, refusal } from "./refreshing.ts";
import { createTeamApp, passwordOf, type TeamApp } from "./team.ts";
import { plainPasswords } from "./plain-passwords.ts";
import { createBrowser, request, webOrigin, type Reply } from "./test-browser.ts";

const second = 1_000;

const signIn = (
  app: TeamApp,
  username: string,
  password = passwordOf(username),
  address = "192.0.2.1",
): Promise<Reply> =>
  request(app, "POST", "/login", { body: { username, password, delivery: "body" }, address });
const repeat = async (
  times: number,
  send: (index: number) => Promise<Reply>,
): Promise<number[]> => {
  const statuses = [];
  for (let index = 0; index < times; index += 1) statuses.push((await send(index)).status);
  return statuses;
};

/** Nobody waits for what is counted; it is written in the next turn of the loop. */
const written = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

describe("POST /login", () => {
  it("tells who is signed in, what they may do and how long it lasts", async () => {
    const app = await createTeamApp();
    const { body } = await createBrowser(app).signIn("mike");
    expect(body).toMatchObject({
      status: "signedIn",
      user: {
        id: app.userIds.mike,
        username: "mike",
        email: "mike@example.com",
        displayName: "mike",
      },
      roles: ["marketing"],
      permissions: [],
      sections: [{ slug: "welcome" }, { slug: "marketing" }],
      expiresIn: 300,
      accessExpiresAt: "2026-11-22T09:05:00.000Z",
      session: {
        idleExpiresAt: "2026-11-29T09:00:00.000Z",
        absoluteExpiresAt: "2026-12-22T09:00:00.000Z",
      },
      notices: [],
    });
  });

  it("gives the same body for a wrong password, an unknown user and a deactivated one", async () => {
    const app = await createTeamApp();
    const replies = [
      await signIn(app, "mike", "wrong"),
      await signIn(app, "nobody", "wrong"),
      await signIn(app, "dan"),
      await signIn(app, "dan", "wrong"),
    ];
    for (const reply of replies) {
      expect(reply).toMatchObject({
        status: 401,
        body: { code: "invalid_credentials" },
        setCookies: [],
      });
      expect({ ...reply.body, requestId: "" }).toEqual({ ...replies[0]?.body, requestId: "" });
    }
    const shapes = replies.map(({ headers }) => [...headers.keys()].sort().join());
    expect(new Set(shapes).size).toBe(1);
  });

  it("hashes once for an unknown user too, so that time tells nothing", async () => {
    const seen: (string | null)[] = [];
    const passwords: Passwords = {
      ...plainPasswords,
      verify: (hash, password) => (seen.push(hash), plainPasswords.verify(hash, password)),
    };
    const app = await createTeamApp({ passwords });
    await signIn(app, "nobody", "wrong");
    await signIn(app, "mike", "wrong");
    await signIn(app, "dan");
    expect(seen).toEqual([null, `plain:${passwordOf("mike")}`, `plain:${passwordOf("dan")}`]);
  });

  it("answers a wrong password while nothing can be written, so that neither time nor status tells who there is", async () => {
    const app = await createTeamApp();
    onTestFinished(app.holdWriteLock());
    for (const username of ["nobody", "mike", "dan"])
      expect((await signIn(app, username, "wrong")).status).toBe(401);
  });

  it("never signs in a user without a password", async () => {
    const app = await createTeamApp({
      passwords: await createPasswords({ concurrency: 1, queueLimit: 4 }),
    });
    app.runSql("UPDATE users SET password_hash = NULL");
    for (const password of ["null", "undefined", " ", "the password of nobody"])
      expect((await signIn(app, "mike", password)).status).toBe(401);
  });

  it("finds the user whatever the case, the width or the spaces of the name", async () => {
    const app = await createTeamApp();
    for (const username of ["MIKE", "Mike", "ｍｉｋｅ", " mike ", "𝐦ike"])
      expect((await signIn(app, username, passwordOf("mike"))).status).toBe(200);
  });

  it("counts every spelling of a name as one account", async () => {
    const app = await createTeamApp();
    const spellings = ["mike", "MIKE", "ｍｉｋｅ", " mike", "𝐦ike", "Mike"];
    expect(await repeat(6, (index) => signIn(app, spellings[index] ?? "", "wrong"))).toEqual([
      401, 401, 401, 401, 401, 429,
    ]);
  });

  it("takes Basic credentials in UTF-8, and not both kinds at once", async () => {
    const app = await createTeamApp();
    app.runSql(
      "UPDATE users SET username_key = 'åsa', password_hash = 'plain:lösenord på svenska' WHERE username = 'mike'",
    );
    const authorization = `Basic ${Buffer.from("Åsa:lösenord på svenska").toString("base64")}`;
    const headers = { origin: webOrigin, authorization };
    expect((await request(app, "POST", "/login", { headers })).status).toBe(200);
    expect(
      (await request(app, "POST", "/login", { headers, body: { delivery: "body" } })).body
        .tokenType,
    ).toBe("Bearer");
    expect(
      await request(app, "POST", "/login", {
        headers,
        body: { username: "mica", password: passwordOf("mica") },
      }),
    ).toMatchObject({
      status: 400,
      body: { code: "validation_failed" },
    });
  });

  it("answers malformed Basic, an empty user and other schemes with 401", async () => {
    const app = await createTeamApp();
    for (const authorization of [
      "Basic",
      "Basic !!!",
      `Basic ${Buffer.from(":x").toString("base64")}`,
      `Basic ${Buffer.from("mike").toString("base64")}`,
      `Basic ${Buffer.from([0x6d, 0x3a, 0xff]).toString("base64")}`,
      "Bearer abc",
      "Digest x",
    ])
      expect(
        await request(app, "POST", "/login", {
          headers: { origin: webOrigin, authorization },
          body: { username: "mike", password: passwordOf("mike") },
        }),
      ).toMatchObject({
        status: 401,
        body: { code: "invalid_credentials" },
      });
  });

  it("leaves a trace of each result with its factor, and of a failed name nothing", async () => {
    const app = await createTeamApp();
    await signIn(app, "mike");
    await signIn(app, "mike", "wrong");
    await signIn(app, "my password by mistake", "x");
    await signIn(app, "dan");
    await written();
    const events = app.auditEvents("session.signIn");
    expect(events.map(({ result, detail }) => [result, detail])).toEqual([
      ["success", { amr: ["pwd"], delivery: "body" }],
      ["failure", { factor: "password", reason: "wrongPassword" }],
      ["failure", { factor: "password", reason: "unknownUser", network: "192.0.2.1", count: 1 }],
      ["failure", { factor: "password", reason: "deactivated" }],
    ]);
    expect(events.map(({ address }) => address)).toEqual(Array(4).fill("192.0.2.1"));
    expect(JSON.stringify(events)).not.toContain("by mistake");
  });
});

describe("sign-in", () => {
  it("ends the session that it replaces on that device, and no other", async () => {
    const app = await createTeamApp();
    const [device, elsewhere] = [createBrowser(app), createBrowser(app)];
    const old = (await device.signIn("mike")).body.session?.id;
    await elsewhere.signIn("mike");
    const before = device.copy();
    const fresh = (await device.signIn("mike")).body.session?.id;
    expect(fresh).not.toBe(old);
    expect(await before.send("GET", "/session")).toMatchObject({
      status: 401,
      body: { code: "session_ended", reason: "signedOut" },
    });
    expect(outcomeOf(await before.refresh("k1"))).toEqual(refusal("signedOut"));
    expect((await elsewhere.send("GET", "/session")).status).toBe(200);
  });

  it("ends the replaced session of another user on that device as well", async () => {
    const app = await createTeamApp();
    const device = createBrowser(app);
    await device.signIn("mike");
    const before = device.copy();
    await device.signIn("nora");
    expect((await before.send("GET", "/session")).status).toBe(401);
  });

  it("that fails ends nothing and touches no cookie", async () => {
    const app = await createTeamApp();
    const device = createBrowser(app);
    await device.signIn("mike");
    const reply = await device.send("POST", "/login", {
      body: { username: "mike", password: "not the words of mike" },
    });
    expect(reply).toMatchObject({ status: 401, setCookies: [] });
    expect((await device.send("GET", "/session")).status).toBe(200);
  });
});

describe("the limits of sign-in", () => {
  it("allow five failures for an account in 15 minutes from one network, and say when to come again", async () => {
    const app = await createTeamApp();
    expect(await repeat(5, () => signIn(app, "mike", "wrong"))).toEqual([401, 401, 401, 401, 401]);
    const refused = await signIn(app, "mike");
    expect(refused).toMatchObject({ status: 429, body: { code: "rate_limited" } });
    expect(refused.headers.get("retry-after")).toBe("30");
    expect(refused.headers.get("ratelimit")).toBe('"account";r=0;t=30');
    expect(refused.headers.get("ratelimit-policy")).toBe('"account";q=5;w=900');
    expect((await signIn(app, "mica")).status).toBe(200);
    expect((await signIn(app, "mike", passwordOf("mike"), "203.0.113.1")).status).toBe(200);
  });

  it("allow ten failures for an account from however many networks, then one each 40 s, of which the first is kept for whoever has failed least", async () => {
    const app = await createTeamApp();
    const guess = (index: number) => signIn(app, "mike", "wrong", `198.51.100.${index}`);
    expect(new Set(await repeat(10, guess))).toEqual(new Set([401]));
    const refused = await signIn(app, "mike", passwordOf("mike"), "203.0.113.1");
    expect(refused).toMatchObject({ status: 429, body: { code: "rate_limited" } });
    // Eight seconds before the place opens, since it is given to those who wait for it.
    expect(refused.headers.get("retry-after")).toBe("32");
    expect(refused.headers.get("ratelimit")).toBe('"everywhere";r=0;t=32');
    expect(refused.headers.get("ratelimit-policy")).toBe('"everywhere";q=10;w=400');
    app.clock.advance(32 * second);
    // A network that has failed gets the place after it, whether the owner comes or not.
    const early = await guess(1);
    expect([early.status, early.headers.get("retry-after")]).toEqual([429, "40"]);
    app.clock.advance(8 * second);
    expect((await guess(1)).status).toBe(429);
    app.clock.advance(40 * second);
    expect((await guess(2)).status).toBe(401);
    expect((await guess(1)).status).toBe(429);
    // The owner has been asked to come a minute ago.
    app.clock.advance(12 * second);
    expect((await signIn(app, "mike", passwordOf("mike"), "203.0.113.1")).status).toBe(200);
    // The right password leaves the place to the next.
    expect((await guess(1)).status).toBe(401);
  });

  it("let whoever comes in time wait for the place that opens", async () => {
    const app = await createTeamApp();
    await repeat(10, (index) => signIn(app, "mike", "wrong", `198.51.100.${index}`));
    app.clock.advance(32 * second);
    const owner = signIn(app, "mike", passwordOf("mike"), "203.0.113.1");
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    app.clock.advance(8 * second);
    expect((await owner).status).toBe(200);
  });

  it("make the delay grow, and the right password waits no longer for it", async () => {
    const app = await createTeamApp();
    await repeat(5, () => signIn(app, "mike", "wrong"));
    for (const delay of [30, 60, 120]) {
      expect((await signIn(app, "mike", "wrong")).headers.get("retry-after")).toBe(String(delay));
      app.clock.advance(delay * second);
      expect((await signIn(app, "mike", "wrong")).status).toBe(401);
    }
    app.clock.advance(240 * second);
    expect((await signIn(app, "mike")).status).toBe(200);
    expect((await signIn(app, "mike")).status).toBe(200);
  });

  it("count no successes", async () => {
    const app = await createTeamApp();
    expect(new Set(await repeat(60, () => signIn(app, "mike")))).toEqual(new Set([200]));
  });

  it("apply to names that do not exist alike, with the same body", async () => {
    const app = await createTeamApp();
    const known = await repeat(7, () => signIn(app, "mike", "wrong", "198.51.100.1"));
    const unknown = await repeat(7, () => signIn(app, "nobody", "wrong", "198.51.100.2"));
    expect(unknown).toEqual(known);
    expect({ ...(await signIn(app, "nobody", "x")).body, requestId: "" }).toEqual({
      ...(await signIn(app, "mike", "x")).body,
      requestId: "",
    });
  });

  it("allow twenty failures for an address, over however many accounts", async () => {
    const app = await createTeamApp();
    expect(await repeat(21, (index) => signIn(app, `user-${index}`, "wrong"))).toEqual([
      ...Array<number>(20).fill(401),
      429,
    ]);
    const refused = await signIn(app, "mike");
    expect(refused.headers.get("ratelimit-policy")).toBe('"address";q=20;w=900');
    expect((await signIn(app, "mike", passwordOf("mike"), "192.0.2.2")).status).toBe(200);
  });

  it("count an IPv6 network of /48 as one address, and its neighbour as another", async () => {
    const app = await createTeamApp();
    expect(
      await repeat(21, (index) =>
        signIn(app, `user-${index}`, "wrong", `2001:db8:0:${(index + 1).toString(16)}::1`),
      ),
    ).toEqual([...Array<number>(20).fill(401), 429]);
    expect((await signIn(app, "mike", passwordOf("mike"), "2001:db8:0:ffff::1")).status).toBe(429);
    expect((await signIn(app, "mike", passwordOf("mike"), "2001:db8:1::1")).status).toBe(200);
  });

  it("cannot be outrun by many attempts at once", async () => {
    const release: (() => void)[] = [];
    let verified = 0;
    const passwords: Passwords = {
      ...plainPasswords,
      verify: async () => {
        verified += 1;
        await new Promise<void>((resolve) => release.push(resolve));
        return false;
      },
    };
    const app = await createTeamApp({ passwords });
    const attempts = Array.from({ length: 50 }, (_, index) =>
      signIn(app, "mike", `guess ${index}`, `198.51.100.${index}`),
    );
    while (release.length < 10) await new Promise((resolve) => setImmediate(resolve));
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    const others = Array.from({ length: 50 }, (_, index) =>
      signIn(app, "mica", `guess ${index}`, "203.0.113.1"),
    );
    while (release.length < 15) await new Promise((resolve) => setImmediate(resolve));
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    for (const go of release) go();
    const statuses = (await Promise.all(attempts)).map((reply) => reply.status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(40);
    expect((await Promise.all(others)).filter(({ status }) => status === 401)).toHaveLength(5);
    expect(verified).toBe(15);
  });

  it("do not believe a forwarded address from anybody, only from listed proxies", async () => {
    const send = (app: TeamApp, index: number, peer: string) =>
      request(app, "POST", "/login", {
        body: { username: `user-${index}`, password: "wrong", delivery: "body" },
        address: peer,
        headers: {
          "x-forwarded-for": `198.51.100.${index}`,
          forwarded: `for=198.51.100.${index}`,
          "x-real-ip": `198.51.100.${index}`,
        },
      });
    const open = await createTeamApp();
    expect((await repeat(21, (index) => send(open, index, "10.0.0.1"))).at(-1)).toBe(429);
    const behind = await createTeamApp({
      environment: { SALLYPORT_TRUSTED_PROXIES: "10.0.0.0/8" },
    });
    expect((await repeat(21, (index) => send(behind, index, "10.0.0.1"))).at(-1)).toBe(401);
    expect((await repeat(21, (index) => send(behind, index + 100, "203.0.113.5"))).at(-1)).toBe(
      429,
    );
  });
});

describe("the pool of hashes", () => {
  it("when full answers sign-in 503 with Retry-After at once, while every other request goes on", async () => {
    const app = await createTeamApp({
      passwords: await createPasswords({ concurrency: 1, queueLimit: 2 }),
    });
    const attempts = Array.from({ length: 12 }, (_, index) =>
      signIn(app, `user-${index}`, "wrong", `198.51.100.${index}`),
    );
    const during = await request(app, "GET", "/sections");
    expect(during.status).toBe(200);
    const replies = await Promise.all(attempts);
    const busy = replies.filter((reply) => reply.status === 503);
    expect(busy).toHaveLength(9);
    for (const reply of busy) {
      expect(reply.body.code).toBe("busy");
      expect(Number(reply.headers.get("retry-after"))).toBeGreaterThan(0);
    }
    expect(replies.filter((reply) => reply.status === 401)).toHaveLength(3);
    expect((await signIn(app, "user-x", "wrong")).status).toBe(401);
  });

  it("uses up nobody's attempts when it is full", async () => {
    const passwords = await createPasswords({ concurrency: 1, queueLimit: 0 });
    const app = await createTeamApp({ passwords });
    const holding = passwords.hash("anything at all");
    expect(await repeat(20, () => signIn(app, "nobody", "wrong"))).toEqual(Array(20).fill(503));
    await holding;
    expect((await signIn(app, "nobody", "wrong")).status).toBe(401);
  });
});

describe("stored hashes", () => {
  it("of argon2id let their password in and none that only starts like it", async () => {
    const long = "a pass phrase of well over sixty characters, so that nothing may be cut off 1";
    const app = await createTeamApp({ realPasswords: true });
    app.runSql(
      "UPDATE users SET password_hash = ? WHERE username = 'mike'",
      await app.dependencies.passwords.hash(long),
    );
    expect((await signIn(app, "mike", long)).status).toBe(200);
    for (const wrong of [long.slice(0, -1), `${long.slice(0, -1)}2`, `${long}1`, long.slice(0, 72)])
      expect((await signIn(app, "mike", wrong)).status).toBe(401);
  });

  it("refuse a wrong password for a user name of 60 characters and more", async () => {
    const name = "n".repeat(64);
    const app = await createTeamApp({ realPasswords: true });
    app.runSql(
      "UPDATE users SET username_key = ?, password_hash = ? WHERE username = 'mike'",
      name,
      await app.dependencies.passwords.hash("the right long words"),
    );
    expect((await signIn(app, name, "the wrong long words")).status).toBe(401);
    expect((await signIn(app, `${name.slice(0, 63)}m`, "the right long words")).status).toBe(401);
    expect((await signIn(app, name, "the right long words")).status).toBe(200);
    expect((await signIn(app, `${name}n`, "the right long words")).status).toBe(400);
  });

  it("that were imported become argon2id at the first sign-in that succeeds", async () => {
    const password = passwordOf("mike");
    const salt = Buffer.from("sixteen bytes !!");
    const b64 = (bytes: Buffer): string => bytes.toString("base64").replaceAll("=", "");
    const hashes = [
      await bcryptHash(password, { cost: 4 }),
      `$scrypt$ln=10,r=8,p=1$${b64(salt)}$${b64(scryptSync(password, salt, 32, { N: 1024, r: 8, p: 1 }))}`,
      `$pbkdf2-sha256$i=1000$${b64(salt)}$${b64(pbkdf2Sync(password, salt, 1000, 32, "sha256"))}`,
      await argon2Hash(password, { memoryCost: 1024, timeCost: 1, parallelism: 1 }),
    ];
    const app = await createTeamApp({ realPasswords: true });
    for (const hash of hashes) {
      app.runSql("UPDATE users SET password_hash = ? WHERE username = 'mike'", hash);
      const stored = async () => (await app.dependencies.stores.users.find("mike"))?.passwordHash;
      expect((await signIn(app, "mike", "wrong")).status).toBe(401);
      expect(await stored()).toBe(hash);
      const reply = await signIn(app, "mike");
      expect(reply.status).toBe(200);
      expect(await stored()).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
      expect(
        (
          await request(app, "GET", "/session", {
            headers: { authorization: `Bearer ${reply.body.accessToken ?? ""}` },
          })
        ).status,
      ).toBe(200);
      const rehashed = await stored();
      expect((await signIn(app, "mike")).status).toBe(200);
      expect(await stored()).toBe(rehashed);
    }
  });

  it("that were imported stay as they are when the pool has no room for a better hash, and the right password signs in", async () => {
    const busyHash: Passwords = {
      ...plainPasswords,
      isOutdated: () => true,
      hash: () => Promise.reject(new AppError("busy")),
    };
    const app = await createTeamApp({ passwords: busyHash });
    expect((await signIn(app, "mike")).status).toBe(200);
  });
});
