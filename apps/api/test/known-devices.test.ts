/**
 * A device from which an account has signed in before: what it is known by, and what others'
 * failures cannot do to it.
 */
import { describe, expect, it } from "vitest";
import { createPasswords } from "../src/users/passwords.ts";
import { createTeamApp, passwordOf, type TeamApp } from "./team.ts";
import { createBrowser, request, type Reply, type TestBrowser } from "./test-browser.ts";
import { openElsewhere } from "./test-app.ts";

const cookieName = "sallyport-device-4000";
const deviceOf = ({ jar }: TestBrowser): string => jar.get(cookieName) ?? "";

const guess = (app: TeamApp, username: string, address: string): Promise<Reply> =>
  request(app, "POST", "/login", {
    body: { username, password: "wrong", delivery: "body" },
    address,
  });
/** Nobody gets at the account from a new device any more, nor at any from this address. */
const attack = async (app: TeamApp, username: string, address: string): Promise<void> => {
  for (let index = 0; index < 12; index += 1) await guess(app, username, `198.51.100.${index}`);
  for (let index = 0; index < 21; index += 1) await guess(app, `user-${index}`, address);
  expect((await guess(app, username, "203.0.113.200")).status).toBe(429);
  expect((await guess(app, "nora", address)).status).toBe(429);
};
const tryPassword = (browser: TestBrowser, username: string, password: string): Promise<Reply> =>
  browser.send("POST", "/login", { body: { username, password } });
const storedDevices = (app: TeamApp) =>
  app.runSql<{ userId: string; hash: Buffer }>(
    'SELECT user_id AS "userId", device_hash AS hash FROM known_devices ORDER BY last_sign_in_at',
  );

describe("A device from which an account has signed in before", () => {
  it("is not held up by others' failures, at the account or at its address, after signing out too", async () => {
    const app = await createTeamApp();
    const browser = createBrowser(app);
    await browser.signIn("mike");
    expect((await browser.send("POST", "/logout")).status).toBe(204);
    expect([...browser.jar.keys()]).toEqual([cookieName]);
    await attack(app, "mike", "192.0.2.1");
    expect((await browser.signIn("mike")).status).toBe(200);
    // Another account on the same device has not signed in there.
    expect((await browser.signIn("nora")).status).toBe(429);
    expect((await createBrowser(app).signIn("mike")).status).toBe(429);
  });

  it("is known across sites as well", async () => {
    const origin = "https://team.github.io";
    const app = await createTeamApp({
      environment: {
        SALLYPORT_PUBLIC_URL: "https://api.example.com",
        SALLYPORT_WEB_ORIGINS: origin,
      },
    });
    const browser = createBrowser(app, { origin });
    await browser.signIn("mike");
    expect([...browser.jar.keys()].at(-1)).toBe("__Host-sallyport-device-x");
    await attack(app, "mike", "192.0.2.1");
    expect((await browser.signIn("mike")).status).toBe(200);
  });

  it("is known by a random value of which a hash is stored, which signs nobody in and is the same at the next sign-in", async () => {
    const app = await createTeamApp();
    const browser = createBrowser(app);
    await browser.signIn("mike");
    const device = deviceOf(browser);
    expect(Buffer.from(device, "base64url")).toHaveLength(32);
    await browser.signIn("mike");
    expect(deviceOf(browser)).toBe(device);
    const other = createBrowser(app);
    await other.signIn("mike");
    expect(deviceOf(other)).not.toBe(device);

    const stored = storedDevices(app);
    expect(stored.map(({ userId }) => userId)).toEqual([app.userIds.mike, app.userIds.mike]);
    for (const { hash } of stored) expect(hash).toHaveLength(32);
    expect(stored.some(({ hash }) => hash.equals(Buffer.from(device, "base64url")))).toBe(false);

    const alone = createBrowser(app);
    alone.jar.set(cookieName, device);
    expect((await alone.send("GET", "/session")).body.code).toBe("token_missing");
    expect((await alone.send("POST", "/refresh")).body.code).toBe("refresh_missing");
    expect((await tryPassword(alone, "mike", "wrong")).status).toBe(401);
  });

  it("has a new value where the one that came was not given to this account", async () => {
    const app = await createTeamApp();
    const made = "A".repeat(43);
    const browser = createBrowser(app);
    browser.jar.set(cookieName, made);
    await browser.signIn("mike");
    expect(deviceOf(browser)).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(deviceOf(browser)).not.toBe(made);
    // Whoever made it up, or saw it elsewhere, is on no known device with it.
    const stranger = createBrowser(app);
    stranger.jar.set(cookieName, made);
    await attack(app, "mike", "192.0.2.1");
    expect((await stranger.signIn("mike")).status).toBe(429);
    expect((await browser.signIn("mike")).status).toBe(200);
  });

  it("is known to all who sign in there by one value, which none of them has brought along", async () => {
    const app = await createTeamApp();
    const shared = createBrowser(app);
    await shared.signIn("nora");
    const broughtAlong = deviceOf(shared);
    await shared.signIn("mike");
    const given = deviceOf(shared);
    expect(given).not.toBe(broughtAlong);
    for (const person of ["nora", "mike"] as const) {
      await shared.signIn(person);
      expect(deviceOf(shared)).toBe(given);
    }
    expect(storedDevices(app).map(({ userId }) => userId)).toEqual([
      app.userIds.nora,
      app.userIds.mike,
    ]);
    await attack(app, "mike", "192.0.2.1");
    expect((await shared.signIn("mike")).status).toBe(200);
    const alone = createBrowser(app);
    alone.jar.set(cookieName, broughtAlong);
    expect((await alone.signIn("mike")).status).toBe(429);
    // Of whoever was here before, it is forgotten too.
    await attack(app, "nora", "192.0.2.1");
    expect((await alone.signIn("nora")).status).toBe(429);
    expect((await shared.signIn("nora")).status).toBe(200);
  });

  it("may fail five times in 15 minutes, which count for nobody else", async () => {
    const app = await createTeamApp();
    const browser = createBrowser(app);
    await browser.signIn("mike");
    for (let time = 0; time < 5; time += 1)
      expect((await tryPassword(browser, "mike", "wrong")).status).toBe(401);
    const refused = await tryPassword(browser, "mike", passwordOf("mike"));
    expect(refused.status).toBe(429);
    expect(refused.headers.get("ratelimit-policy")).toBe('"device";q=5;w=900');
    expect(refused.headers.get("retry-after")).toBe("30");
    expect((await createBrowser(app).signIn("mike")).status).toBe(200);
  });

  it("is a stranger's where its cookie comes twice, is malformed, or is not the account's", async () => {
    const app = await createTeamApp();
    const browser = createBrowser(app);
    await browser.signIn("mike");
    const device = deviceOf(browser);
    await attack(app, "mike", "192.0.2.1");
    for (const cookie of [
      `${cookieName}=${device}; ${cookieName}=${device}`,
      `${cookieName}=${device.slice(1)}`,
      `${cookieName}="${device}"`,
      `${cookieName}=${"A".repeat(43)}`,
      `${cookieName}-x=${device}`,
      `\u00a0${cookieName}=${device}`,
    ]) {
      const reply = await browser.copy().send("POST", "/login", {
        body: { username: "mike", password: passwordOf("mike") },
        headers: { cookie },
      });
      expect([cookie, reply.status, reply.setCookies]).toEqual([cookie, 429, []]);
    }
    expect((await browser.signIn("mike")).status).toBe(200);
  });

  it("is not known by it to a client that keeps its tokens itself, and gets none there", async () => {
    const app = await createTeamApp();
    const browser = createBrowser(app);
    await browser.signIn("mike");
    await attack(app, "mike", "192.0.2.1");
    const reply = await browser.send("POST", "/login", {
      body: { username: "mike", password: passwordOf("mike"), delivery: "body" },
    });
    expect(reply.status).toBe(429);
    app.clock.advance(3_600_000);
    const later = await browser.send("POST", "/login", {
      body: { username: "mike", password: passwordOf("mike"), delivery: "body" },
    });
    expect([later.status, later.setCookies]).toEqual([200, []]);
  });

  it("is one of twenty at most; the one that was used longest ago is forgotten", async () => {
    const app = await createTeamApp();
    const first = createBrowser(app);
    await first.signIn("mike");
    const second = createBrowser(app);
    app.clock.advance(1_000);
    await second.signIn("mike");
    for (let index = 0; index < 18; index += 1) {
      app.clock.advance(1_000);
      await createBrowser(app).signIn("mike");
    }
    app.clock.advance(1_000);
    await first.signIn("mike");
    expect(storedDevices(app)).toHaveLength(20);
    app.clock.advance(1_000);
    await createBrowser(app).signIn("mike");
    expect(storedDevices(app)).toHaveLength(20);
    await attack(app, "mike", "192.0.2.1");
    expect((await first.signIn("mike")).status).toBe(200);
    expect((await second.signIn("mike")).status).toBe(429);
  });

  it("is forgotten when the password changes, by whatever hand, and not when it is only hashed better", async () => {
    const app = await createTeamApp();
    const browser = createBrowser(app);
    await browser.signIn("mike");
    await browser.signIn("nora");
    const { stores } = app.dependencies;
    await stores.users.replacePasswordHash(
      app.userIds.mike,
      `plain:${passwordOf("mike")}`,
      "plain:better",
    );
    expect(storedDevices(app)).toHaveLength(2);
    app.runSql("UPDATE users SET password_hash = 'plain:another' WHERE username = 'mike'");
    expect(storedDevices(app).map(({ userId }) => userId)).toEqual([app.userIds.nora]);
    // By a tool that enforces no foreign keys.
    const other = openElsewhere(app.dataDirectory, { enforcesForeignKeys: false });
    other.runSql("DELETE FROM users WHERE username = 'nora'");
    other.close();
    expect(storedDevices(app)).toEqual([]);
  });

  it("finds a place among the hashes where strangers find none", async () => {
    const app = await createTeamApp({
      passwords: await createPasswords({ concurrency: 1, queueLimit: 2 }),
    });
    const { passwords } = app.dependencies;
    app.runSql(
      "UPDATE users SET password_hash = ? WHERE username = 'mike'",
      await passwords.hash(passwordOf("mike")),
    );
    const browser = createBrowser(app);
    expect((await browser.signIn("mike")).status).toBe(200);
    const strangers = Array.from({ length: 6 }, (_, index) =>
      guess(app, `user-${index}`, `198.51.100.${index}`),
    );
    const owner = browser.signIn("mike");
    expect((await owner).status).toBe(200);
    const statuses = (await Promise.all(strangers)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 503).length).toBeGreaterThanOrEqual(3);
  });
});
