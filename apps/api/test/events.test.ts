/**
 * `GET /session/events`: what changes is told to open pages, to the right ones only, for as long as
 * their session lives.
 */
import { once } from "node:events";
import type { IncomingMessage, Server } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { expect, onTestFinished, test, vi } from "vitest";
import { addDataset, addPanel } from "./dashboards.ts";
import { createTeamApp, giveGrant, takeGrant, type TeamApp } from "./team.ts";
import { claimsOf, createBrowser, request, signInForBody } from "./test-browser.ts";
import { openElsewhere } from "./test-app.ts";

interface Listener {
  readonly status: number;
  readonly headers: Headers;
  /** The next event as `name {data}`, `:` for a comment, `end` when the stream has ended. */
  next(): Promise<string>;
  /** The same without comments. */
  nextEvent(): Promise<string>;
  /** What was told of lists until then, which the others pass over. */
  readonly lists: readonly string[];
  leave(): Promise<void>;
}

const listen = async (
  { app }: Pick<TeamApp, "app">,
  accessToken: string,
  { method = "GET", since = "" } = {},
): Promise<Listener> => {
  const incoming = {
    headers: { authorization: `Bearer ${accessToken}` },
    socket: { remoteAddress: "192.0.2.1" },
  } as unknown as IncomingMessage;
  const response = await app.request(`/session/events${since}`, { method }, { incoming });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const lists: string[] = [];
  const next = async (): Promise<string> => {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done || value === undefined) return "end";
    const told = value.trimEnd().replace(/^event: (\w+)\ndata: /, "$1 ");
    if (!told.startsWith("lists ")) return told;
    lists.push(told);
    return next();
  };
  const nextEvent = async (): Promise<string> => {
    const told = await next();
    return told === ":" ? nextEvent() : told;
  };
  return {
    status: response.status,
    headers: response.headers,
    next,
    nextEvent,
    lists,
    leave: async () => reader?.cancel(),
  };
};

const second = 1_000;
const minute = 60 * second;
const day = 24 * 60 * minute;

/** A second passes, and the look at the database that comes with it is done. */
const look = async (app: TeamApp): Promise<void> => {
  app.clock.advance(second);
  await new Promise((resolve) => setImmediate(resolve));
};

/** Somebody who listens, past the comment that opens the stream. */
const listening = async (
  app: TeamApp,
  username: string,
): Promise<Listener & { client: Awaited<ReturnType<typeof signInForBody>> }> => {
  const client = await signInForBody(app, username);
  const listener = await listen(app, client.accessToken);
  expect(await listener.next()).toBe(":");
  return { ...listener, client };
};

const sql = (app: TeamApp, text: string): void => void app.runSql(text);
/** As another process: the command-line tool, or a person with an SQL shell. */
const elsewhere = (app: TeamApp, text: string): void => {
  const other = openElsewhere(app.dataDirectory);
  other.runSql(text);
  other.close();
};
/** A panel that reads a dataset, which is made where there is none yet. */
const addPanelOf = async (app: TeamApp, section: string, dataset: string): Promise<void> => {
  const columns = [{ name: "count", label: "Count", type: "integer" as const }];
  if ((await app.dependencies.stores.datasets.find(dataset)) === null)
    await addDataset(app, { name: dataset, columns });
  await addPanel(app, section, {
    kind: "table",
    title: dataset,
    width: 12,
    query: { dataset, select: [{ column: "count" }] },
  });
};
const changeRows = (dataset: string): string =>
  `UPDATE datasets SET version = version + 1 WHERE name = '${dataset}'`;

test("the stream opens as one, with a comment for proxies that wait for a first byte", async () => {
  const app = await createTeamApp();
  const { accessToken } = await signInForBody(app, "mike");
  const listener = await listen(app, accessToken);
  expect(listener.status).toBe(200);
  expect(listener.headers.get("content-type")).toBe("text/event-stream");
  expect(listener.headers.get("cache-control")).toBe("no-store");
  expect(listener.headers.get("x-accel-buffering")).toBe("no");
  expect(listener.headers.get("sallyport-session")).toMatch(/^ses_/);
  expect(await listener.next()).toBe(":");
});

test("a cookie opens it as well", async () => {
  const app = await createTeamApp();
  const browser = createBrowser(app);
  await browser.signIn("mike");
  expect((await browser.send("GET", "/session/events")).status).toBe(200);
});

test("a grant that is given, or taken away, is told as a change of permissions", async () => {
  const app = await createTeamApp();
  const mike = await listening(app, "mike");
  await giveGrant(app, "mike", "finance");
  await look(app);
  expect(await mike.next()).toBe("permissions {}");
  elsewhere(app, "DELETE FROM grants WHERE user_id IS NOT NULL");
  await look(app);
  expect(await mike.next()).toBe("permissions {}");
});

test("nobody hears of the permissions of somebody else", async () => {
  const app = await createTeamApp();
  const nora = await listening(app, "nora");
  await giveGrant(app, "mike", "finance");
  for (let beats = 0; beats < 20; beats += 1) await look(app);
  expect(await nora.next()).toBe(":");
});

test("new rows, a new panel and a new title are told to those who may see the section, by name, and to nobody else", async () => {
  const app = await createTeamApp();
  await addPanelOf(app, "marketing", "clicks");
  await addPanelOf(app, "finance", "stocks");
  const [mica, mike, nora] = [
    await listening(app, "mica"),
    await listening(app, "mike"),
    await listening(app, "nora"),
  ];

  sql(app, changeRows("clicks"));
  await look(app);
  expect(await mica.next()).toBe('sections {"slugs":["marketing"],"list":false}');
  expect(await mike.next()).toBe('sections {"slugs":["marketing"],"list":false}');

  elsewhere(app, changeRows("stocks"));
  await look(app);
  expect(await mica.next()).toBe('sections {"slugs":["finance"],"list":false}');

  await addPanelOf(app, "marketing", "clicks");
  sql(app, "UPDATE sections SET title = 'Hello' WHERE slug = 'welcome'");
  await look(app);
  expect(await mica.next()).toBe('sections {"slugs":["marketing","welcome"],"list":true}');
  expect(await mike.next()).toBe('sections {"slugs":["marketing","welcome"],"list":true}');
  expect(await nora.next()).toBe('sections {"slugs":["welcome"],"list":true}');
});

test("what has changed since the page began to ask is told at once, to those who may see it", async () => {
  const app = await createTeamApp();
  app.clock.advance(minute);
  const { accessToken } = await signInForBody(app, "mike");
  const since = `?since=${new Date(app.clock.now()).toISOString()}`;
  expect(await (await listen(app, accessToken, { since })).next()).toBe(":");
  app.clock.advance(second);
  sql(
    app,
    `UPDATE sections SET description = 'New', updated_at = ${app.clock.now()} WHERE slug IN ('marketing', 'finance')`,
  );
  expect(await (await listen(app, accessToken, { since })).next()).toBe(
    'sections {"slugs":["marketing"],"list":false}',
  );
  expect(await (await listen(app, accessToken)).next()).toBe(":");
});

test("a panel's definition that is changed by hand is a change of its section", async () => {
  const app = await createTeamApp();
  await addPanelOf(app, "marketing", "clicks");
  const mike = await listening(app, "mike");
  for (const change of [
    "UPDATE panels SET definition = '{ }'",
    "UPDATE sections SET description = 'New' WHERE slug = 'marketing'",
    "DELETE FROM panels",
  ]) {
    elsewhere(app, change);
    await look(app);
    expect([change, await mike.next()]).toEqual([
      change,
      'sections {"slugs":["marketing"],"list":false}',
    ]);
  }
});

test("a section that is made public, hidden again, renamed or deleted changes the list of those who may or might see it", async () => {
  const app = await createTeamApp();
  const [mica, nora] = [await listening(app, "mica"), await listening(app, "nora")];
  const told = async (): Promise<string[]> => [await mica.next(), await nora.next()];

  sql(app, "UPDATE sections SET visibility = 'public' WHERE slug = 'finance'");
  await look(app);
  expect(await told()).toEqual([
    'sections {"slugs":["finance"],"list":true}',
    'sections {"slugs":["finance"],"list":true}',
  ]);
  sql(app, "UPDATE sections SET visibility = 'restricted' WHERE slug = 'finance'");
  await look(app);
  expect(await told()).toEqual([
    'sections {"slugs":["finance"],"list":true}',
    'sections {"slugs":["finance"],"list":true}',
  ]);
  sql(app, "UPDATE sections SET slug = 'money' WHERE slug = 'finance'");
  await look(app);
  expect(await mica.next()).toBe('sections {"slugs":["finance","money"],"list":true}');
  sql(app, "DELETE FROM sections WHERE slug = 'money'");
  await look(app);
  expect(await mica.next()).toBe('sections {"slugs":["money"],"list":true}');
  // Nora has heard nothing since: what is next is the comment that keeps her connection alive.
  for (let beats = 0; beats < 20; beats += 1) await look(app);
  expect(await nora.next()).toBe(":");
});

test("with a new grant the section's changes are told from then on, and without it no longer", async () => {
  const app = await createTeamApp();
  await addPanelOf(app, "finance", "stocks");
  const nora = await listening(app, "nora");
  await giveGrant(app, "nora", "finance");
  await look(app);
  expect(await nora.next()).toBe("permissions {}");
  sql(app, changeRows("stocks"));
  await look(app);
  expect(await nora.next()).toBe('sections {"slugs":["finance"],"list":false}');
  await takeGrant(app, "nora", "finance");
  sql(app, changeRows("stocks"));
  await look(app);
  expect(await nora.next()).toBe("permissions {}");
  for (let beats = 0; beats < 20; beats += 1) await look(app);
  expect(await nora.next()).toBe(":");
});

test("a reader who takes nothing for a while finds what has changed, each once", async () => {
  const app = await createTeamApp();
  await addPanelOf(app, "marketing", "clicks");
  const mike = await listening(app, "mike");
  for (let change = 0; change < 50; change += 1) {
    sql(app, changeRows("clicks"));
    await look(app);
  }
  expect(await mike.next()).toBe('sections {"slugs":["marketing"],"list":false}');
  sql(app, changeRows("clicks"));
  await look(app);
  expect(await mike.next()).toBe('sections {"slugs":["marketing"],"list":false}');
});

test("a comment comes every 20 seconds, counted from the last word, and nothing else where nothing changes", async () => {
  const app = await createTeamApp();
  const mike = await listening(app, "mike");
  const heard: string[] = [];
  const hearing = (async () => {
    for (let told = ""; told !== "end"; heard.push(told)) told = await mike.next();
  })();
  for (let beats = 0; beats < 65; beats += 1) await look(app);
  expect(heard).toEqual([":", ":", ":"]);
  app.dependencies.beginShutdown();
  await hearing;
});

const stealAndRefresh = async (
  app: TeamApp,
  mike: Awaited<ReturnType<typeof signInForBody>>,
): Promise<void> => {
  const old = mike.refreshToken;
  await mike.refresh("one");
  await mike.refresh("two");
  app.clock.advance(minute);
  await mike.refresh("three", old);
};

for (const [how, end, reason] of [
  [
    "signed out",
    async (_, mike) => void (await mike.send("POST", "/logout", { body: {} })),
    "signedOut",
  ],
  [
    "ended by an admin in SQL",
    async (app: TeamApp) =>
      elsewhere(app, "UPDATE sessions SET ended_at = 1, end_reason = 'endedByAdmin'"),
    "endedByAdmin",
  ],
  [
    "taken from a user who is deactivated",
    async (app: TeamApp) => sql(app, "UPDATE users SET active = 0 WHERE username = 'mike'"),
    "deactivated",
  ],
  ["left alone for a week", async (app: TeamApp) => app.clock.advance(7 * day), "idle"],
  ["stolen", stealAndRefresh, "reuse"],
] satisfies [
  string,
  (app: TeamApp, mike: Awaited<ReturnType<typeof signInForBody>>) => Promise<void>,
  string,
][])
  test(`the stream of a session that is ${how} says so and ends`, async () => {
    const app = await createTeamApp();
    const mike = await listening(app, "mike");
    await end(app, mike.client);
    await look(app);
    expect(await mike.nextEvent()).toBe(`ended {"reason":"${reason}"}`);
    expect(await mike.next()).toBe("end");
    expect(app.dependencies.liveChanges.listeners()).toBe(0);
    expect(
      (
        await request(app, "GET", "/session/events", {
          headers: { authorization: `Bearer ${mike.client.accessToken}` },
        })
      ).status,
    ).toBe(401);
  });

test("a session lives to its absolute end, however often it is renewed, and its stream with it", async () => {
  const app = await createTeamApp();
  const mike = await listening(app, "mike");
  for (let days = 0; days < 5; days += 1) {
    app.clock.advance(6 * day - second);
    expect((await mike.client.refresh(`key-${days}`)).status).toBe(days < 5 ? 200 : 401);
    await look(app);
    expect(await mike.next()).toBe(":");
  }
  await look(app);
  expect(await mike.next()).toBe('ended {"reason":"absolute"}');
});

test("a user who is deleted leaves a stream that ends without a reason", async () => {
  const app = await createTeamApp();
  const mike = await listening(app, "mike");
  elsewhere(app, "DELETE FROM users WHERE username = 'mike'");
  await look(app);
  expect(await mike.next()).toBe("ended {}");
  expect(await mike.next()).toBe("end");
});

test("the stream outlives the access token, and does not keep the session alive", async () => {
  const app = await createTeamApp();
  await addPanelOf(app, "marketing", "clicks");
  const mike = await listening(app, "mike");
  const sessionId = String(claimsOf(mike.client.accessToken)["sid"]);
  const idleUntil = async (): Promise<number | undefined> =>
    (await app.dependencies.stores.sessions.readState(sessionId))?.idleExpiresAt;
  const before = await idleUntil();
  app.clock.advance(10 * minute);
  expect((await mike.client.send("GET", "/session")).body.code).toBe("token_expired");
  expect(await mike.next()).toBe(":");
  sql(app, changeRows("clicks"));
  await look(app);
  expect(await mike.next()).toBe('sections {"slugs":["marketing"],"list":false}');
  expect(await idleUntil()).toBe(before);
  app.clock.advance(7 * day);
  await look(app);
  expect(await mike.next()).toBe('ended {"reason":"idle"}');
});

test("HEAD is answered short, and opens nothing", async () => {
  const app = await createTeamApp();
  const { accessToken } = await signInForBody(app, "mike");
  const head = await listen(app, accessToken, { method: "HEAD" });
  expect(head.status).toBe(200);
  expect(head.headers.get("content-type")).toBe("text/event-stream");
  expect(await head.next()).toBe("end");
  expect(app.dependencies.liveChanges.listeners()).toBe(0);
});

test("a session may have eight streams, and a ninth once one of them has gone", async () => {
  const app = await createTeamApp();
  const { accessToken } = await signInForBody(app, "mike");
  const open = await Promise.all(Array.from({ length: 8 }, () => listen(app, accessToken)));
  expect(open.map(({ status }) => status)).toEqual(Array(8).fill(200));
  const refused = await request(app, "GET", "/session/events", {
    headers: { authorization: `Bearer ${accessToken}` },
  });
  expect(refused).toMatchObject({ status: 429, body: { code: "rate_limited" } });
  expect(refused.headers.get("retry-after")).toBe("20");
  // Another session is not concerned.
  await listening(app, "mica");
  await open[0]?.leave();
  expect((await listen(app, accessToken)).status).toBe(200);
  expect(app.dependencies.liveChanges.listeners()).toBe(9);
});

test("when the server stops, streams end without a word about the session, and none is opened any more", async () => {
  const app = await createTeamApp();
  const mike = await listening(app, "mike");
  app.dependencies.beginShutdown();
  expect(await mike.next()).toBe("end");
  const refused = await request(app, "GET", "/session/events", {
    headers: { authorization: `Bearer ${mike.client.accessToken}` },
  });
  expect(refused).toMatchObject({ status: 503, body: { code: "busy" } });
});

test("while nobody listens nobody looks, and who comes later is told only of what comes later", async () => {
  const app = await createTeamApp();
  await addPanelOf(app, "marketing", "clicks");
  const looks: number[] = [];
  const { changes } = app.dependencies.stores;
  const readLiveState = changes.readLiveState.bind(changes);
  Object.assign(changes, {
    readLiveState: (ids: string[]) => (looks.push(ids.length), readLiveState(ids)),
  });
  const first = await listening(app, "mike");
  await first.leave();
  looks.length = 0;
  sql(app, changeRows("clicks"));
  for (let beats = 0; beats < 5; beats += 1) await look(app);
  expect(looks).toEqual([]);
  const later = await listening(app, "mike");
  for (let beats = 0; beats < 20; beats += 1) await look(app);
  expect(await later.next()).toBe(":");
  // One for the beginning, to compare with; none for the seconds in which nothing happened.
  expect(looks).toEqual([1]);
});

test("one look serves all streams: a session with several is read once", async () => {
  const app = await createTeamApp();
  const { accessToken } = await signInForBody(app, "mike");
  for (let streams = 0; streams < 5; streams += 1) await listen(app, accessToken);
  await listening(app, "mica");
  const looks: number[] = [];
  const { changes } = app.dependencies.stores;
  const readLiveState = changes.readLiveState.bind(changes);
  Object.assign(changes, {
    readLiveState: (ids: string[]) => (looks.push(ids.length), readLiveState(ids)),
  });
  await look(app);
  sql(app, "UPDATE sections SET description = 'New'");
  await look(app);
  expect(looks).toEqual([2, 2]);
});

/** The app behind a real server, as in service, for what only a connection can show. */
const serve = async (app: TeamApp): Promise<{ readonly port: number; readonly server: Server }> => {
  const server = createAdaptorServer({ fetch: app.app.fetch, autoCleanupIncoming: true }) as Server;
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => server.closeAllConnections());
  return { port: (server.address() as AddressInfo).port, server };
};
const connectTo = async (
  port: number,
  accessToken: string,
): Promise<{ readonly socket: Socket; readonly received: () => string }> => {
  const socket = connect(port, "127.0.0.1");
  let received = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => (received += chunk));
  socket.write(
    `GET /session/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${accessToken}\r\n\r\n`,
  );
  await vi.waitFor(() => expect(received).toContain(":\n\n"));
  return { socket, received: () => received };
};

test("a reader who hangs up is forgotten", async () => {
  const app = await createTeamApp();
  const { port } = await serve(app);
  const { accessToken } = await signInForBody(app, "mike");
  const { socket } = await connectTo(port, accessToken);
  expect(app.dependencies.liveChanges.listeners()).toBe(1);
  socket.destroy();
  await vi.waitFor(() => expect(app.dependencies.liveChanges.listeners()).toBe(0));
});

test("a server that stops does not wait for its readers", async () => {
  const app = await createTeamApp();
  const { port, server } = await serve(app);
  const { accessToken } = await signInForBody(app, "mike");
  const { socket, received } = await connectTo(port, accessToken);
  const ended = once(socket, "close");
  const stopped = once(server, "close");
  server.close();
  app.dependencies.beginShutdown();
  await vi.waitFor(() => expect(received()).toMatch(/\r\n0\r\n\r\n$/));
  server.closeIdleConnections();
  await Promise.all([ended, stopped]);
});

test("lists of the admin side that change are told to whoever may read them, also when somebody changes them by SQL, and never for a rotation", async () => {
  const app = await createTeamApp();
  const [mica, mike] = [await listening(app, "mica"), await listening(app, "mike")];
  await look(app);
  /** What mica was told of lists since the last time; another event comes behind it. */
  const told = async (change: () => Promise<void> | void): Promise<string> => {
    await change();
    await look(app);
    sql(app, "UPDATE sections SET updated_at = updated_at + 1 WHERE slug = 'finance'");
    await look(app);
    const before = mica.lists.length;
    expect(await mica.next()).toContain("finance");
    return mica.lists.slice(before).join();
  };
  await told(() => {});
  const oneColumn = [{ name: "count", label: "Count", type: "integer" as const }];
  const byHand: readonly (readonly [text: string, lists: readonly string[]])[] = [
    ["UPDATE users SET display_name = 'N' WHERE username = 'nora'", ["users"]],
    ["UPDATE roles SET description = 'New' WHERE name = 'marketing'", ["roles"]],
    [
      "INSERT INTO grants (id, user_id, section_id, created_at) SELECT 'grt_1', users.id, sections.id, 0 FROM users, sections WHERE username = 'nora' AND slug = 'finance'",
      ["grants"],
    ],
    ["UPDATE sections SET title = 'Money' WHERE slug = 'finance'", ["sections"]],
    ["UPDATE sessions SET ended_at = 1 WHERE delivery = 'cookie'", []],
    [
      "INSERT INTO audit_events (id, at, action, result) VALUES ('evt_1', 1, 'access.denied', 'failure')",
      ["audit"],
    ],
  ];
  for (const [text, lists] of byHand)
    expect([text, await told(() => elsewhere(app, text))]).toEqual([
      text,
      lists.length === 0 ? "" : `lists ${JSON.stringify({ lists })}`,
    ]);
  expect(await told(() => addDataset(app, { name: "clicks", columns: oneColumn }))).toContain(
    "datasets",
  );
  expect(await told(async () => void (await mike.client.refresh("a-key")))).toBe("");
  expect(await told(async () => void (await signInForBody(app, "nora")))).toBe(
    'lists {"lists":["audit","sessions"]}',
  );
  expect(mike.lists).toEqual([]);
});
