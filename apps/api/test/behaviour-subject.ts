/**
 * The real API as the behaviour suite asks for it: each `reset` is a fresh start on a copy of a
 * loaded data directory.
 */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { isUnsafe, methodOf, type ContractKey, type Session } from "@sallyport/shared/contract";
import { AppError, type Handlers } from "@sallyport/shared/core";
import { changeGrant, createSetupToken } from "@sallyport/shared/handlers";
import {
  passwordOf,
  settings,
  type Condition,
  type Sent,
  type Subject,
} from "@sallyport/shared/testing";
import { createApp } from "../src/app.ts";
import { parseConfig } from "../src/config.ts";
import { createDependencies, type Dependencies } from "../src/dependencies.ts";
import { chance, digests } from "../src/tokens/chance.ts";
import {
  createDatabaseByHand,
  createTestApp,
  createTestClock,
  type DatabaseByHand,
} from "./test-app.ts";
import { plainPasswords } from "./plain-passwords.ts";
import { webOrigin } from "./test-browser.ts";

export interface ServerSubject extends Subject {
  /** What the server has thought its own fault since the last reset. */
  readonly faults: readonly unknown[];
  close(): Promise<void>;
}

/**
 * Whatever changes something waits for the database while somebody else writes, but for these: a
 * look at a file needs none, and the thread that changes rows waits for ten real seconds.
 */
const waitingForSomethingElse = new Set<ContractKey>([
  "POST /datasets/detection",
  "POST /dataset-detections",
  "POST /imports",
  "PUT /imports/:importId/rows",
  "DELETE /imports/:importId",
  "POST /password-resets",
  "POST /password-resets/check",
  "POST /email-verifications",
  "POST /email-verifications/confirm",
  "POST /datasets/:name/rows",
  "PUT /datasets/:name/rows",
  "DELETE /datasets/:name/rows",
  "POST /panel-previews",
]);
/** Those that are busy when the server is about to stop. */
const endingWithTheServer = new Set<ContractKey>(["GET /readyz", "GET /session/events"]);

/** So little that a query over many rows takes too long. */
const impatientSeconds = 0.001;

/**
 * What time it is after each reset. Ahead of the real time, which the database's triggers go by.
 */
export const startTime = Math.ceil(Date.now() / 86_400_000) * 86_400_000 + 9 * 3_600_000;

export const createServerSubject = async (): Promise<ServerSubject> => {
  const template = mkdtempSync(join(tmpdir(), "sallyport-template-"));
  const loaded = await createTestApp({
    dataDirectory: template,
    clock: createTestClock(startTime),
  });
  // Every behaviour brings the rows that it looks at. A small file is copied quickly.
  loaded.dropRows();
  await loaded.close();

  let clock = createTestClock(startTime);
  let directory = "";
  let faults: unknown[] = [];
  let dependencies: Dependencies | undefined;
  let app: ReturnType<typeof createApp> | undefined;
  let database: DatabaseByHand | undefined;
  let releaseLock: (() => void) | undefined;
  /** What a handler throws instead of answering, where nothing real can be brought about. */
  const injected = new Map<ContractKey, () => Error>();
  const jar = new Map<string, { readonly value: string; readonly expiresAt: number }>();
  let twice: "access" | "refresh" | undefined;

  const start = async (
    environment: Readonly<Record<string, string>> = {},
    querySeconds?: number,
  ): Promise<void> => {
    const config = parseConfig({
      SALLYPORT_DATA_DIR: directory,
      SALLYPORT_LOG_LEVEL: "silent",
      SALLYPORT_UPLOAD_LIMIT_MIB: String(settings.uploadLimitMebibytes),
      SALLYPORT_MAILBOX: "1",
      ...environment,
    });
    const { open, byHand } = createDatabaseByHand();
    const started = await createDependencies(
      querySeconds === undefined ? config : { ...config, querySeconds },
      {
        clock,
        openDatabase: open,
        log: pino({ level: "silent" }),
        passwords: plainPasswords,
        reportFault: (error) => void faults.push(error),
      },
    );
    const handlers = Object.fromEntries(
      Object.entries(started.handlers).map(([key, handler]) => [
        key,
        (request: never) => {
          const fault = injected.get(key as ContractKey)?.();
          if (fault) throw fault;
          return (handler as (request: never) => unknown)(request);
        },
      ]),
    ) as unknown as Handlers;
    dependencies = started;
    database = byHand;
    app = createApp({ handlers, answering: started.answering });
  };

  const stop = async (): Promise<void> => {
    releaseLock?.();
    releaseLock = undefined;
    await dependencies?.close();
    dependencies = undefined;
  };

  const running = (): Dependencies => {
    if (dependencies === undefined) throw new Error("The subject has not been reset yet");
    return dependencies;
  };
  const run = (sql: string, ...values: unknown[]): void => void database?.runSql(sql, ...values);

  const cookieHeader = (): string =>
    [...jar]
      .filter(([, { expiresAt }]) => expiresAt > clock.now())
      .flatMap(([name, { value }]) =>
        twice !== undefined && name.includes(`-${twice}`)
          ? [`${name}=${value}`, `${name}=another`]
          : [`${name}=${value}`],
      )
      .join("; ");

  const cookieOf = (which: "access" | "refresh") => {
    const found = [...jar].find(([name]) => name.includes(`-${which}`));
    if (found === undefined) throw new Error(`The browser holds no ${which} token`);
    return found;
  };

  const receive = (setCookies: readonly string[]): void => {
    for (const line of setCookies) {
      const [pair = "", ...flags] = line.split("; ");
      const name = pair.slice(0, pair.indexOf("="));
      const seconds = Number(
        flags.find((flag) => flag.startsWith("Max-Age="))?.slice("Max-Age=".length),
      );
      if (seconds === 0) jar.delete(name);
      else
        jar.set(name, {
          value: pair.slice(name.length + 1),
          expiresAt: clock.now() + seconds * 1000,
        });
    }
  };

  const fetch = async (
    path: string,
    { method = "GET", headers = {}, body, credentials = "include", origin = webOrigin }: Sent = {},
  ): Promise<Response> => {
    const cookie = credentials === "include" ? cookieHeader() : "";
    const sent: Record<string, string> = {
      "user-agent": "Behaviour",
      ...(origin !== null && { origin }),
      ...(cookie !== "" && { cookie }),
      ...headers,
    };
    const payload = typeof body === "string" ? new TextEncoder().encode(body) : body;
    if (payload instanceof Uint8Array) sent["content-length"] = String(payload.byteLength);
    else if (payload) sent["transfer-encoding"] = "chunked";
    // The app reads headers and the address from what Node has parsed, so that it is handed the
    // same here.
    const incoming = {
      headers: sent,
      socket: { remoteAddress: "192.0.2.1" },
    } as unknown as IncomingMessage;
    const init = { method, ...(payload && { body: payload, duplex: "half" }) };
    const response = (await app?.request(path, init as RequestInit, { incoming })) as Response;
    if (credentials === "include") receive(response.headers.getSetCookie());
    return response;
  };

  const beBusy = (endpoint: ContractKey): void => {
    if (endingWithTheServer.has(endpoint)) return running().beginShutdown();
    if (!isUnsafe(methodOf(endpoint)) || waitingForSomethingElse.has(endpoint))
      return void injected.set(endpoint, () => new AppError("busy", { retryAfterSeconds: 1 }));
    releaseLock = database?.holdWriteLock();
  };

  const arrange = async (condition: Condition): Promise<void> => {
    switch (condition.kind) {
      case "grantGiven":
      case "grantTaken": {
        const { kind, person, section } = condition;
        const change = { add: kind === "grantGiven", subject: { username: person }, section };
        const outcome = await changeGrant({ ...running(), chance }, change, "the test");
        if (outcome !== "changed") throw new Error(`The grant is ${outcome}`);
        return;
      }
      case "permissionGiven": {
        const { person, permission } = condition;
        const roleId = `rol_${permission}`;
        run("INSERT INTO roles (id, name) VALUES (?, ?)", roleId, `has ${permission}`);
        run("INSERT INTO role_permissions VALUES (?, ?)", roleId, permission);
        return run(
          "INSERT INTO user_roles (user_id, role_id) SELECT id, ? FROM users WHERE username = ?",
          roleId,
          person,
        );
      }
      case "personDeactivated":
        return run("UPDATE users SET active = 0 WHERE username = ?", condition.person);
      case "sessionsEnded":
        return run(
          "UPDATE sessions SET ended_at = ?, end_reason = ? WHERE ended_at IS NULL AND user_id = (SELECT id FROM users WHERE username = ?)",
          clock.now(),
          condition.reason,
          condition.person,
        );
      case "busy":
        return beBusy(condition.endpoint);
      case "handlerFails":
        injected.set(condition.endpoint, () => new Error("What the handler needs is broken"));
        return;
      case "queriesTakeTooLong":
        await stop();
        return start({}, impatientSeconds);
      case "panelBroken":
        return run(
          "UPDATE panels SET definition = json_set(definition, '$.query.select[0].column', 'no such column') WHERE id = ?",
          condition.panelId,
        );
      case "rowsChangedMeanwhile":
        // To the thread that changes rows it looks as if the dataset were no longer the one it has
        // read.
        return run(
          "CREATE TRIGGER somebody_else_was_first BEFORE UPDATE OF version ON datasets BEGIN SELECT RAISE(IGNORE); END",
        );
      case "noMail":
        await stop();
        return start({ SALLYPORT_MAILBOX: "0" });
      case "mailRefused":
        return run(
          "UPDATE outbox SET attempts = 1, failure = ?, due_at = NULL WHERE rowid = (SELECT max(o.rowid) FROM outbox o JOIN users u ON u.id = o.user_id WHERE u.username = ?)",
          condition.reason,
          condition.person,
        );
      case "killedBeforeAnswering":
        return run(
          "UPDATE idempotency_keys SET answer = NULL, held_until = ?",
          clock.now() + 30_000,
        );
      case "cookieTwice":
        twice = condition.which;
    }
  };

  const subject: ServerSubject = {
    get faults() {
      return faults;
    },
    fetch,
    signInAs: async (person, { delivery }) => {
      const response = await fetch("/login", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ username: person, password: passwordOf(person), delivery }),
        credentials: delivery === "cookie" ? "include" : "omit",
      });
      if (response.status !== 200)
        throw new Error(`${person} cannot sign in: ${await response.text()}`);
      return (await response.json()) as Session;
    },
    advanceClock: async (milliseconds) => {
      clock.advance(milliseconds);
      // The look at what has changed since, which is due every second.
      for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    },
    reset: async () => {
      await stop();
      if (directory !== "") rmSync(directory, { recursive: true, force: true });
      directory = mkdtempSync(join(tmpdir(), "sallyport-behaviour-"));
      cpSync(template, directory, { recursive: true });
      clock = createTestClock(startTime);
      faults = [];
      injected.clear();
      jar.clear();
      twice = undefined;
      await start();
    },
    arrange,
    readMails: async (address) => {
      await running().scheduledWork.runOwn("sendMails");
      return (running().mailbox?.list() ?? []).filter(({ to }) => to === address);
    },
    readCookie: async (which) => cookieOf(which)[1].value,
    writeCookie: async (which, value) => {
      const [name, cookie] = cookieOf(which);
      jar.set(name, { ...cookie, value });
    },
    createSetupLink: () => {
      run("DELETE FROM user_roles WHERE role_id = (SELECT id FROM roles WHERE name = 'admin')");
      return createSetupToken({ ...running(), chance, digests });
    },
    close: async () => {
      await stop();
      for (const used of [directory, template]) rmSync(used, { recursive: true, force: true });
    },
  };
  return subject;
};
