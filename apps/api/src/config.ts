/** Every setting, once: its variable, what it means, its default and what it must look like. */
import { isIP } from "node:net";
import { fileURLToPath } from "node:url";
import { getDomain } from "tldts";
import * as z from "zod";
import { defaults, inPlainWords, isLoopbackHost, type CookieMode } from "@sallyport/shared/core";
import { readSender, readSmtpUrl } from "./mail/smtp-address.ts";
import { parseMasterSecret } from "./tokens/master-secret.ts";

/**
 * Plain decimal digits: what else JavaScript takes for a number (`0x10`, a blank) is a slip of the
 * hand.
 */
const whole = (what: string, least: number, leastDoc: string, most: number, mostDoc: string) =>
  z
    .string()
    .regex(/^\d{1,15}$/, what)
    .transform(Number)
    .pipe(z.number().min(least, leastDoc).max(most, mostDoc));
const seconds = (most: number, reason: string) =>
  whole(
    "a whole number of seconds, in digits",
    1,
    "at least 1 second",
    most,
    `at most ${most} seconds: ${reason}`,
  );
/** 400 days. */
const longestCookieSeconds = 34_560_000;
const sessionSeconds = seconds(
  longestCookieSeconds,
  "browsers keep no cookie for more than 400 days",
);
const flag = z.enum(["0", "1"], "0 or 1").transform((value) => value === "1");
const list = z.string().transform((text) =>
  text
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== ""),
);

const origin = (text: string): string | null => {
  // A URL may have a host called *; here somebody wanted a pattern.
  if (text.includes("*") || !URL.canParse(text)) return null;
  const url = new URL(text);
  return (url.protocol === "https:" || url.protocol === "http:") &&
    url.origin === text.replace(/\/$/, "")
    ? url.origin
    : null;
};

/**
 * @returns the URL without a slash at its end; null for anything but the address of a folder, of
 * which links can be made
 */
const folderUrl = (text: string): string | null => {
  if (text.includes("*") || !URL.canParse(text)) return null;
  const url = new URL(text);
  const plain = `${url.origin}${url.pathname}`.replace(/\/$/, "");
  return (url.protocol === "https:" || url.protocol === "http:") &&
    plain === text.replace(/\/$/, "")
    ? plain
    : null;
};

/**
 * @returns null for anything but an absolute path: another host, a relative path, parameters of
 * SQLite's
 */
const pathOfFileUrl = (text: string): string | null => {
  if (
    !/^file:\/\/\/[^/\p{Cc}?#][^\p{Cc}?#]*$/u.test(text) ||
    /%00|%2f/i.test(text) ||
    text.endsWith("/")
  )
    return null;
  try {
    return fileURLToPath(text);
  } catch {
    return null;
  }
};

const masterSecret = z.string().transform((text, context) => {
  const secret = parseMasterSecret(text);
  if (typeof secret !== "string") return secret;
  context.addIssue({ code: "custom", message: secret, input: "" });
  return z.NEVER;
});

const isAddressRange = (entry: string): boolean => {
  const [address = "", prefix, ...rest] = entry.split("/");
  const family = isIP(address);
  return (
    family !== 0 &&
    rest.length === 0 &&
    (prefix === undefined ||
      (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 6 ? 128 : 32)))
  );
};

/**
 * Ranges wider than these are nobody's proxies: the widest private ones are 10.0.0.0/8 and
 * fc00::/7.
 */
const widestRange = { 4: 8, 6: 7 } as const;

const isTooWide = (entry: string): boolean => {
  const [address = "", prefix] = entry.split("/");
  if (prefix === undefined) return false;
  const family = isIP(address) === 6 ? 6 : 4;
  // What is below ::/8 holds every IPv4 address as well, in its IPv6 form. A URL spells an address
  // in one way only.
  const holdsMapped =
    family === 6 &&
    new URL(`http://[${address.replace(/%.*/, "")}]`).hostname.startsWith("[::") &&
    Number(prefix) < 96 + 8;
  return Number(prefix) < widestRange[family] || holdsMapped;
};

interface Setting {
  /** Its name in `Config`. */
  readonly key: string;
  readonly doc: string;
  /** As it would stand in the environment; null where there is none. */
  readonly default: string | null;
  /** In words, where the default depends on something. */
  readonly defaultDoc?: string;
  readonly schema: z.ZodType<unknown, string>;
}

const setting = <
  const K extends string,
  S extends z.ZodType<unknown, string>,
  D extends string | null,
>(
  key: K,
  doc: string,
  fallback: D,
  schema: S,
  defaultDoc?: string,
) =>
  ({ key, doc, default: fallback, schema, ...(defaultDoc !== undefined && { defaultDoc }) }) as {
    readonly key: K;
    readonly doc: string;
    readonly default: D;
    readonly schema: S;
    readonly defaultDoc?: string;
  };

/** Text of which `read` makes something; where it makes null of it, it is refused. */
const readBy = <T>(read: (text: string) => T | null, expected: string) =>
  z.string().transform((text, context) => {
    const value = read(text);
    if (value !== null) return value;
    // What was written may be a secret.
    context.addIssue({ code: "custom", message: expected, input: "" });
    return z.NEVER;
  });

export const settings = {
  SALLYPORT_HOST: setting(
    "host",
    "Address to listen on. An IPv6 address may stand in brackets.",
    "127.0.0.1",
    z
      .string()
      .min(1)
      .transform((text) => /^\[(.*)\]$/.exec(text)?.[1] ?? text),
  ),
  SALLYPORT_PORT: setting(
    "port",
    "Port to listen on.",
    "4000",
    whole("a port number, in digits", 0, "a port number", 65_535, "a port number, at most 65535"),
  ),
  SALLYPORT_DATA_DIR: setting(
    "dataDirectory",
    "Directory of the database, the generated secret and the setup link. A relative one is meant from where you stand, under `npm run` and `pnpm --filter` too.",
    "./data",
    z.string().min(1),
  ),
  SALLYPORT_DATABASE_URL: setting(
    "databaseFile",
    "The database, as a `file:` URL with an absolute path, such as `file:///var/lib/sallyport/sallyport.db`. SQLite only.",
    null,
    readBy(
      pathOfFileUrl,
      "a file: URL with an absolute path, such as file:///var/lib/sallyport/sallyport.db (SQLite is the only database)",
    ),
    "`sallyport.db` in the data directory",
  ),
  SALLYPORT_PUBLIC_URL: setting(
    "publicUrl",
    "The API's own URL, as browsers reach it. Where a proxy has it under a path, with that path, as in `https://app.example.com/api`: the proxy takes the path away, and the API puts it into every link (docs/reverse-proxy.md).",
    "http://localhost:4000",
    readBy(
      folderUrl,
      "an http or https URL, with a path where a proxy has the API under one, such as https://api.example.com or https://app.example.com/api",
    ),
  ),
  SALLYPORT_WEB_ORIGINS: setting(
    "webOrigins",
    "Origins whose pages may call the API with credentials, comma separated. Exact: no patterns. For an https API they are https, this machine excepted.",
    "http://localhost:5173",
    list.pipe(
      z
        .array(readBy(origin, "an origin such as https://app.example.com (no *, no null, no path)"))
        .min(1, "at least one origin"),
    ),
  ),
  SALLYPORT_WEB_URL: setting(
    "webUrl",
    "Where the pages are, for links that lead to them, such as the setup link. Needed where they lie in a folder, as in `https://name.github.io/repo/`. Its origin is one of the web origins.",
    null,
    readBy(
      folderUrl,
      "an http or https URL, with a folder where there is one, such as https://name.github.io/repo/",
    ),
    "the first of `SALLYPORT_WEB_ORIGINS`",
  ),
  SALLYPORT_SECRET: setting(
    "secret",
    "Master secret: 32 random bytes in base64url.",
    null,
    masterSecret,
    "generated into `secret` in the data directory at the first start",
  ),
  SALLYPORT_SECRET_PREVIOUS: setting(
    "previousSecrets",
    "Older master secrets, comma separated, which still verify. Drop one to end every session that rests on it.",
    "",
    list.pipe(z.array(masterSecret)),
  ),
  SALLYPORT_TRUSTED_PROXIES: setting(
    "trustedProxies",
    "Addresses and ranges of the proxies whose `X-Forwarded-For` counts, comma separated. No range is wider than a /8 (IPv6: a /7).",
    "",
    list.pipe(
      z.array(
        z
          .string()
          .refine(isAddressRange, {
            error: "an address or a range such as 10.0.0.0/8",
            abort: true,
          })
          .refine(
            (entry) => !isTooWide(entry),
            "names every address, or a great part of them, as a proxy: then anybody says who they are, and no limit holds. Name the address of the proxy, or the network that only proxies are in, at most a /8 (IPv6: /7)",
          ),
      ),
    ),
    "none",
  ),
  SALLYPORT_SAMPLE_DATA: setting(
    "sampleData",
    "`1` loads the sample data, into an empty data directory only, which it marks.",
    "0",
    flag,
  ),
  SALLYPORT_COOKIE_MODE: setting(
    "cookieMode",
    "`same-site`, `cross-site`, or `auto`: by the registrable domains of the public URL and the web origins. Same-site cookies of a public URL that is http on this very machine go without `Secure`.",
    "auto",
    z.enum(["auto", "same-site", "cross-site"], "auto, same-site or cross-site"),
  ),
  SALLYPORT_INSTANCE: setting(
    "instance",
    "Part of the cookies' names. Give each installation on one host its own, since cookies do not know ports (on plain http of this very machine the port is in the names as well).",
    defaults.instance,
    z.string().regex(/^[A-Za-z0-9-]{1,32}$/, "1 to 32 letters, digits and hyphens"),
  ),
  SALLYPORT_ACCESS_TOKEN: setting(
    "accessToken",
    "`jws` (signed, readable) or `jwe` (encrypted as well), for cookies and for bearers alike.",
    "jws",
    z.enum(["jws", "jwe"], "jws or jwe"),
  ),
  SALLYPORT_ACCESS_TTL_SECONDS: setting(
    "accessTtlSeconds",
    "Life of an access token, twelve hours at most.",
    String(defaults.accessTtlSeconds),
    seconds(43_200, "retired signing keys are kept for a day"),
  ),
  SALLYPORT_SESSION_IDLE_SECONDS: setting(
    "sessionIdleSeconds",
    "A session ends when it has not refreshed for this long. At most 400 days.",
    String(defaults.sessionIdleSeconds),
    sessionSeconds,
  ),
  SALLYPORT_SESSION_ABSOLUTE_SECONDS: setting(
    "sessionAbsoluteSeconds",
    "A session ends this long after sign-in, whatever happens. At most 400 days, since browsers keep no cookie longer.",
    String(defaults.sessionAbsoluteSeconds),
    sessionSeconds,
  ),
  SALLYPORT_REFRESH_PER_MINUTE: setting(
    "refreshPerMinute",
    "Refreshes a minute for one session. At most a million.",
    String(defaults.refreshPerMinute),
    whole("a whole number, in digits", 1, "at least 1", 1_000_000, "at most 1000000"),
  ),
  SALLYPORT_AUDIT_DAYS: setting(
    "auditDays",
    "How many days audit events are kept. Older ones are deleted by the hour, the oldest first; nothing else deletes or changes one.",
    String(defaults.auditDays),
    whole("a whole number of days, in digits", 1, "at least 1 day", 36_500, "at most 36500 days"),
  ),
  SALLYPORT_QUERY_SECONDS: setting(
    "querySeconds",
    "How long a panel's query may take before it is given up.",
    String(defaults.querySeconds),
    seconds(600, "a query that takes longer is no panel's"),
  ),
  SALLYPORT_UPLOAD_LIMIT_MIB: setting(
    "uploadLimitMebibytes",
    "How large rows may be that are sent to a dataset at once, in MiB, uncompressed. They are kept in the data directory until they are stored.",
    String(defaults.uploadLimitMebibytes),
    whole("a whole number of MiB, in digits", 1, "at least 1", 1_048_576, "at most 1048576"),
  ),
  SALLYPORT_SHUTDOWN_DELAY_SECONDS: setting(
    "shutdownDelaySeconds",
    "How long it goes on accepting connections after it was told to stop and `/readyz` says no. Give it longer than whatever sends requests takes to ask `/readyz` again.",
    String(defaults.shutdownDelaySeconds),
    whole("a whole number of seconds, in digits", 0, "at least 0", 300, "at most 300 seconds"),
  ),
  SALLYPORT_SMTP_URL: setting(
    "smtp",
    "The mail server, as `smtp://user:password@host` (STARTTLS, which it has to offer, on port 587 unless the URL has another) or `smtps://user:password@host` (TLS from the first byte, on port 465). Certificates are verified; an authority of your own is named in `NODE_EXTRA_CA_CERTS`. A server on this very machine, `smtp://localhost`, is spoken to without TLS, on port 25. Characters such as `@` and `/` in user or password are percent-encoded. `sallyport mail test --to ADDRESS` tries it. Without it nothing is sent: notices are shown after sign-in, and links are copied.",
    null,
    readBy(
      readSmtpUrl,
      "smtp://user:password@host or smtps://user:password@host, with a port where it is another than 587 or 465, user and password percent-encoded, and nothing after it",
    ),
  ),
  SALLYPORT_MAIL_FROM: setting(
    "mailFrom",
    "Whom mails come from: an address that the mail server lets us send from, such as `Dashboards <dashboards@example.com>`. Needed with `SALLYPORT_SMTP_URL`.",
    null,
    readBy(
      readSender,
      "an address such as dashboards@example.com, or Dashboards <dashboards@example.com>",
    ),
  ),
  SALLYPORT_MAILBOX: setting(
    "mailbox",
    "`1` sends no mail, and shows what would have been sent on the page `/mailbox` of the API, to whoever opens it: for trying Sallyport on one's own machine. Refused where others could open it. `npm start` and `npm run dev` set it where `SALLYPORT_SMTP_URL` is not set.",
    "0",
    flag,
  ),
  SALLYPORT_LOG_LEVEL: setting(
    "logLevel",
    "How much is logged.",
    "info",
    z.enum(
      ["fatal", "error", "warn", "info", "debug", "silent"],
      "fatal, error, warn, info, debug or silent",
    ),
  ),
} satisfies Record<string, Setting>;

/**
 * What `npm start`, `npm run dev` and the tests take from the same environment. The API passes them
 * over, and no others.
 */
const othersSettings = new Set([
  "SALLYPORT_WEB_PORT",
  "SALLYPORT_API_URL",
  "SALLYPORT_CHROMIUM",
  "SALLYPORT_FIREFOX",
  "SALLYPORT_WEBKIT_DRIVER",
  "SALLYPORT_WEBKIT_BROWSER",
  "SALLYPORT_XVFB",
  "SALLYPORT_NGINX",
  "SALLYPORT_POSTGRES",
]);

/**
 * All settings in Markdown: what `sallyport settings` prints, and what docs/configuration.md holds.
 */
export const describeSettings = (): string =>
  [
    "# Settings",
    "Settings are environment variables. A value that is wrong, or a variable that starts with `SALLYPORT_` and is not in this list, keeps the API from starting; every such mistake is named at once.",
    `${[...othersSettings].map((name) => `\`${name}\``).join(", ")} belong to \`npm start\`, \`npm run dev\` and \`npm test\`; the API passes them over.`,
    ...Object.entries(settings as Record<string, Setting>).map(
      ([name, { doc, default: fallback, defaultDoc }]) =>
        `## ${name}\n\n${doc}\n\nDefault: ${defaultDoc ?? (fallback ? `\`${fallback}\`` : "none")}`,
    ),
  ].join("\n\n");

type Settings = typeof settings;
type ValueOf<S> = S extends {
  readonly schema: infer T extends z.ZodType;
  readonly default: infer D;
}
  ? z.output<T> | (D extends null ? null : never)
  : never;

/** The settings as they were given, each under its key. */
type Given = { readonly [V in keyof Settings as Settings[V]["key"]]: ValueOf<Settings[V]> };

export type Config = Omit<Given, "cookieMode" | "webUrl"> & {
  readonly cookieMode: CookieMode;
  readonly webUrl: string;
};

/**
 * Every setting that is wrong, named at once. The values are left out: one of them may be a secret,
 * or hold one.
 */
export class ConfigError extends Error {
  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.name = "ConfigError";
  }
}

/**
 * Same site: same scheme and same registrable domain by the public suffix list; hosts without one
 * must be equal.
 */
export const isSameSite = (a: string, b: string): boolean => {
  const [first, second] = [new URL(a), new URL(b)];
  const site = ({ hostname }: URL): string =>
    getDomain(hostname, { allowPrivateDomains: true }) ?? hostname;
  return first.protocol === second.protocol && site(first) === site(second);
};

/** One letter too many, missing, wrong, or in its neighbour's place. */
const differsByALetter = (a: string, b: string): boolean => {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  const [here, there] = [a.slice(at), b.slice(at)];
  return (
    here.slice(1) === there.slice(1) ||
    here === there.slice(1) ||
    here.slice(1) === there ||
    (here[0] === there[1] && here[1] === there[0] && here.slice(2) === there.slice(2))
  );
};

/** What somebody who wrote this name may have meant: the setting that shares most of its words. */
const adviceFor = (name: string): string => {
  const wordsOf = (of: string): string[] => of.split("_").slice(1);
  const written = wordsOf(name);
  const isAlike = (a: string, b: string): boolean =>
    a === b ||
    (Math.min(a.length, b.length) >= 4 &&
      (a.startsWith(b) || b.startsWith(a) || differsByALetter(a, b)));
  const shared = (other: string): number =>
    wordsOf(other).filter((word) => written.some((one) => isAlike(one, word))).length;
  const [nearest] = Object.keys(settings)
    .filter((other) => shared(other) > 0)
    .toSorted((a, b) => shared(b) - shared(a) || a.length - b.length);
  return nearest === undefined ? "Unset it." : `Did you mean ${nearest}? If not, unset it.`;
};

/**
 * Reads the settings from an environment. Pure.
 * @throws ConfigError naming every variable that is wrong or unknown
 */
export const parseConfig = (environment: Readonly<Record<string, string | undefined>>): Config => {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const name of Object.keys(environment))
    if (name.startsWith("SALLYPORT_") && !(name in settings) && !othersSettings.has(name))
      problems.push(`${name} is no setting. ${adviceFor(name)}`);
  for (const [name, { key, default: fallback, schema }] of Object.entries(settings) as [
    string,
    Setting,
  ][]) {
    const text = environment[name] === "" ? undefined : environment[name];
    if (text === undefined && fallback === null) {
      values[key] = null;
      continue;
    }
    const result = schema.safeParse(text ?? fallback, inPlainWords);
    if (result.success) values[key] = result.data;
    else
      problems.push(
        ...result.error.issues.map(
          ({ path: [index], message }) =>
            `${name}: ${typeof index === "number" ? `entry ${index + 1} ` : ""}${/^(?:has|is|names|needs) /.test(message) ? "" : "must be "}${message}`,
        ),
      );
  }
  const config = values as unknown as Given;
  if (problems.length === 0) {
    if (config.sessionIdleSeconds > config.sessionAbsoluteSeconds)
      problems.push(
        "SALLYPORT_SESSION_IDLE_SECONDS is longer than SALLYPORT_SESSION_ABSOLUTE_SECONDS",
      );
    if (config.accessTtlSeconds > config.sessionIdleSeconds)
      problems.push("SALLYPORT_ACCESS_TTL_SECONDS is longer than SALLYPORT_SESSION_IDLE_SECONDS");
    const webOrigin = config.webUrl === null ? null : new URL(config.webUrl).origin;
    if (webOrigin !== null && !config.webOrigins.includes(webOrigin))
      problems.push(
        `SALLYPORT_WEB_URL: its origin, ${webOrigin}, is not among SALLYPORT_WEB_ORIGINS`,
      );
    if (config.smtp !== null && config.mailFrom === null)
      problems.push(
        "SALLYPORT_MAIL_FROM must be set where SALLYPORT_SMTP_URL is: an address that the mail server lets us send from, such as dashboards@example.com",
      );
    if (config.mailbox && config.smtp !== null)
      problems.push(
        "SALLYPORT_MAILBOX shows mails in place of sending them; unset either it or SALLYPORT_SMTP_URL",
      );
    if (
      config.mailbox &&
      !(
        isLoopbackHost(new URL(config.publicUrl).hostname) &&
        ["127.0.0.1", "::1", "localhost"].includes(config.host)
      )
    )
      problems.push(
        "SALLYPORT_MAILBOX shows everybody's mails to whoever opens it, so it is only for an API on this very machine; unset it, and name a mail server in SALLYPORT_SMTP_URL",
      );
    const url = new URL(config.publicUrl);
    for (const [index, web] of config.webOrigins.entries())
      if (
        url.protocol === "https:" &&
        web.startsWith("http:") &&
        !isLoopbackHost(new URL(web).hostname)
      )
        problems.push(
          `SALLYPORT_WEB_ORIGINS: entry ${index + 1}: pages of an https API must be https as well: whoever is on the way to a browser can put a script of theirs into an http page, which then acts as the person. Serve the pages over TLS, and name them with https://`,
        );
    if (url.protocol === "http:" && !isLoopbackHost(url.hostname))
      problems.push(
        "SALLYPORT_PUBLIC_URL must be https: browsers keep Secure cookies on plain http for localhost only",
      );
    if (
      config.cookieMode === "same-site" &&
      url.protocol === "http:" &&
      !config.webOrigins.every(
        (web) => web.startsWith("http:") && isLoopbackHost(new URL(web).hostname),
      )
    )
      problems.push(
        "SALLYPORT_COOKIE_MODE: same-site cookies of an API on plain http of this machine are for pages on plain http of this machine; SALLYPORT_PUBLIC_URL has to be the URL that browsers reach",
      );
  }
  if (problems.length > 0) throw new ConfigError(problems);
  const cookieMode = config.webOrigins.every((web) => isSameSite(config.publicUrl, web))
    ? "same-site"
    : "cross-site";
  return {
    ...config,
    webUrl: config.webUrl ?? (config.webOrigins[0] as string),
    cookieMode: config.cookieMode === "auto" ? cookieMode : config.cookieMode,
  };
};
