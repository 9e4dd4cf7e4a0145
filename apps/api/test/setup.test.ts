/** The first start: the setup link, the data directory, and what the settings may not be. */
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { contract, permissions } from "@sallyport/shared/contract";
import { addAdmin, createSetupToken } from "@sallyport/shared/handlers";
import { chance, digests } from "../src/tokens/chance.ts";
import { createTestApp, type TestApp } from "./test-app.ts";
import { createBrowser, request, webOrigin, type Reply } from "./test-browser.ts";

const minute = 60_000;
const person = {
  username: "Ada",
  displayName: "Ada Admin",
  email: "ada@example.com",
  password: "forty-two quiet herons",
};

const createEmptyApp = async (
  options: Parameters<typeof createTestApp>[0] = {},
): Promise<TestApp> => {
  const app = await createTestApp({
    ...options,
    environment: { SALLYPORT_SAMPLE_DATA: "0", ...options.environment },
  });
  onTestFinished(async () => {
    await app.close();
    expect(app.faults).toEqual([]);
  });
  return app;
};
const createLink = (app: TestApp): Promise<string> =>
  createSetupToken({ ...app.dependencies, chance, digests });
const setUp = (
  app: TestApp,
  token: string,
  changed: object = {},
  address?: string,
): Promise<Reply> =>
  request(app, "POST", "/setup", {
    body: { token, ...person, ...changed },
    headers: { origin: webOrigin },
    ...(address !== undefined && { address }),
  });
const countUsers = (app: TestApp): number => app.runSql("SELECT id FROM users").length;

describe("the setup link", () => {
  it("creates an admin who may do and see everything, and signs them in", async () => {
    const app = await createEmptyApp();
    const browser = createBrowser(app);
    const file = join(app.dataDirectory, "setup-link");
    writeFileSync(file, "https://app.example.com/setup#token=about-to-be-spent\n");
    const reply = await browser.send("POST", "/setup", {
      body: { token: await createLink(app), ...person },
    });
    expect(reply).toMatchObject({
      status: 200,
      body: { user: { username: "Ada", email: "ada@example.com" }, roles: ["admin"] },
    });
    expect([...(reply.body.permissions ?? [])].sort()).toEqual([...permissions].sort());
    expect(existsSync(file)).toBe(false);
    expect((await browser.send("GET", "/sections?scope=all")).status).toBe(200);
    // This device is known from now on: others' failures do not hold the first admin up on it.
    expect([...browser.jar.keys()].at(-1)).toBe("sallyport-device-4000");
    expect(
      (
        await request(app, "POST", "/login", {
          body: { username: "ada", password: person.password },
          headers: { origin: webOrigin },
        })
      ).status,
    ).toBe(200);
  });

  it("works once", async () => {
    const app = await createEmptyApp();
    const token = await createLink(app);
    expect((await setUp(app, token)).status).toBe(200);
    expect(await setUp(app, token, { username: "eve", email: "eve@example.com" })).toMatchObject({
      status: 409,
      body: { code: "setup_done" },
    });
    expect(countUsers(app)).toBe(1);
  });

  it("works for thirty minutes", async () => {
    const app = await createEmptyApp();
    const [early, late] = [await createLink(app), await createLink(app)];
    app.clock.advance(30 * minute);
    expect(await setUp(app, late)).toMatchObject({
      status: 401,
      body: { code: "one_use_token_invalid" },
    });
    const fresh = await createLink(app);
    app.clock.advance(30 * minute - 1);
    expect((await setUp(app, fresh)).status).toBe(200);
    expect((await setUp(app, early)).status).toBe(409);
  });

  it("is refused once an admin exists, whoever made them", async () => {
    const app = await createEmptyApp();
    const token = await createLink(app);
    await addAdmin(
      { ...app.dependencies, chance, digests },
      { ...person, username: "cli", email: "cli@example.com" },
      { setupToken: null, audit: {} },
    );
    expect(await setUp(app, token)).toMatchObject({ status: 409, body: { code: "setup_done" } });
    expect(countUsers(app)).toBe(1);
  });

  it("used twice at once makes one admin", async () => {
    const app = await createEmptyApp({ realPasswords: true });
    const token = await createLink(app);
    const replies = await Promise.all([
      setUp(app, token),
      setUp(app, token, { username: "eve", email: "eve@example.com" }),
      setUp(app, token, { username: "bob", email: "bob@example.com" }),
    ]);
    expect(replies.map((reply) => reply.status).sort((a, b) => a - b)).toEqual([200, 409, 409]);
    expect(countUsers(app)).toBe(1);
  });

  it("two links used at once make one admin", async () => {
    const app = await createEmptyApp();
    const [one, other] = [await createLink(app), await createLink(app)];
    const replies = await Promise.all([
      setUp(app, one),
      setUp(app, other, { username: "eve", email: "eve@example.com" }),
    ]);
    expect(replies.map((reply) => reply.status).sort((a, b) => a - b)).toEqual([200, 409]);
    expect(countUsers(app)).toBe(1);
  });

  it("is not used up by a request that fails", async () => {
    const app = await createEmptyApp();
    const token = await createLink(app);
    expect((await setUp(app, token, { password: "too short" })).status).toBe(400);
    expect((await setUp(app, token, { email: "no address" })).status).toBe(400);
    expect((await setUp(app, token)).status).toBe(200);
  });

  it("is stored as a hash only", async () => {
    const app = await createEmptyApp();
    const token = await createLink(app);
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const rows = app.runSql("SELECT * FROM one_use_tokens");
    expect(JSON.stringify(rows)).not.toContain(token);
    expect(
      Buffer.from(rows[0]?.["token_hash"] as Buffer).equals(Buffer.from(token, "base64url")),
    ).toBe(false);
  });

  it("cannot be guessed: wrong tokens are 401 and limited by address", async () => {
    const app = await createEmptyApp();
    const token = await createLink(app);
    const statuses = [];
    for (let index = 0; index < 21; index += 1)
      statuses.push((await setUp(app, `guess-${index}`)).status);
    expect(statuses).toEqual([...Array<number>(20).fill(401), 429]);
    expect((await setUp(app, token)).status).toBe(429);
    expect((await setUp(app, token, {}, "198.51.100.1")).status).toBe(200);
  });

  it("counts a weak password with the right token as no guess", async () => {
    const app = await createEmptyApp();
    const token = await createLink(app);
    const statuses = [];
    for (let index = 0; index < 21; index += 1)
      statuses.push((await setUp(app, token, { password: "ada-admin-ada-admin" })).status);
    expect(statuses).toEqual(Array<number>(21).fill(400));
    expect((await setUp(app, token)).status).toBe(200);
  });

  it("points at each wrong member, weak passwords included", async () => {
    const app = await createEmptyApp();
    const token = await createLink(app);
    const pointers = async (changed: object) =>
      (await setUp(app, token, changed)).body.errors?.map(({ pointer }) => pointer);
    expect(await pointers({ password: "short" })).toEqual(["/password"]);
    expect(await pointers({ password: "x".repeat(129) })).toEqual(["/password"]);
    expect(await pointers({ password: "aaaaaaaaaaaaaaaaaaaa" })).toEqual(["/password"]);
    expect(await pointers({ password: "ada-admin-ada-admin" })).toEqual(["/password"]);
    expect(await pointers({ username: "", displayName: " ", email: "x" })).toEqual([
      "/username",
      "/username",
      "/displayName",
      "/email",
    ]);
    for (const username of ["a b", "-ada", "ada/", "a\u0000", "a\u200bda", "x".repeat(65)])
      expect(await pointers({ username })).toEqual(["/username"]);
    expect(
      (await setUp(app, token, { password: "aaaaaaaaaaaaaaaaaaaa" })).body.errors?.[0]?.code,
    ).toBe("password_common");
  });

  it("takes no display name that would hide or turn around what stands beside it", async () => {
    const app = await createEmptyApp();
    const token = await createLink(app);
    for (const hidden of [
      "\u0000",
      "\n",
      "\u001b[31m",
      "\u0085",
      "\u00ad",
      "\u200b",
      "\u202e",
      "\u2066",
      "\u2028",
      "\ufeff",
      "\ud800",
      "\u{e0041}",
    ])
      expect([
        hidden,
        (await setUp(app, token, { displayName: `Ada${hidden}nimdA` })).body.errors?.map(
          ({ pointer }) => pointer,
        ),
      ]).toEqual([hidden, ["/displayName"]]);
    expect(await setUp(app, token, { displayName: "Ádá O’Ñeill-李 😀" })).toMatchObject({
      status: 200,
      body: { user: { displayName: "Ádá O’Ñeill-李 😀" } },
    });
  });

  it("counts a password's characters as sign-in does, whatever they are made of", async () => {
    const emoji = Array.from({ length: 128 }, (_, index) =>
      String.fromCodePoint(0x1f300 + ((index * 37) % 200)),
    ).join("");
    const accents = Array.from(
      { length: 128 },
      (_, index) => "áéíóúàèìòùâêîôû"[((index * index * index) >> 3) % 15],
    ).join("");
    for (const password of [emoji, accents, accents.normalize("NFD")]) {
      const app = await createEmptyApp({ realPasswords: true });
      expect(
        (await setUp(app, await createLink(app), { password: `${password}x` })).body.errors,
      ).toMatchObject([{ pointer: "/password", detail: "This may have at most 128 characters." }]);
      expect((await setUp(app, await createLink(app), { password })).status).toBe(200);
      const accepts = (typed: string): boolean =>
        contract["POST /login"].body.safeParse({ username: "ada", password: typed }).success;
      expect([password, password.normalize("NFD"), `${password}x`].map(accepts)).toEqual([
        true,
        true,
        false,
      ]);
      expect(
        (
          await request(app, "POST", "/login", {
            body: { username: "ada", password, delivery: "body" },
          })
        ).status,
      ).toBe(200);
    }
  });

  it("makes a name that is found in any case, the two small sigmas included", async () => {
    const app = await createEmptyApp();
    expect((await setUp(app, await createLink(app), { username: "ΝΙΚΟΣ" })).status).toBe(200);
    for (const username of ["νικος", "νικοσ", "Νικος", "ΝΙΚΟΣ"])
      expect(
        (
          await request(app, "POST", "/login", {
            body: { username, password: person.password, delivery: "body" },
          })
        ).status,
      ).toBe(200);
  });

  it("checks the user name as it will be compared, after normalisation", async () => {
    const app = await createEmptyApp();
    const token = await createLink(app);
    // One letter that NFKC takes apart into several words.
    expect(await setUp(app, token, { username: "\ufdfa" })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: "/username" }] },
    });
    const reply = await setUp(app, token, { username: "Ａｄａ" });
    expect(reply.body.user?.username).toBe("Ada");
  });

  it("needs an allowed Origin for cookies, and none for tokens in the body", async () => {
    const app = await createEmptyApp();
    const token = await createLink(app);
    expect(await request(app, "POST", "/setup", { body: { token, ...person } })).toMatchObject({
      status: 403,
      body: { code: "origin_forbidden" },
    });
    expect(
      await request(app, "POST", "/setup", { body: { token, ...person, delivery: "body" } }),
    ).toMatchObject({ status: 200, setCookies: [], body: { tokenType: "Bearer" } });
  });
});

describe("the data directory", () => {
  const createDirectory = (): string => {
    const directory = mkdtempSync(join(tmpdir(), "sallyport-data-"));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    return directory;
  };
  const start = (dataDirectory: string, environment: Record<string, string> = {}) =>
    createEmptyApp({ dataDirectory, environment });

  it("gets a secret that only its owner can read, used again at the next start", async () => {
    const directory = createDirectory();
    const nested = join(directory, "a", "b");
    await start(nested);
    expect(statSync(nested).mode & 0o777).toBe(0o700);
    const file = join(nested, "secret");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const secret = readFileSync(file, "utf8");
    expect(Buffer.from(secret.trim(), "base64url")).toHaveLength(32);
    await start(nested);
    expect(readFileSync(file, "utf8")).toBe(secret);
  });

  it("keeps the database from the eyes of others", async () => {
    const directory = join(createDirectory(), "data");
    await start(directory);
    expect(
      statSync(join(directory, "sallyport.db")).mode & 0o077 & (statSync(directory).mode & 0o077),
    ).toBe(0);
  });

  it("gets no secret when one is set, and the database never holds it", async () => {
    const directory = createDirectory();
    const secret = "YJPrwa9Zb6l5y0sk4xkz5dPW0mJSSHeNyzfzNcVYpVg";
    await start(directory, { SALLYPORT_SECRET: secret });
    expect(existsSync(join(directory, "secret"))).toBe(false);
    for (const file of ["sallyport.db", "sallyport.db-wal"]
      .map((name) => join(directory, name))
      .filter((path) => existsSync(path))) {
      const bytes = readFileSync(file);
      expect(bytes.includes(secret)).toBe(false);
      expect(bytes.includes(Buffer.from(secret, "base64url"))).toBe(false);
    }
  });

  it("with a database but without its secret is refused, instead of making a new one", async () => {
    const directory = createDirectory();
    await start(directory);
    rmSync(join(directory, "secret"));
    await expect(start(directory)).rejects.toThrow(/secret is missing/);
    expect(existsSync(join(directory, "secret"))).toBe(false);
  });

  it("without its secret is refused as well when its database is elsewhere", async () => {
    const [directory, elsewhere] = [createDirectory(), createDirectory()];
    const environment = { SALLYPORT_DATABASE_URL: pathToFileURL(join(elsewhere, "ä b.db")).href };
    await start(directory, environment);
    expect(existsSync(join(elsewhere, "ä b.db"))).toBe(true);
    expect(existsSync(join(directory, "sallyport.db"))).toBe(false);
    rmSync(join(directory, "secret"));
    await expect(start(directory, environment)).rejects.toThrow(/secret is missing/);
    // A database that nobody uses any more is in nobody's way.
    const [other, unused] = [createDirectory(), createDirectory()];
    writeFileSync(join(other, "sallyport.db"), "");
    await start(other, { SALLYPORT_DATABASE_URL: pathToFileURL(join(unused, "x.db")).href });
  });

  it("with a broken secret is refused", async () => {
    const directory = createDirectory();
    writeFileSync(join(directory, "secret"), "too short\n");
    await expect(start(directory)).rejects.toThrow(/secret in .* is not base64url/);
  });

  it("that holds real data never receives samples", async () => {
    const directory = createDirectory();
    await start(directory);
    await expect(start(directory, { SALLYPORT_SAMPLE_DATA: "1" })).rejects.toThrow(
      /holds real data/,
    );
    const foreign = createDirectory();
    writeFileSync(join(foreign, "something"), "");
    await expect(start(foreign, { SALLYPORT_SAMPLE_DATA: "1" })).rejects.toThrow(/holds real data/);
  });

  it("with samples is marked, and may be started again with and without them", async () => {
    const directory = createDirectory();
    const first = await start(directory, { SALLYPORT_SAMPLE_DATA: "1" });
    const users = countUsers(first);
    expect(existsSync(join(directory, "sample-data"))).toBe(true);
    expect(countUsers(await start(directory, { SALLYPORT_SAMPLE_DATA: "1" }))).toBe(users);
    expect(countUsers(await start(directory))).toBe(users);
  });

  it("that cannot be written to is refused in words", async () => {
    if (process.getuid?.() === 0) return;
    const directory = createDirectory();
    chmodSync(directory, 0o500);
    await expect(start(directory)).rejects.toThrow(/EACCES/);
  });
});

describe("the sample", () => {
  it("lets everybody sign in with the published password, the deactivated one excepted", async () => {
    const app = await createTestApp();
    onTestFinished(() => app.close());
    const sign = async (name: string) =>
      (
        await request(app, "POST", "/login", {
          body: { username: name, password: `sample-${name}-passphrase`, delivery: "body" },
        })
      ).status;
    expect([await sign("mica"), await sign("mike"), await sign("dan")]).toEqual([200, 200, 401]);
  });
});
