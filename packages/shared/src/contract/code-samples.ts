/** The lines that call an operation, from its example: with curl, and with the typed client. */
import type { ContractKey } from "./contract.ts";
import {
  isEventStream,
  isUnsafe,
  methodOf,
  pathOf,
  readsAccessToken,
  type Endpoint,
} from "./endpoint.ts";
import { session } from "./session.ts";

interface ExampleRequest {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly upload?: { readonly type: string; readonly content: unknown };
}

interface CodeSample {
  readonly lang: string;
  readonly label: string;
  readonly source: string;
}

/** Members of a body that nobody else can know: in a line of code, the variable that holds them. */
const secrets: Readonly<Record<string, { readonly shell: string; readonly script: string }>> = {
  refreshToken: { shell: "$REFRESH_TOKEN", script: "refreshToken" },
  token: { shell: "$LINK_TOKEN", script: "linkToken" },
};

/**
 * In single quotes a shell reads nothing; in double ones variables, which is why they are there.
 */
const quote = (text: string): string =>
  Object.values(secrets).some(({ shell }) => text.includes(shell))
    ? `"${text.replaceAll(/["\\`]/g, "\\$&")}"`
    : `'${text.replaceAll("'", "'\\''")}'`;

const addressOf = (key: ContractKey, { params = {}, query = {} }: ExampleRequest): string => {
  const path = pathOf(key).replaceAll(/:([A-Za-z]+)/g, (_, name: string) =>
    encodeURIComponent(String(params[name])),
  );
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
  return search === "" ? path : `${path}?${search}`;
};

const withVariables = (body: unknown): unknown =>
  typeof body === "object" && body !== null && !Array.isArray(body)
    ? Object.fromEntries(
        Object.entries(body).map(([name, value]) => [name, secrets[name]?.shell ?? value]),
      )
    : body;

/** It tells a display link's token what it shows, and a session nothing. */
const ofADisplay: ContractKey = "GET /display";

const curlLine = (
  serverUrl: string,
  key: ContractKey,
  definition: Endpoint,
  request: ExampleRequest,
): string => {
  const method = methodOf(key);
  const { body, headers = {}, upload } = request;
  return [
    "curl",
    ...(Object.values(definition.responses).some(isEventStream) ? ["-N"] : []),
    ...(method === "GET" ? [] : [`-X ${method}`]),
    quote(serverUrl + addressOf(key, request)),
    ...(readsAccessToken(definition.access)
      ? [`-H "Authorization: Bearer ${ofADisplay === key ? "$DISPLAY_TOKEN" : "$ACCESS_TOKEN"}"`]
      : []),
    ...Object.entries(headers).map(([name, value]) => `-H ${quote(`${name}: ${String(value)}`)}`),
    ...(upload
      ? [
          `-H 'Content-Type: ${upload.type}'`,
          `--data-binary @${pathOf(key).startsWith("/users") ? "people" : "orders"}.csv`,
        ]
      : []),
    ...(body === undefined
      ? []
      : [
          "-H 'Content-Type: application/json'",
          `-d ${quote(JSON.stringify(withVariables(body)))}`,
        ]),
  ].join(" ");
};

/** A value as it is written in TypeScript. */
const written = (value: unknown, depth = 0): string => {
  if (Array.isArray(value)) return `[${value.map((one) => written(one, depth + 1)).join(", ")}]`;
  if (typeof value === "object" && value !== null)
    return `{ ${Object.entries(value)
      .map(([name, inner]) => {
        const variable = depth === 1 ? secrets[name]?.script : undefined;
        if (variable === name) return name;
        const member = /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
        return `${member}: ${variable ?? written(inner, depth + 1)}`;
      })
      .join(", ")} }`;
  return JSON.stringify(value);
};

/**
 * What the typed client has methods of its own for, since it keeps the session that comes of it.
 */
const ofTheClient: { readonly [K in ContractKey]?: (body: unknown) => string } = {
  "POST /login": (body) => {
    const { username, password } = body as { username: string; password: string };
    return `await client.signIn(${written({ username, password })});`;
  },
  "POST /setup": (body) => {
    const { delivery: _, ...admin } = body as { delivery?: string };
    return `await client.setUp(${written(admin, 1)});`;
  },
  "POST /step-up": (body) =>
    `await client.stepUp(${written((body as { password: string }).password)});`,
  "PUT /account/password": (body) => {
    const { currentPassword, newPassword } = body as Readonly<Record<string, string>>;
    return `await client.changePassword(${written({ currentPassword, newPassword })});`;
  },
  "POST /logout": () => "await client.signOut();",
  "DELETE /account/sessions": () => "await client.signOutEverywhere();",
  "GET /cookie-check": () => "await client.checkCookies();",
  "GET /session/events": () => 'client.on("sectionsChanged", ({ slugs }) => console.log(slugs));',
};

const typescriptLine = (
  key: ContractKey,
  { access, responses }: Endpoint,
  request: ExampleRequest,
): string => {
  const own = ofTheClient[key]?.(request.body);
  if (own !== undefined) return own;
  // By `call` the client would go on with the session as it was.
  if (responses[200] === session && isUnsafe(methodOf(key)) && access !== "refresh-token")
    return `await client.changeSession(${JSON.stringify(key)}, ${written(request)});`;
  const isEmpty = Object.keys(request).length === 0;
  // Of a program that keeps its tokens itself; the client refreshes its own session, whenever a
  // call needs it.
  const options = access === "refresh-token" ? ["{ sessionless: true }"] : [];
  return `await client.call(${[JSON.stringify(key), ...(isEmpty ? [] : [written(request)]), ...options].join(", ")});`;
};

/**
 * `$ACCESS_TOKEN`, `$REFRESH_TOKEN`, `$LINK_TOKEN` and `$DISPLAY_TOKEN` are the caller's, as are
 * the files `orders.csv` and `people.csv`; `client` comes from `createClient`.
 */
export const codeSamplesOf = (
  serverUrl: string,
  key: ContractKey,
  definition: Endpoint,
  request: ExampleRequest,
): CodeSample[] => [
  { lang: "Shell", label: "curl", source: curlLine(serverUrl, key, definition, request) },
  {
    lang: "TypeScript",
    label: "@sallyport/shared/client",
    source: typescriptLine(key, definition, request),
  },
];
