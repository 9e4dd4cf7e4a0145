/** Callers of the API: a browser with a cookie jar, and a client that keeps its tokens itself. */
import type { IncomingMessage } from "node:http";
import type { Problem, Session } from "@sallyport/shared/contract";
import { passwordOf } from "./team.ts";
import type { TestApp } from "./test-app.ts";

export const webOrigin = "http://localhost:5173";

/** Whatever came back: the members of a session, of a problem and of a list. */
export type ReplyBody = Partial<Omit<Session, "status">> &
  Partial<Omit<Problem, "status">> & {
    readonly status?: string | number;
    readonly items?: readonly { readonly slug: string }[];
    readonly [member: string]: unknown;
  };

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** Every Set-Cookie value, whole. */
  readonly setCookies: readonly string[];
  readonly text: string;
  readonly body: ReplyBody;
}

export interface Sent {
  /** An object is sent as JSON, anything else as it is. */
  readonly body?: unknown;
  /** An undefined value leaves out a header that would otherwise be sent. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly address?: string;
}

/**
 * One request to the app, exactly as given: no cookie, no Origin, nothing added but the type of a
 * JSON body.
 */
export const request = async (
  { app }: Pick<TestApp, "app">,
  method: string,
  path: string,
  { body, headers = {}, address = "192.0.2.1" }: Sent = {},
): Promise<Reply> => {
  const isRaw = body === undefined || typeof body === "string" || body instanceof Uint8Array;
  const payload = isRaw
    ? typeof body === "string"
      ? new TextEncoder().encode(body)
      : body
    : new TextEncoder().encode(JSON.stringify(body));
  const all: Record<string, string | undefined> = isRaw
    ? headers
    : { "content-type": "application/json", ...headers };
  const sent = Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  if (payload) sent["content-length"] = String(payload.byteLength);
  // The app reads headers and the address from what Node has parsed, so the test hands it the same.
  const incoming = {
    headers: sent,
    socket: { remoteAddress: address },
  } as unknown as IncomingMessage;
  const response = await app.request(
    path,
    { method, ...(payload && { body: payload as Uint8Array<ArrayBuffer> }) },
    { incoming },
  );
  const goesOn = /event-stream/.test(response.headers.get("content-type") ?? "");
  // Nobody here waits for its end.
  if (goesOn) await response.body?.cancel();
  const text = goesOn ? "" : await response.text();
  const isJson = /json/.test(response.headers.get("content-type") ?? "") && text !== "";
  return {
    status: response.status,
    headers: response.headers,
    setCookies: response.headers.getSetCookie(),
    text,
    body: isJson ? (JSON.parse(text) as ReplyBody) : {},
  };
};

export interface TestBrowser {
  /** Its cookies by name. */
  readonly jar: Map<string, string>;
  csrfToken: string | undefined;
  readonly accessToken: string;
  readonly refreshToken: string;
  /**
   * As a page of the web origin would: with cookies, Origin and, where a session is known, the CSRF
   * token.
   */
  send(method: string, path: string, sent?: Sent): Promise<Reply>;
  signIn(username: string): Promise<Reply>;
  refresh(idempotencyKey?: string): Promise<Reply>;
  /** Another browser with the same cookies: a thief's, or this one before a response arrived. */
  copy(overrides?: Partial<BrowserOptions>): TestBrowser;
}

interface BrowserOptions {
  readonly origin: string | undefined;
  readonly address: string;
  readonly userAgent: string;
}

export const createBrowser = (
  app: TestApp,
  overrides: Partial<BrowserOptions> = {},
): TestBrowser => {
  const options: BrowserOptions = {
    origin: webOrigin,
    address: "192.0.2.1",
    userAgent: "Test Browser",
    ...overrides,
  };
  const jar = new Map<string, string>();
  const cookie = (part: string): string =>
    [...jar].find(([name]) => name.includes(part))?.[1] ?? "";

  const receive = (setCookies: readonly string[]): void => {
    for (const line of setCookies) {
      const [pair = "", ...flags] = line.split("; ");
      const name = pair.slice(0, pair.indexOf("="));
      if (flags.includes("Max-Age=0")) jar.delete(name);
      else jar.set(name, pair.slice(name.length + 1));
    }
  };

  const browser: TestBrowser = {
    jar,
    csrfToken: undefined,
    get accessToken() {
      return cookie("-access");
    },
    get refreshToken() {
      return cookie("-refresh");
    },
    send: async (method, path, { headers, address, ...sent } = {}) => {
      const reply = await request(app, method, path, {
        ...sent,
        address: address ?? options.address,
        headers: {
          origin: options.origin,
          "user-agent": options.userAgent,
          cookie: jar.size > 0 ? [...jar].map((pair) => pair.join("=")).join("; ") : undefined,
          "x-csrf-token": method === "GET" ? undefined : browser.csrfToken,
          ...(sent.body !== undefined &&
            typeof sent.body !== "string" &&
            !(sent.body instanceof Uint8Array) && { "content-type": "application/json" }),
          ...headers,
        },
      });
      receive(reply.setCookies);
      if (reply.body.csrfToken !== undefined) browser.csrfToken = reply.body.csrfToken;
      return reply;
    },
    signIn: (username) =>
      browser.send("POST", "/login", { body: { username, password: passwordOf(username) } }),
    refresh: (idempotencyKey) =>
      browser.send("POST", "/refresh", { headers: { "idempotency-key": idempotencyKey } }),
    copy: (changed = {}) => {
      const other = createBrowser(app, { ...options, ...changed });
      for (const [name, value] of jar) other.jar.set(name, value);
      other.csrfToken = browser.csrfToken;
      return other;
    },
  };
  return browser;
};

/** A client that asked for its tokens in the body. */
export interface BodyClient {
  accessToken: string;
  refreshToken: string;
  send(method: string, path: string, sent?: Sent): Promise<Reply>;
  /** Refreshes and keeps the new tokens; the token that is presented can be another one. */
  refresh(idempotencyKey: string | undefined, refreshToken?: string): Promise<Reply>;
}

export const signInForBody = async (app: TestApp, username: string): Promise<BodyClient> => {
  const reply = await request(app, "POST", "/login", {
    body: { username, password: passwordOf(username), delivery: "body" },
  });
  const client: BodyClient = {
    accessToken: reply.body.accessToken ?? "",
    refreshToken: reply.body.refreshToken ?? "",
    send: (method, path, sent = {}) =>
      request(app, method, path, {
        ...sent,
        headers: { authorization: `Bearer ${client.accessToken}`, ...sent.headers },
      }),
    refresh: async (idempotencyKey, refreshToken = client.refreshToken) => {
      const refreshed = await request(app, "POST", "/refresh", {
        body: { refreshToken },
        headers: { "idempotency-key": idempotencyKey },
      });
      if (refreshed.status === 200)
        Object.assign(client, {
          accessToken: refreshed.body.accessToken,
          refreshToken: refreshed.body.refreshToken,
        });
      return refreshed;
    },
  };
  return client;
};

/** The claims of a signed access token, unchecked. */
export const claimsOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as Record<
    string,
    unknown
  >;

/**
 * The token of before there were keys for cookies: the same claims, signed with the key of
 * programs.
 */
export const signedAsBefore = (app: TestApp, claims: unknown): string => {
  const { kid, algorithm, signature } = app.dependencies.keys.sign("bearer", app.clock.now());
  const encode = (value: unknown): string =>
    Buffer.from(JSON.stringify(value)).toString("base64url");
  const data = `${encode({ alg: algorithm, typ: "at+jwt", kid })}.${encode(claims)}`;
  return `${data}.${signature(data).toString("base64url")}`;
};
export const headerOf = (token: string): unknown =>
  JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString());
