import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { programVariables } from "../../../.ci/programs.mjs";
import { ConfigError, parseConfig } from "./config.ts";

const secret = (): string => randomBytes(32).toString("base64url");
const problemsOf = (environment: Record<string, string>): string[] => {
  try {
    parseConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n");
    throw error;
  }
  return [];
};

describe("the settings", () => {
  it("need none to be set, and default to a development machine", () => {
    expect(parseConfig({})).toMatchObject({
      host: "127.0.0.1",
      port: 4000,
      dataDirectory: "./data",
      publicUrl: "http://localhost:4000",
      webOrigins: ["http://localhost:5173"],
      secret: null,
      trustedProxies: [],
      sampleData: false,
      accessTtlSeconds: 300,
      sessionIdleSeconds: 604_800,
      sessionAbsoluteSeconds: 2_592_000,
      refreshPerMinute: 30,
      cookieMode: "same-site",
    });
  });

  it("do not care about anybody else's variables, and take an empty one for none", () => {
    expect(parseConfig({ PATH: "/bin", HOME: "/", SALLYPORT_PORT: "" })).toEqual(parseConfig({}));
  });

  it("name everything that is wrong at once, and never a value that may be secret", () => {
    const problems = problemsOf({
      SALLYPORT_PORT: "http",
      SALLYPORT_SECRET: "hunter2hunter2",
      SALLYPORT_WEB_ORIGINS: "*",
      SALLYPORT_SAMPLE_DATA: "yes",
      SALLYPORT_PROT: "4000",
      SALLYPORT_ACCESS_TTL_SECONDS: "-1",
    });
    for (const name of [
      "SALLYPORT_PORT",
      "SALLYPORT_SECRET",
      "SALLYPORT_WEB_ORIGINS",
      "SALLYPORT_SAMPLE_DATA",
      "SALLYPORT_PROT",
      "SALLYPORT_ACCESS_TTL_SECONDS",
    ])
      expect(
        problems.filter(
          (problem) => problem.startsWith(`${name}:`) || problem.startsWith(`${name} `),
        ),
      ).toHaveLength(1);
    expect(problems.join()).not.toContain("hunter2");
  });

  it("name an entry of a list by its place, and never its value", () => {
    expect(
      problemsOf({
        SALLYPORT_WEB_ORIGINS: "https://good.example.com, https://ada:hunter2@app.example.com",
      }),
    ).toEqual([
      "SALLYPORT_WEB_ORIGINS: entry 2 must be an origin such as https://app.example.com (no *, no null, no path)",
    ]);
    expect(problemsOf({ SALLYPORT_TRUSTED_PROXIES: "10.0.0.1,hunter2" })).toEqual([
      "SALLYPORT_TRUSTED_PROXIES: entry 2 must be an address or a range such as 10.0.0.0/8",
    ]);
  });

  it.each([
    "SALLYPORT_PORT",
    "SALLYPORT_ACCESS_TTL_SECONDS",
    "SALLYPORT_SESSION_IDLE_SECONDS",
    "SALLYPORT_SESSION_ABSOLUTE_SECONDS",
    "SALLYPORT_REFRESH_PER_MINUTE",
  ])("take %s in plain decimal digits only", (name) => {
    for (const value of [
      " ",
      "0x10",
      "1e3",
      "+5",
      "-5",
      "5.0",
      " 5",
      "0b1",
      "Infinity",
      "NaN",
      "٣",
      "1_000",
    ])
      expect([value, problemsOf({ [name]: value }).length]).toEqual([value, 1]);
  });

  it("have a ceiling: no session outlives what browsers keep a cookie for", () => {
    for (const name of ["SALLYPORT_SESSION_IDLE_SECONDS", "SALLYPORT_SESSION_ABSOLUTE_SECONDS"])
      expect(problemsOf({ [name]: "34560001" }).join()).toMatch(/at most 34560000 seconds/);
    expect(
      problemsOf({
        SALLYPORT_SESSION_IDLE_SECONDS: "34560000",
        SALLYPORT_SESSION_ABSOLUTE_SECONDS: "34560000",
      }),
    ).toEqual([]);
    expect(problemsOf({ SALLYPORT_ACCESS_TTL_SECONDS: "43201" })).toHaveLength(1);
    expect(problemsOf({ SALLYPORT_REFRESH_PER_MINUTE: "1000001" })).toHaveLength(1);
    expect(problemsOf({ SALLYPORT_PORT: "65536" })).toHaveLength(1);
  });

  it.each([",", " ", " , ,"])("refuse %j as a list of web origins: it lists none", (value) => {
    expect(problemsOf({ SALLYPORT_WEB_ORIGINS: value })).toEqual([
      "SALLYPORT_WEB_ORIGINS: must be at least one origin",
    ]);
  });

  it("refuse a variable with our prefix that is no setting", () => {
    for (const [name, advice] of [
      ["SALLYPORT_SECRETS", "Did you mean SALLYPORT_SECRET? If not, unset it."],
      ["SALLYPORT_ACCESS_TTL", "Did you mean SALLYPORT_ACCESS_TTL_SECONDS? If not, unset it."],
      ["SALLYPORT_TRUST_PROXY", "Did you mean SALLYPORT_TRUSTED_PROXIES? If not, unset it."],
      ["SALLYPORT_PUBIC_URL", "Did you mean SALLYPORT_PUBLIC_URL? If not, unset it."],
      ["SALLYPORT_WEB_ORIGNIS", "Did you mean SALLYPORT_WEB_ORIGINS? If not, unset it."],
      ["SALLYPORT_SECRTE", "Did you mean SALLYPORT_SECRET? If not, unset it."],
      ["SALLYPORT_WHATEVER", "Unset it."],
      ["SALLYPORT_PROXIES", "Did you mean SALLYPORT_TRUSTED_PROXIES? If not, unset it."],
    ] as const)
      expect(problemsOf({ [name]: "x" })).toEqual([`${name} is no setting. ${advice}`]);
    for (const name of ["SALLYPORT_", "SALLYPORT___proto__", "SALLYPORT_toString"])
      expect(problemsOf({ [name]: "x" })).toHaveLength(1);
  });

  it("pass over what `npm start` and the tests take from the same environment", () => {
    expect(
      parseConfig({
        SALLYPORT_WEB_PORT: "5174",
        SALLYPORT_API_URL: "http://localhost:4001",
        ...Object.fromEntries(programVariables.map((name) => [name, "/usr/bin/program"])),
      }),
    ).toEqual(parseConfig({}));
  });

  it.each([
    "short",
    "a".repeat(43),
    "change-me",
    Buffer.from("my very long secret for sallyport").subarray(0, 32).toString("base64url"),
    Buffer.alloc(32).toString("base64url"),
    randomBytes(31).toString("base64url"),
    `${randomBytes(24).toString("base64")}+/==`,
  ])("refuse a weak or malformed secret: %s", (weak) => {
    for (const name of ["SALLYPORT_SECRET", "SALLYPORT_SECRET_PREVIOUS"]) {
      expect(problemsOf({ [name]: weak })).toHaveLength(1);
      expect(problemsOf({ [name]: weak }).join()).not.toContain(weak);
    }
  });

  it("take older secrets as a list", () => {
    const [one, two] = [secret(), secret()];
    expect(
      parseConfig({ SALLYPORT_SECRET: secret(), SALLYPORT_SECRET_PREVIOUS: `${one}, ${two}` })
        .previousSecrets,
    ).toEqual([one, two].map((text) => Buffer.from(text, "base64url")));
    expect(problemsOf({ SALLYPORT_SECRET_PREVIOUS: `${one},weak` })).toHaveLength(1);
  });

  it.each([
    "*",
    "null",
    "https://*.example.com",
    "https://app.example.com/path",
    "app.example.com",
    "https://app.example.com?x",
    "ftp://app.example.com",
    "https://user@app.example.com",
    "https://APP.example.com",
    "javascript:alert(1)",
    "file:///x",
  ])("refuse %j as a web origin", (origin) => {
    expect(problemsOf({ SALLYPORT_WEB_ORIGINS: origin })).toHaveLength(1);
    expect(
      problemsOf({ SALLYPORT_WEB_ORIGINS: `https://good.example.com,${origin}` }),
    ).toHaveLength(1);
  });

  it("take the pages' own address with its folder, and without one the first web origin", () => {
    const origins = {
      SALLYPORT_WEB_ORIGINS: "https://app.example.com,https://name.github.io",
      SALLYPORT_PUBLIC_URL: "https://api.example.com",
    };
    expect(parseConfig(origins).webUrl).toBe("https://app.example.com");
    for (const url of ["https://name.github.io/repo", "https://name.github.io/repo/"])
      expect(parseConfig({ ...origins, SALLYPORT_WEB_URL: url }).webUrl).toBe(
        "https://name.github.io/repo",
      );
    expect(parseConfig({ ...origins, SALLYPORT_WEB_URL: "https://name.github.io/" }).webUrl).toBe(
      "https://name.github.io",
    );
    expect(problemsOf({ ...origins, SALLYPORT_WEB_URL: "https://other.github.io/repo/" })).toEqual([
      "SALLYPORT_WEB_URL: its origin, https://other.github.io, is not among SALLYPORT_WEB_ORIGINS",
    ]);
    for (const url of [
      "name.github.io/repo",
      "/repo",
      "ftp://name.github.io",
      "https://user@name.github.io/",
      "https://name.github.io/?a",
      "https://name.github.io/#a",
      "https://*.github.io/",
    ])
      expect(problemsOf({ ...origins, SALLYPORT_WEB_URL: url })).toEqual([
        "SALLYPORT_WEB_URL: must be an http or https URL, with a folder where there is one, such as https://name.github.io/repo/",
      ]);
  });

  it("refuse plain http for the public URL, localhost excepted", () => {
    for (const url of [
      "http://api.example.com",
      "http://10.0.0.1:4000",
      "http://localhost.evil.example",
      "http://127.0.0.2",
    ])
      expect(problemsOf({ SALLYPORT_PUBLIC_URL: url })).toHaveLength(1);
    for (const url of [
      "http://localhost:4000",
      "http://127.0.0.1:4000",
      "http://[::1]:4000",
      "http://api.localhost:4000",
      "https://api.example.com",
    ])
      expect(problemsOf({ SALLYPORT_PUBLIC_URL: url })).toEqual([]);
    for (const url of [
      "https://api.example.com/base?x",
      "https://api.example.com/base#x",
      "https://user@api.example.com",
      "https://*.example.com",
      "api.example.com",
      "https://",
    ])
      expect(problemsOf({ SALLYPORT_PUBLIC_URL: url })).toHaveLength(1);
  });

  it("take the public URL with the path under which a proxy has the API, without the slash at its end", () => {
    const origins = { SALLYPORT_WEB_ORIGINS: "https://app.example.com" };
    for (const url of ["https://app.example.com/api", "https://app.example.com/api/"])
      expect(parseConfig({ ...origins, SALLYPORT_PUBLIC_URL: url })).toMatchObject({
        publicUrl: "https://app.example.com/api",
        cookieMode: "same-site",
      });
    expect(parseConfig({ SALLYPORT_PUBLIC_URL: "https://api.example.com/" }).publicUrl).toBe(
      "https://api.example.com",
    );
  });

  it.each([
    ["http://localhost:4000", "http://localhost:5173", "same-site"],
    ["http://localhost:4000", "http://127.0.0.1:5173", "cross-site"],
    ["https://api.example.com", "https://app.example.com", "same-site"],
    ["https://api.example.com", "https://example.com", "same-site"],
    ["https://api.example.com", "https://api.example.com", "same-site"],
    ["https://api.example.co.uk", "https://app.other.co.uk", "cross-site"],
    ["https://api.example.com", "https://name.github.io", "cross-site"],
    ["https://one.github.io", "https://two.github.io", "cross-site"],
    ["https://one.github.io", "https://one.github.io", "same-site"],
    ["https://api.example.com", "http://localhost:5173", "cross-site"],
    ["https://203.0.113.1", "https://203.0.113.2", "cross-site"],
    ["https://api.example.com", "https://app.example.com,https://name.github.io", "cross-site"],
  ])("from %s and %s follow cookies that are %s to %s", (publicUrl, webOrigins, mode) => {
    expect(
      parseConfig({ SALLYPORT_PUBLIC_URL: publicUrl, SALLYPORT_WEB_ORIGINS: webOrigins })
        .cookieMode,
    ).toBe(mode);
  });

  it("refuse plain http for the pages of an https API, this machine excepted", () => {
    const problems = (webOrigins: string): string[] =>
      problemsOf({
        SALLYPORT_PUBLIC_URL: "https://api.example.com",
        SALLYPORT_WEB_ORIGINS: webOrigins,
      });
    expect(problems("https://app.example.com,http://app.example.com,http://10.0.0.1")).toEqual([
      expect.stringMatching(/^SALLYPORT_WEB_ORIGINS: entry 2: .*over TLS/),
      expect.stringMatching(/^SALLYPORT_WEB_ORIGINS: entry 3: .*over TLS/),
    ]);
    expect(problems("http://localhost:5173,http://[::1]:5173,http://app.localhost")).toEqual([]);
  });

  it("refuse to trust everybody as a proxy", () => {
    for (const proxies of [
      "0.0.0.0/0",
      "::/0",
      "0.0.0.0/1,128.0.0.0/1",
      "::/1",
      "::ffff:0.0.0.0/96",
      "::ffff:0:0/96",
      "0:0:0:0:0:ffff:0:0/96",
      "0::FFFF:0:0/96",
      "0000:0000::/64",
      "::/64",
      "10.0.0.0/7",
      "2000::/3",
    ])
      expect(problemsOf({ SALLYPORT_TRUSTED_PROXIES: proxies })[0]).toMatch(
        /^SALLYPORT_TRUSTED_PROXIES: entry 1 names .*Name the address of the proxy/,
      );
    expect(
      problemsOf({
        SALLYPORT_TRUSTED_PROXIES:
          "10.0.0.0/8,fc00::/7,::1,::1/128,::ffff:10.0.0.0/104,127.0.0.1/32,2001:db8::/32",
      }),
    ).toEqual([]);
  });

  it("take an IPv6 address to listen on with its brackets and without", () => {
    expect(parseConfig({ SALLYPORT_HOST: "[::1]" }).host).toBe("::1");
    expect(parseConfig({ SALLYPORT_HOST: "::1" }).host).toBe("::1");
    expect(parseConfig({ SALLYPORT_HOST: "0.0.0.0" }).host).toBe("0.0.0.0");
  });

  it("let the mode of the cookies be forced", () => {
    expect(parseConfig({ SALLYPORT_COOKIE_MODE: "cross-site" }).cookieMode).toBe("cross-site");
    expect(problemsOf({ SALLYPORT_COOKIE_MODE: "none" })).toHaveLength(1);
  });

  it("refuse cookies without TLS for pages that are elsewhere", () => {
    const forced = { SALLYPORT_COOKIE_MODE: "same-site" };
    expect(parseConfig(forced).cookieMode).toBe("same-site");
    for (const webOrigin of [
      "https://app.example.com",
      "http://app.example.com",
      "https://localhost",
    ])
      expect(problemsOf({ ...forced, SALLYPORT_WEB_ORIGINS: webOrigin })).toEqual([
        expect.stringMatching(/^SALLYPORT_COOKIE_MODE: .*SALLYPORT_PUBLIC_URL/),
      ]);
    expect(
      problemsOf({
        ...forced,
        SALLYPORT_PUBLIC_URL: "https://api.example.com",
        SALLYPORT_WEB_ORIGINS: "https://app.example.net",
      }),
    ).toEqual([]);
  });

  it("refuse lives that contradict each other", () => {
    expect(
      problemsOf({
        SALLYPORT_SESSION_IDLE_SECONDS: "1000",
        SALLYPORT_SESSION_ABSOLUTE_SECONDS: "999",
      }),
    ).toHaveLength(1);
    expect(
      problemsOf({ SALLYPORT_ACCESS_TTL_SECONDS: "1001", SALLYPORT_SESSION_IDLE_SECONDS: "1000" }),
    ).toHaveLength(1);
    for (const value of ["0", "1.5", "x", "1e99", "Infinity", "-5"])
      expect(problemsOf({ SALLYPORT_SESSION_IDLE_SECONDS: value })).not.toEqual([]);
  });

  it("take proxies as addresses and ranges only", () => {
    expect(
      parseConfig({ SALLYPORT_TRUSTED_PROXIES: "127.0.0.1, 10.0.0.0/8,2001:db8::/32" })
        .trustedProxies,
    ).toHaveLength(3);
    for (const value of [
      "localhost",
      "10.0.0.0/33",
      "10.0.0/8",
      "*",
      "10.0.0.0/8/8",
      "2001:db8::/129",
      "true",
    ])
      expect(problemsOf({ SALLYPORT_TRUSTED_PROXIES: value })).toHaveLength(1);
  });

  it("allow no cookie name that would break out of its place", () => {
    for (const value of ["a b", "a;b", "a=b", "é", "x".repeat(33), "../"])
      expect(problemsOf({ SALLYPORT_INSTANCE: value })).toHaveLength(1);
  });

  it("know no other database than SQLite", () => {
    expect(problemsOf({ SALLYPORT_DATABASE_URL: "postgres://localhost/x" })).toHaveLength(1);
    expect(
      parseConfig({ SALLYPORT_DATABASE_URL: "file:///var/lib/sallyport.db" }).databaseFile,
    ).toBe("/var/lib/sallyport.db");
    expect(parseConfig({}).databaseFile).toBeNull();
  });

  it("take the database's place as it stands on the disk, whatever characters it has", () => {
    for (const [url, file] of [
      ["file:///var/my%20team/d%C3%A4ta.db", "/var/my team/däta.db"],
      ["file:///var/my team/däta.db", "/var/my team/däta.db"],
      ["file:///var/100%25.db", "/var/100%.db"],
    ] as const)
      expect(parseConfig({ SALLYPORT_DATABASE_URL: url }).databaseFile).toBe(file);
  });

  it.each([
    "file:rel.db",
    "file:./rel.db",
    "file::memory:",
    "file:/var/lib/sallyport.db",
    "file://host/var/x.db",
    "file://localhost/var/x.db",
    "file:////host/x.db",
    "file:///",
    "file:///var/lib/",
    "file:///var/x.db?mode=ro",
    "file:///var/x.db#y",
    "file:///var%2Fx.db",
    "file:///var/x%00.db",
    "file:///var/%E4.db",
    "file:///var/x\n.db",
    "/var/x.db",
    ":memory:",
  ])("refuse %j as the database: only file:/// and an absolute path", (url) => {
    expect(problemsOf({ SALLYPORT_DATABASE_URL: url })).toHaveLength(1);
  });

  it("name a mail server and a sender together, and say how each is written", () => {
    const mail = {
      SALLYPORT_SMTP_URL: "smtp://us%40example.com:p%2Fw@mail.example.com",
      SALLYPORT_MAIL_FROM: "Dashboards <dashboards@example.com>",
    };
    expect(parseConfig(mail)).toMatchObject({
      smtp: {
        host: "mail.example.com",
        port: 587,
        security: "starttls",
        credentials: { user: "us@example.com", password: "p/w" },
      },
      mailFrom: { name: "Dashboards", address: "dashboards@example.com" },
    });
    const read = (url: string) => parseConfig({ ...mail, SALLYPORT_SMTP_URL: url }).smtp;
    expect(read("smtps://mail.example.com")).toMatchObject({ port: 465, security: "tls" });
    expect(read("smtp://localhost:1025")).toMatchObject({ port: 1025, security: "none" });
    for (const wrong of [
      "mail.example.com",
      "https://mail.example.com",
      "smtp://",
      "smtp://us@mail.example.com",
      "smtp://mail.example.com/inbox",
      "smtp://mail.example.com?tls=no",
      "smtp://us:secret%0a@mail.example.com",
    ]) {
      const [problem = ""] = problemsOf({ ...mail, SALLYPORT_SMTP_URL: wrong });
      expect(problem).toMatch(/^SALLYPORT_SMTP_URL: must be smtp:\/\/user:password@host/);
      expect(problem).not.toContain("secret");
    }
    for (const wrong of ["dashboards", "a@example.com, b@example.com", "<a@example.com>", "a b@c"])
      expect(problemsOf({ ...mail, SALLYPORT_MAIL_FROM: wrong })[0]).toContain(
        "SALLYPORT_MAIL_FROM",
      );
    expect(problemsOf({ SALLYPORT_SMTP_URL: mail.SALLYPORT_SMTP_URL })).toEqual([
      expect.stringContaining("SALLYPORT_MAIL_FROM must be set"),
    ]);
  });

  it("show mails in place of sending them where nobody else can look, and nowhere else", () => {
    expect(parseConfig({ SALLYPORT_MAILBOX: "1" }).mailbox).toBe(true);
    for (const others of [
      { SALLYPORT_HOST: "0.0.0.0" },
      {
        SALLYPORT_PUBLIC_URL: "https://api.example.com",
        SALLYPORT_WEB_ORIGINS: "https://app.example.com",
      },
      { SALLYPORT_SMTP_URL: "smtps://mail.example.com", SALLYPORT_MAIL_FROM: "a@example.com" },
    ])
      expect(problemsOf({ SALLYPORT_MAILBOX: "1", ...others })).toEqual([
        expect.stringContaining("SALLYPORT_MAILBOX"),
      ]);
  });
});
