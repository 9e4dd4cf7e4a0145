import { describe, expect, it } from "vitest";
import { putSection } from "./dashboards.ts";
import { createTeamApp, giveGrant, passwordOf } from "./team.ts";
import { createBrowser, request, webOrigin } from "./test-browser.ts";

const plain = "HttpOnly; SameSite=Strict";
const sameSite = "Path=/; Secure; HttpOnly; SameSite=Strict";
const crossSite = "Path=/; Secure; HttpOnly; SameSite=None; Partitioned";
const absolute = 30 * 24 * 60 * 60;
const longest = 400 * 24 * 60 * 60;

describe("the cookies", () => {
  const deployed = {
    SALLYPORT_PUBLIC_URL: "https://api.example.com",
    SALLYPORT_WEB_ORIGINS: "https://app.example.com",
  };
  const names = async (environment: Record<string, string>): Promise<string[]> => {
    const app = await createTeamApp({ environment });
    const origin = environment["SALLYPORT_WEB_ORIGINS"];
    const browser = createBrowser(app, origin === undefined ? {} : { origin });
    await browser.signIn("mike");
    return [...browser.jar.keys()];
  };

  it("in same-site mode are __Host-, Secure, HttpOnly, SameSite=Strict, Path=/, without Domain, until the absolute expiry", async () => {
    const app = await createTeamApp({ environment: deployed });
    const { setCookies } = await createBrowser(app, {
      origin: deployed.SALLYPORT_WEB_ORIGINS,
    }).signIn("mike");
    expect(setCookies.map((line) => line.replace(/=[^;]+/, ""))).toEqual([
      `__Host-sallyport-access; Max-Age=${absolute}; ${sameSite}`,
      `__Host-sallyport-refresh; Max-Age=${absolute}; ${sameSite}`,
      `__Host-sallyport-device; Max-Age=${longest}; ${sameSite}`,
    ]);
    expect(setCookies.join()).not.toMatch(/domain/i);
  });

  it("end with the browser where the session is not to be remembered, after a refresh too", async () => {
    const app = await createTeamApp({ environment: deployed });
    const browser = createBrowser(app, { origin: deployed.SALLYPORT_WEB_ORIGINS });
    const body = { username: "mike", password: passwordOf("mike"), remember: false };
    const signedIn = await browser.send("POST", "/login", { body });
    const refreshed = await browser.send("POST", "/refresh");
    for (const { setCookies } of [signedIn, refreshed])
      expect(setCookies.slice(0, 2).map((line) => line.replace(/=[^;]+/, ""))).toEqual([
        `__Host-sallyport-access; ${sameSite}`,
        `__Host-sallyport-refresh; ${sameSite}`,
      ]);
  });

  it("on plain http of this machine are not Secure, which WebKit would not keep, and carry the port", async () => {
    const app = await createTeamApp();
    const { setCookies } = await createBrowser(app).signIn("mike");
    expect(setCookies.map((line) => line.replace(/=[^;]+/, ""))).toEqual([
      `sallyport-access-4000; Max-Age=${absolute}; Path=/; ${plain}`,
      `sallyport-refresh-4000; Max-Age=${absolute}; Path=/; ${plain}`,
      `sallyport-device-4000; Max-Age=${longest}; Path=/; ${plain}`,
    ]);
    for (const [publicUrl, origin, port] of [
      ["http://localhost", "http://localhost:5173", "80"],
      ["http://127.0.0.1:4001", "http://127.0.0.1:5173", "4001"],
      ["http://[::1]:4001", "http://[::1]:5173", "4001"],
      ["http://team.localhost:4001", "http://team.localhost:5173", "4001"],
    ] as const)
      expect(
        await names({ SALLYPORT_PUBLIC_URL: publicUrl, SALLYPORT_WEB_ORIGINS: origin }),
      ).toEqual([
        `sallyport-access-${port}`,
        `sallyport-refresh-${port}`,
        `sallyport-device-${port}`,
      ]);
  });

  it("are Secure everywhere else: over TLS on this machine, and across sites", async () => {
    for (const [publicUrl, origin] of [
      ["https://localhost:4000", "https://localhost:5173"],
      ["https://127.0.0.1", "https://127.0.0.1:5173"],
      ["https://localhost.example.com", "https://app.example.com"],
    ] as const)
      expect(
        await names({ SALLYPORT_PUBLIC_URL: publicUrl, SALLYPORT_WEB_ORIGINS: origin }),
      ).toEqual(["__Host-sallyport-access", "__Host-sallyport-refresh", "__Host-sallyport-device"]);
    for (const origin of ["http://127.0.0.1:5173", "https://name.github.io"])
      expect(await names({ SALLYPORT_WEB_ORIGINS: origin })).toEqual([
        "__Host-sallyport-access-x",
        "__Host-sallyport-refresh-x",
        "__Host-sallyport-device-x",
      ]);
  });

  it("with the names of before are passed over: whoever had them signs in again", async () => {
    const app = await createTeamApp();
    const browser = createBrowser(app);
    await browser.signIn("mike");
    const old = browser.copy();
    for (const kind of ["access", "refresh"]) {
      old.jar.set(`__Host-sallyport-${kind}`, old.jar.get(`sallyport-${kind}-4000`) ?? "");
      old.jar.delete(`sallyport-${kind}-4000`);
    }
    expect((await old.send("GET", "/session")).body.code).toBe("token_missing");
    expect((await old.refresh("k1")).body.code).toBe("refresh_missing");
    expect((await old.signIn("mike")).status).toBe(200);
    expect((await old.send("GET", "/session")).status).toBe(200);
  });

  it("in cross-site mode are SameSite=None and Partitioned, under other names", async () => {
    const origin = "https://team.github.io";
    const app = await createTeamApp({
      environment: {
        SALLYPORT_PUBLIC_URL: "https://api.example.com",
        SALLYPORT_WEB_ORIGINS: origin,
      },
    });
    const browser = createBrowser(app, { origin });
    const { setCookies } = await browser.signIn("mike");
    expect(setCookies.map((line) => line.replace(/=[^;]+/, ""))).toEqual([
      `__Host-sallyport-access-x; Max-Age=${absolute}; ${crossSite}`,
      `__Host-sallyport-refresh-x; Max-Age=${absolute}; ${crossSite}`,
      `__Host-sallyport-device-x; Max-Age=${longest}; ${crossSite}`,
    ]);
    expect((await browser.send("GET", "/session")).status).toBe(200);
    expect((await browser.send("GET", "/cookie-check")).body).toEqual({
      access: true,
      refresh: true,
      mode: "cross-site",
    });
    expect((await browser.send("POST", "/logout")).setCookies).toEqual([
      `__Host-sallyport-access-x=; Max-Age=0; ${crossSite}`,
      `__Host-sallyport-refresh-x=; Max-Age=0; ${crossSite}`,
    ]);
  });

  it("carry the installation's name, since ports share cookies", async () => {
    expect(await names({ ...deployed, SALLYPORT_INSTANCE: "second" })).toEqual([
      "__Host-second-access",
      "__Host-second-refresh",
      "__Host-second-device",
    ]);
    expect(await names({ SALLYPORT_INSTANCE: "second" })).toEqual([
      "second-access-4000",
      "second-refresh-4000",
      "second-device-4000",
    ]);
  });

  it("still end with the absolute expiry after a refresh, and never later", async () => {
    const app = await createTeamApp();
    const browser = createBrowser(app);
    await browser.signIn("mike");
    app.clock.advance(5 * 86_400_000);
    const { setCookies } = await browser.refresh("k1");
    for (const line of setCookies) expect(line).toContain(`Max-Age=${absolute - 5 * 86_400};`);
  });

  it("have name and value within 4096 bytes, however many sections and in either form of token", async () => {
    for (const form of ["jws", "jwe"]) {
      const app = await createTeamApp({
        environment: { SALLYPORT_ACCESS_TOKEN: form, SALLYPORT_INSTANCE: "i".repeat(32) },
      });
      const browser = createBrowser(app);
      let largest = 0;
      for (let count = 0; count < 80; count += 4) {
        for (let index = count; index < count + 4; index += 1) {
          const slug = `a-section-with-a-long-name-${index}`;
          await putSection(app, { slug, title: "Many" });
          await giveGrant(app, "nora", slug);
        }
        app.clock.advance(60_000);
        await browser.signIn("nora");
        for (const pair of browser.jar)
          largest = Math.max(largest, Buffer.byteLength(pair.join("=")));
      }
      expect(largest).toBeGreaterThan(1_500);
      expect(largest).toBeLessThanOrEqual(4_096);
    }
  });

  it("sent twice are answered 400 and both cleared, wherever they would be read", async () => {
    const app = await createTeamApp();
    const browser = createBrowser(app);
    await browser.signIn("mike");
    const cookie = (name: string) =>
      `${[...browser.jar].map((pair) => pair.join("=")).join("; ")}; ${name}=other`;
    for (const [method, path, name] of [
      ["GET", "/session", "access"],
      ["GET", "/session", "refresh"],
      ["GET", "/sections", "access"],
      ["GET", "/sections/welcome", "refresh"],
      ["GET", "/cookie-check", "access"],
      ["POST", "/refresh", "refresh"],
      ["POST", "/logout", "refresh"],
      ["POST", "/logout", "access"],
      ["DELETE", "/account/sessions", "access"],
    ] as const) {
      const reply = await browser
        .copy()
        .send(method, path, { headers: { cookie: cookie(`sallyport-${name}-4000`) } });
      expect(reply).toMatchObject({ status: 400, body: { code: "duplicate_cookie" } });
      const [, first, second] = path.split("/");
      expect(reply.setCookies).toEqual(
        [
          "/",
          `/${first}`,
          `/${first}/`,
          ...(second === undefined ? [] : [`/${first}/${second}`, `/${first}/${second}/`]),
        ].flatMap((at) =>
          ["access", "refresh"].map(
            (kind) => `sallyport-${kind}-4000=; Max-Age=0; Path=${at}; ${plain}`,
          ),
        ),
      );
    }
    const login = await browser.copy().send("POST", "/login", {
      body: { username: "mike", password: passwordOf("mike") },
      headers: { cookie: cookie("sallyport-refresh-4000") },
    });
    expect(login).toMatchObject({ status: 400, body: { code: "duplicate_cookie" } });
    expect((await browser.send("GET", "/session")).status).toBe(200);
  });

  it("sent twice are cleared at / alone where they can lie nowhere else", async () => {
    const app = await createTeamApp({ environment: deployed });
    const origin = deployed.SALLYPORT_WEB_ORIGINS;
    const { setCookies } = await createBrowser(app, { origin }).send("GET", "/sections/welcome", {
      headers: { cookie: "__Host-sallyport-access=a; __Host-sallyport-access=b" },
    });
    expect(setCookies).toEqual([
      `__Host-sallyport-access=; Max-Age=0; ${sameSite}`,
      `__Host-sallyport-refresh=; Max-Age=0; ${sameSite}`,
    ]);
  });

  it("are matched byte by byte: a no-break space, another case or a longer name makes another cookie", async () => {
    const app = await createTeamApp();
    const browser = createBrowser(app);
    await browser.signIn("mike");
    const access = browser.accessToken;
    for (const name of [
      "\u00a0sallyport-access-4000",
      "sallyport-access-4000\u00a0",
      "Sallyport-access-4000",
      "__Host-sallyport-accessx",
      "xsallyport-access-4000",
      "sallyport-access-4000-x",
      "__Host-sallyport-access",
      "sallyport-access-4000 ",
    ]) {
      const check = await request(app, "GET", "/cookie-check", {
        headers: { cookie: `${name}=${access}` },
      });
      expect(check.body).toEqual({ access: false, refresh: false, mode: "same-site" });
      expect(
        (await request(app, "GET", "/session", { headers: { cookie: `${name}=${access}` } })).body
          .code,
      ).toBe("token_missing");
    }
    const beside = `\u00a0sallyport-access-4000=planted; sallyport-access-4000=${access}`;
    expect((await request(app, "GET", "/session", { headers: { cookie: beside } })).status).toBe(
      200,
    );
  });

  it("are not reached by another cookie's value that looks like one", async () => {
    const app = await createTeamApp();
    const browser = createBrowser(app);
    await browser.signIn("mike");
    const cookie = `other="sallyport-access-4000=x"; sallyport-access-4000=${browser.accessToken}; last=sallyport-access-4000=y`;
    expect((await request(app, "GET", "/session", { headers: { cookie } })).status).toBe(200);
  });
});

describe("GET /cookie-check", () => {
  it("says which of the cookies came back, without judging them", async () => {
    const app = await createTeamApp();
    const check = async (cookie?: string) =>
      (await request(app, "GET", "/cookie-check", { headers: { cookie, origin: webOrigin } })).body;
    expect(await check()).toEqual({ access: false, refresh: false, mode: "same-site" });
    expect(await check("sallyport-access-4000=x")).toEqual({
      access: true,
      refresh: false,
      mode: "same-site",
    });
    expect(await check("a=b; sallyport-refresh-4000=x")).toEqual({
      access: false,
      refresh: true,
      mode: "same-site",
    });
  });
});
