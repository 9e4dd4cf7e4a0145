/**
 * kill -9 while rows are pushed under keys: whatever is repeated until there is an answer comes in
 * exactly once.
 */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { samplePasswordOf } from "@sallyport/shared/sample";
import { findFreePort, send, startApiProcess, type Answered } from "./api-process.ts";
import { openElsewhere } from "./test-app.ts";

const kills = 8;
const rowsOfPush = 500;

test("rows that are pushed under a key come in once, wherever the process is killed", async () => {
  const directory = mkdtempSync(join(tmpdir(), "sallyport-kill-pushes-"));
  const environment = { SALLYPORT_DATA_DIR: directory, SALLYPORT_SAMPLE_DATA: "1" };
  const port = await findFreePort();
  const agent = new Agent({ keepAlive: false });
  let api = await startApiProcess(port, environment);
  onTestFinished(async () => {
    await api.kill();
    rmSync(directory, { recursive: true, force: true });
  });
  const call = (
    method: string,
    path: string,
    options: Parameters<typeof send>[4],
  ): Promise<Answered> => send(agent, port, method, path, options);
  const login = await call("POST", "/login", {
    body: { username: "mica", password: samplePasswordOf("mica"), delivery: "body" },
  });
  const authorization = `Bearer ${String(login.body?.["accessToken"])}`;
  const created = await call("POST", "/datasets", {
    headers: { authorization },
    body: {
      name: "pushed",
      title: "Pushed",
      columns: [{ name: "n", label: "N", type: "integer" }],
    },
  });
  expect(created.status).toBe(201);
  const rows = Array.from({ length: rowsOfPush }, (_, n) => ({ n }));
  const push = (key: string): Promise<Answered | null> =>
    call("POST", "/datasets/pushed/rows", {
      headers: { authorization, "idempotency-key": key },
      body: rows,
    }).catch(() => null);

  const outcomes: string[] = [];
  for (let round = 0; round < kills; round += 1) {
    const key = randomUUID();
    const first = push(key);
    // From before its key is taken until after its answer.
    await wait(3 + round * 3);
    await api.kill();
    const answered = await first;
    const database = openElsewhere(directory);
    // As if the half minute had passed for which a key is held that nobody holds on to.
    database.runSql("UPDATE idempotency_keys SET held_until = 0 WHERE held_until IS NOT NULL");
    database.close();
    api = await startApiProcess(port, environment);
    const repeated = await push(key);
    const told = `${answered?.status ?? "no answer"}, then ${repeated?.status} ${JSON.stringify(repeated?.body?.["code"])}`;
    outcomes.push(told);
    expect(
      repeated?.status === 200 || repeated?.body?.["code"] === "idempotency_answer_lost",
      told,
    ).toBe(true);
    const after = await call("GET", "/datasets/pushed", { headers: { authorization } });
    expect(after.body?.["rowCount"], outcomes.join("; ")).toBe((round + 1) * rowsOfPush);
  }
  process.stdout.write(`Pushes that were cut off: ${outcomes.join("; ")}\n`);
}, 120_000);
