/**
 * The same requests, made up from a seed, to the server and to the mock: what comes back has to be
 * the same.
 */
import type { ContractKey, Session } from "@sallyport/shared/contract";
import { createMockApi, type MockApi } from "@sallyport/shared/mock";
import { readSampleSections, sampleDatasets } from "@sallyport/shared/sample";
import { passwordOf, settings, type Person, type Sent } from "@sallyport/shared/testing";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { createServerSubject, startTime, type ServerSubject } from "./behaviour-subject.ts";
import { webOrigin } from "./test-browser.ts";
import { isThorough } from "./thorough.ts";
import { withoutMadeUp } from "./without-made-up.ts";

type Pair<T> = readonly [server: T, mock: T];
type Fetch = (path: string, sent: Sent) => Promise<Response>;

/** Chance that is the same again with the same seed (mulberry32). */
const createChance = (seed: number) => {
  let state = seed;
  const draw = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const pick = <T>(from: readonly T[]): T => from[Math.floor(draw() * from.length)] as T;
  return {
    pick,
    happens: (share: number): boolean => draw() < share,
    many: <T>(most: number, make: () => T): T[] =>
      Array.from({ length: Math.floor(draw() * (most + 1)) }, make),
  };
};
type Chance = ReturnType<typeof createChance>;

let server: ServerSubject;
let mock: MockApi;
let offset = 0;
const fetches: Pair<Fetch> = [
  (path, sent) => server.fetch(path, sent),
  (path, { method = "GET", headers = {}, body, credentials = "include", origin = webOrigin }) =>
    mock.fetch(`http://localhost:4000${path}`, {
      method,
      headers: { "user-agent": "Behaviour", ...(origin !== null && { origin }), ...headers },
      credentials,
      ...(body !== undefined && { body }),
    }),
];
const advance = async (milliseconds: number): Promise<void> => {
  offset += milliseconds;
  await server.advanceClock(milliseconds);
};

beforeAll(async () => {
  server = await createServerSubject();
  mock = createMockApi({
    baseUrl: "http://localhost:4000",
    clock: () => startTime + offset,
    origins: [webOrigin],
    origin: null,
    uploadLimitMebibytes: settings.uploadLimitMebibytes,
    timers: { after: () => () => {}, every: () => () => {} },
  });
});
afterAll(() => {
  mock.dispose();
  return server.close();
});
beforeEach(async () => {
  offset = 0;
  outcomes.clear();
  await server.reset();
  mock.reset();
  mock.change(({ datasets }) => {
    for (const dataset of datasets) Object.assign(dataset, { rows: [], version: 1, updatedAt: 0 });
  });
});

const readHeaders = [
  "access-control-allow-credentials",
  "access-control-allow-origin",
  "access-control-expose-headers",
  "allow",
  "cache-control",
  "content-type",
  "idempotency-replayed",
  "link",
  "ratelimit",
  "ratelimit-policy",
  "retry-after",
  "vary",
  "www-authenticate",
];
/** Each one's own: ids, tokens, and what the sample says of its datasets. */
const own = /^(?:id|requestId|accessToken|refreshToken|csrfToken|attribution|version|updatedAt)$/;
/** Some answers are a page to whoever asks for one. */
const isNoJson = (text: string): boolean => text === "" || text.startsWith("<!doctype html>");
const comparable = (text: string): unknown =>
  isNoJson(text)
    ? text
    : (JSON.parse(text, (name, value: unknown) => {
        if (own.test(name)) return typeof value;
        if (typeof value === "string") return withoutMadeUp(value);
        // Sums of the same numbers in another order differ in their last digits.
        return typeof value === "number" ? Number(value.toPrecision(9)) : value;
      }) as unknown);

const shape = (cookie: string): string => cookie.replace(/=[^;]+/, "=…");
const seen = async (response: Response, text: string) => ({
  status: response.status,
  headers: readHeaders.map((name) => response.headers.get(name)),
  cookies: response.headers.getSetCookie().map(shape),
  tagged: response.headers.has("etag"),
  body: comparable(text),
});

interface Both {
  readonly status: number;
  readonly bodies: Pair<unknown>;
}
/** The statuses that have come back since the test began. */
const outcomes = new Set<number>();
/**
 * Sends both the same, and holds one to the other. @param sent with each one's own tokens; asked
 * for both, so that chance has been asked before
 */
const send = async (path: string, sent: (side: 0 | 1) => Sent): Promise<Both> => {
  const [one, other] = [await fetches[0](path, sent(0)), await fetches[1](path, sent(1))];
  const texts: Pair<string> = [await one.text(), await other.text()];
  const { body: _, headers: __, ...told } = sent(0);
  expect(await seen(other, texts[1]), `${path} ${JSON.stringify(told)}`).toEqual(
    await seen(one, texts[0]),
  );
  outcomes.add(one.status);
  const parse = (text: string): unknown => (isNoJson(text) ? null : JSON.parse(text));
  return { status: one.status, bodies: [parse(texts[0]), parse(texts[1])] };
};
const json = { "content-type": "application/json" };
const post = (method: string, body: unknown, headers: Record<string, string> = {}): Sent => ({
  method,
  headers: { ...json, ...headers },
  body: JSON.stringify(body),
  credentials: "omit",
});
const signIn = async (person: Person): Promise<Pair<Session>> =>
  (
    await send("/login", () =>
      post("POST", { username: person, password: passwordOf(person), delivery: "body" }),
    )
  ).bodies as Pair<Session>;
const bearer = (sessions: Pair<Session>, side: 0 | 1): Record<string, string> => ({
  authorization: `Bearer ${sessions[side].accessToken}`,
});

/** Something else in one place of a value, or nothing. */
const spoil = (chance: Chance, value: unknown): unknown => {
  const copy = structuredClone(value) as Record<string, unknown>;
  let at = copy;
  for (;;) {
    const names = Object.keys(at);
    if (names.length === 0) return copy;
    const name = chance.pick(names);
    const inner = at[name];
    if (typeof inner === "object" && inner !== null && chance.happens(0.75))
      at = inner as Record<string, unknown>;
    else {
      if (Array.isArray(at) || chance.happens(0.7))
        at[name] = chance.pick([
          null,
          0,
          -1,
          1e9,
          "",
          "é",
          "x".repeat(1_001),
          [],
          {},
          true,
          "stocks",
          "P30D",
        ]);
      else if (chance.happens(0.5)) delete at[name];
      else at["a/b~"] = 1;
      return copy;
    }
  }
};

const seeds = isThorough ? [1, 2, 3, 4, 5, 6] : [1, 2, 3];

it.each(seeds)("sessions begin, are refreshed and end alike (%i)", async (seed) => {
  const chance = createChance(seed);
  const sessions: Pair<Session>[] = [await signIn("mike")];
  const keys = ["k0"];
  for (let step = 0; step < 60; step += 1) {
    const session = chance.pick(sessions.slice(-4));
    const garbled = chance.happens(0.1);
    const spell = (token = ""): string =>
      garbled ? `${token.slice(0, 40)}${token.slice(41)}` : token;
    const key = chance.happens(0.5)
      ? chance.pick(keys.slice(-2))
      : `k${keys.push(`k${keys.length}`)}`;
    const origin = chance.happens(0.9) ? webOrigin : null;
    const isKeyed = chance.happens(0.7);
    await chance.pick([
      async () => {
        const headers = isKeyed ? { "idempotency-key": key } : undefined;
        const { status, bodies } = await send("/refresh", (side) =>
          post("POST", { refreshToken: spell(session[side].refreshToken) }, headers),
        );
        if (status === 200) sessions.push(bodies as Pair<Session>);
      },
      () => send("/session", (side) => ({ headers: bearer(session, side), credentials: "omit" })),
      async () => {
        const username = chance.pick([
          "mike",
          "MIKE",
          "ｍｉｋｅ",
          "dan",
          "nobody",
          "",
          "a:b",
          "\u0000",
        ]);
        const password = chance.pick([
          passwordOf("mike"),
          passwordOf("mike"),
          "wrong",
          "",
          "😀".repeat(129),
        ]);
        const { status, bodies } = await send("/login", () =>
          post("POST", { username, password, delivery: "body" }),
        );
        if (status === 200) sessions.push(bodies as Pair<Session>);
      },
      () =>
        send("/logout", (side) =>
          post("POST", { refreshToken: spell(session[side].refreshToken) }),
        ),
      () =>
        advance(
          chance.pick([500, 9_900, 10_100, 60_000, 301_000, 306_000, 86_400_000, 7 * 86_400_000]),
        ),
      () =>
        send("/login", () => ({
          ...post("POST", { username: "nora", password: passwordOf("nora") }),
          credentials: "include",
          origin,
        })),
      () =>
        send("/refresh", () => ({
          method: "POST",
          headers: isKeyed ? { "idempotency-key": key } : {},
        })),
      () => send("/cookie-check", () => ({})),
    ])();
  }
  expect([...outcomes]).toEqual(expect.arrayContaining([200, 401]));
});

it.each(seeds)(
  "files of sections, right and wrong, are taken and refused alike, and what is in them is shown alike (%i)",
  async (seed) => {
    const chance = createChance(seed);
    const mica = await signIn("mica");
    const sections = readSampleSections();
    for (const { name, columns } of sampleDatasets.slice(0, 4)) {
      const valueOf = {
        text: ["a", "b", "😀", "Ω"],
        integer: [1, -5, 7],
        decimal: [0.5, 2.25, 1e6],
        boolean: [true, false],
        date: ["2026-02-28", "2026-11-20", "2000-01-01"],
        timestamp: ["2026-10-25T00:30:00Z"],
      };
      const rows = chance.many(40, () =>
        Object.fromEntries(
          columns.map((column) => [
            column.name,
            chance.happens(0.9) ? chance.pick<unknown>(valueOf[column.type]) : null,
          ]),
        ),
      );
      await send(`/datasets/${name}/rows`, (side) => post("PUT", rows, bearer(mica, side)));
    }
    const ask = (path: string): Promise<Both> =>
      send(path, (side) => ({ headers: bearer(mica, side), credentials: "omit" }));
    const inQuery = () =>
      chance.pick([
        "",
        "last=P30D",
        "last=all",
        "from=2000-01-01&to=2026-11-21",
        "from=2026-02-30",
        "last=P0D",
        "to=2026-10-25T02:30:00%2B02:00",
        "last=P1D&from=2026-01-01",
      ]);
    for (let step = 0; step < 25; step += 1) {
      const { $schema: _, ...file } = chance.pick(sections);
      const sent = chance.happens(0.5)
        ? file
        : spoil(chance, chance.happens(0.5) ? spoil(chance, file) : file);
      const conditions = chance.happens(0.9) ? { "if-match": "*" } : {};
      await send(`/sections/${file.slug}/definition`, (side) =>
        post("PUT", sent, { ...bearer(mica, side), ...conditions }),
      );
      const { bodies } = await ask(`/sections/${file.slug}?include=data&${inQuery()}`);
      const ids = bodies.map(
        (body) => (body as { panels?: { id: string }[] }).panels?.map(({ id }) => id) ?? [],
      );
      const at = ids[0]?.findIndex(() => chance.happens(0.3)) ?? -1;
      if (at === -1) continue;
      const query = [
        inQuery(),
        chance.pick([
          "",
          "sort=-price",
          "page=2",
          "limit=5",
          "points=10",
          "page=0",
          "sort=nothing",
        ]),
      ].join("&");
      const answers = await Promise.all(
        ids.map((of, side) =>
          fetches[side as 0 | 1](`/sections/${file.slug}/panels/${of[at]}/data?${query}`, {
            headers: bearer(mica, side as 0 | 1),
            credentials: "omit",
          }),
        ),
      );
      const [one, other] = await Promise.all(
        answers.map(async (answer) => seen(answer, await answer.text())),
      );
      expect(other, `panel ${at} of ${file.slug}, ${query}`).toEqual(one);
    }
    expect([...outcomes]).toEqual(expect.arrayContaining([200, 400]));
  },
);

it.each(seeds)("rows of any kind are read and refused alike (%i)", async (seed) => {
  const chance = createChance(seed);
  const mica = await signIn("mica");
  const columns = ["text", "integer", "decimal", "boolean", "date", "timestamp"].map((type) => ({
    name: type,
    label: type,
    type,
  }));
  await send("/datasets", (side) =>
    post("POST", { name: "any", title: "Any", columns }, bearer(mica, side)),
  );
  const cells = [
    "",
    "a",
    "5",
    "-1.5",
    "1,5",
    "1.234,5",
    "true",
    "0",
    "2026-02-28",
    "2026-02-30",
    "2026-10-25T00:30:00Z",
    '"',
    '"a""b"',
    '"a\nb"',
    "é",
    " 7 ",
    "1e400",
    "\u0000",
  ];
  const fitting = ["a", "5", "2.5", "true", "2026-02-28", "2026-10-25T00:30:00Z"];
  for (let step = 0; step < 40; step += 1) {
    const delimiter = chance.pick([",", ";", "\t", "|"]);
    const lines = chance.many(6, () =>
      columns
        .map((_, index) => (chance.happens(0.97) ? fitting[index] : chance.pick(cells)))
        .join(delimiter),
    );
    const header = columns
      .map(({ name }) => (chance.happens(0.98) ? name : "other"))
      .join(delimiter);
    const text = `${chance.happens(0.1) ? "\ufeff" : ""}${[header, ...lines].join(chance.pick(["\n", "\r\n", "\r"]))}\n`;
    const bytes = new Uint8Array(
      Buffer.from(text, chance.happens(0.8) ? "utf8" : chance.pick(["utf16le", "latin1"] as const)),
    );
    const [method, path] = chance.pick([
      ["POST", "/datasets/any/rows"],
      ["PUT", "/datasets/any/rows"],
      ["POST", "/datasets/detection"],
    ] as const);
    const query = chance.pick([
      "",
      "",
      "?header=absent",
      "?header=skip",
      "?delimiter=comma",
      "?encoding=windows-1252",
      "?decimal=comma",
      "?wait=maybe",
    ]);
    const type = chance.pick([
      "text/csv",
      "text/csv",
      "text/csv; charset=utf-8",
      "application/json",
      "application/x-ndjson",
      "text/plain",
    ]);
    await send(`${path}${query}`, (side) => ({
      method,
      headers: { ...bearer(mica, side), "content-type": type },
      body: bytes,
      credentials: "omit",
    }));
    if (chance.happens(0.2))
      await send(
        `/datasets/any/rows?column=integer&from=${chance.pick(["0", "x", ""])}`,
        (side) => ({ method: "DELETE", headers: bearer(mica, side), credentials: "omit" }),
      );
  }
  expect([...outcomes]).toEqual(expect.arrayContaining([200, 422]));
});

it.each(seeds)(
  "addresses, methods and bodies that nothing answers are refused alike (%i)",
  async (seed) => {
    const chance = createChance(seed);
    const mica = await signIn("mica");
    const paths = [
      "/",
      "//",
      "/login/",
      "/session",
      "/sections",
      "/sections/%",
      "/sections/finance%2Fx",
      "/sections/%E9",
      "/datasets/detection",
      "/health%7a",
      "/problems/forbidden",
      "/problems/toString",
      "/setup",
      "/imports/x",
      "/account/notices/x",
    ];
    const endpoints = [
      "GET /sections/:slug",
      "PATCH /datasets/:name",
      "POST /logout",
    ] satisfies ContractKey[];
    for (let step = 0; step < 150; step += 1) {
      const method = chance.pick([
        "GET",
        "POST",
        "PUT",
        "PATCH",
        "DELETE",
        "HEAD",
        "OPTIONS",
        "QUERY",
      ]);
      const path = chance.happens(0.8)
        ? chance.pick(paths)
        : chance.pick(endpoints).replace(/^\w+ /, "");
      const body =
        ["GET", "HEAD"].includes(method) || chance.happens(0.5)
          ? undefined
          : new TextEncoder().encode(
              chance.pick(["", "{}", "{", "null", `{"a":"${"x".repeat(70_000)}"}`]),
            );
      const headers = {
        ...(body && {
          "content-type": chance.pick(["application/json", "text/plain", "application/jsonp"]),
        }),
        ...(chance.happens(0.2) && { accept: "text/html" }),
      };
      const isSignedIn = chance.happens(0.6);
      const origin = chance.happens(0.9)
        ? webOrigin
        : chance.pick([null, "null", "https://other.example"]);
      await send(path, (side) => ({
        method,
        headers: { ...headers, ...(isSignedIn && bearer(mica, side)) },
        ...(body && { body }),
        credentials: "omit",
        origin,
      }));
    }
    expect([...outcomes]).toEqual(expect.arrayContaining([404, 405]));
  },
);
