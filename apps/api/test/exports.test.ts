import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { expect, it, onTestFinished, vi } from "vitest";
import { createApiServer } from "../src/http/api-server.ts";
import { createUnreadableRequests } from "../src/http/unreadable-requests.ts";
import { createTeamApp, leaveMicaWith, passwordOf, type TeamApp } from "./team.ts";

vi.setConfig({ testTimeout: 60_000 });

/** More than sockets hold, so that the file waits for whoever reads it. */
const count = 40_000;

interface Served {
  readonly ask: (path: string, signal?: AbortSignal) => Promise<Response>;
  /** Until every answer that was begun is over, and what was said on stderr meanwhile. */
  readonly settle: () => Promise<unknown>;
}

/** The app on a port, and what asks it as mica. */
const serve = async (app: TeamApp): Promise<Served> => {
  const said = vi.spyOn(console, "error").mockImplementation(() => {});
  onTestFinished(() => said.mockRestore());
  const unreadable = createUnreadableRequests("http://localhost:4000");
  const listener = getRequestListener(app.app.fetch, { autoCleanupIncoming: true });
  const answers: Promise<unknown>[] = [];
  const api = createApiServer(
    unreadable,
    (incoming, outgoing) => void answers.push(listener(incoming, outgoing)),
  );
  api.server.listen(0, "127.0.0.1");
  await once(api.server, "listening");
  onTestFinished(() => api.server.closeAllConnections());
  onTestFinished(() => void api.close(1));
  const origin = `http://127.0.0.1:${(api.server.address() as AddressInfo).port}`;
  const signedIn = await fetch(`${origin}/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: "mica", password: passwordOf("mica"), delivery: "body" }),
  });
  const { accessToken } = (await signedIn.json()) as { accessToken: string };
  const headers = { authorization: `Bearer ${accessToken}` };
  return {
    ask: (path, signal) => fetch(origin + path, { headers, ...(signal && { signal }) }),
    settle: async () => {
      await Promise.all(answers);
      return said.mock.calls;
    },
  };
};

const addEvents = (app: TeamApp): void =>
  void app.runSql(
    `INSERT INTO audit_events (id, at, action, result, actor_name, detail)
     WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
     SELECT 'evt_' || i, i, 'session.signIn', 'success', '=cmd|' || i, '{"words":"' || hex(zeroblob(50)) || '"}' FROM n`,
    count,
  );

it("a file of a long list has every line once, and others are answered while it is read", async () => {
  const app = await createTeamApp();
  addEvents(app);
  const { ask } = await serve(app);
  const file = await ask("/audit-events?format=csv&action=session.signIn");
  expect(file.headers.get("content-disposition")).toMatch(/^attachment; filename="audit-events-/);
  expect(file.headers.get("content-type")).toBe("text/csv; charset=utf-8");
  expect((await ask("/healthz")).status).toBe(200);
  const lines = (await file.text()).split("\r\n");
  // The head, mica's own sign-in, and the empty one behind the last.
  expect(lines).toHaveLength(count + 3);
  expect(new Set(lines).size).toBe(count + 3);
  expect(lines[2]).toMatch(new RegExp(`^evt_${count},.*,"'=cmd\\|${count}",`));
  expect(app.auditEvents("auditTrail.export")).toMatchObject([
    { actorName: "mica", detail: { format: "csv", action: "session.signIn" } },
  ]);
});

it("a file breaks off for whoever may no longer have it, and stderr is told nothing of it", async () => {
  const app = await createTeamApp();
  addEvents(app);
  const { ask, settle } = await serve(app);
  const file = await ask("/audit-events?format=ndjson");
  leaveMicaWith(app, "users:read");
  await expect(file.text()).rejects.toThrow("terminated");
  expect(await settle()).toEqual([]);
});

it("a file breaks off when whoever asked goes away, and stderr is told nothing of it", async () => {
  const app = await createTeamApp();
  addEvents(app);
  const { ask, settle } = await serve(app);
  const leaving = new AbortController();
  const file = await ask("/audit-events?format=csv", leaving.signal);
  await file.body?.getReader().read();
  leaving.abort();
  expect(await settle()).toEqual([]);
});
