/**
 * What every check costs, as ratios: the API against a bare Hono server and against itself, in one
 * run, in turns (A B A B), medians of the rounds. Absolute figures move with the machine; the
 * ratios are what counts.
 *
 *   pnpm --filter @sallyport/api bench [reads] [refresh] [latency] [slow] [login] [million]
 *   [panels] [wide] [streams] [lists] [trail]
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, openSync, rmSync, statSync } from "node:fs";
import { Agent } from "node:http";
import { connect, type Socket } from "node:net";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { samplePasswordOf } from "@sallyport/shared/sample";
import {
  addAuditEvents,
  addLargeDataset,
  addManyOfEverything,
  addSessions,
  addWideDataset,
  databaseBytes,
} from "../src/stores/sqlite/testing/bench-data.ts";
import { openElsewhere } from "../src/stores/sqlite/testing/by-hand.ts";
import { deriveMasterSecrets, masterSecretBytes } from "../src/tokens/master-secret.ts";
import { createRefreshTokens } from "../src/tokens/refresh-token.ts";
import { findFreePort, send } from "../test/api-process.ts";
import type { Group, Measured, Order, Traffic } from "./load.ts";

const rounds = Number(process.env["BENCH_ROUNDS"] ?? 7);
const seconds = Number(process.env["BENCH_SECONDS"] ?? 2);
const connections = 32;
/**
 * Each connection takes its sessions in turn, so that a session refreshes about once a second and
 * not a hundred times.
 */
const sessionsPerConnection = 100;
const origin = "http://localhost:5173";
const people = ["mica", "mike", "frida", "nora"];
const chosen = process.argv.slice(2);
const isChosen = (name: string): boolean => chosen.length === 0 || chosen.includes(name);

const directory = mkdtempSync(join(tmpdir(), "sallyport-bench-"));
const masterSecret = randomBytes(masterSecretBytes);
const refreshTokens = createRefreshTokens(deriveMasterSecrets(masterSecret, []));
const children: ChildProcess[] = [];
const print = (text: string): void => void process.stdout.write(`${text}\n`);
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const show = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

/** As long as a sync takes on a disk that is slow: what strace adds to each. */
const slowSyncMilliseconds = 5;
const slowDisk = `strace -f --seccomp-bpf -qq -e trace=fsync,fdatasync -e inject=fsync,fdatasync:delay_exit=${slowSyncMilliseconds * 1000} -o /dev/null`;
const hasStrace = spawnSync("strace", ["-V"]).status === 0;

/** @param command a file, and the words that it is started with */
const start = (
  command: string,
  environment: Record<string, string> = {},
  options: {
    readonly log?: string;
    readonly imports?: readonly string[];
    readonly onSlowDisk?: boolean;
  } = {},
): ChildProcess => {
  const output = options.log === undefined ? "inherit" : openSync(options.log, "a");
  const [file = "", ...words] = command.split(" ");
  const [program = "", ...rest] = [
    ...(options.onSlowDisk === true ? slowDisk.split(" ") : []),
    process.execPath,
    "--conditions=sallyport-source",
    ...(options.imports ?? []).flatMap((name) => ["--import", new URL(name, import.meta.url).href]),
    ...(process.env["BENCH_NODE_OPTIONS"]?.split(" ") ?? []),
    fileURLToPath(new URL(file, import.meta.url)),
    ...words,
  ];
  const child = spawn(program, rest, {
    env: { PATH: process.env["PATH"], ...environment },
    stdio: ["ignore", output, "inherit", "ipc"],
  });
  children.push(child);
  return child;
};

const ask = async <T>(child: ChildProcess, message: object): Promise<T> => {
  const answered = once(child, "message");
  child.send(message);
  return ((await answered) as [T])[0];
};

interface Server {
  readonly port: number;
  readonly process: ChildProcess;
}

const agent = new Agent({ keepAlive: false });
const isServing = async (port: number, path: string): Promise<boolean> =>
  (await send(agent, port, "GET", path).catch(() => null))?.status === 200;

const startServer = async (
  file: string,
  path: string,
  environmentOf: (port: number) => Record<string, string>,
  log?: string,
  onSlowDisk = false,
): Promise<Server> => {
  const port = await findFreePort();
  const process = start(file, environmentOf(port), {
    ...(log !== undefined && { log }),
    onSlowDisk,
    imports: ["./report-usage.ts"],
  });
  while (!(await isServing(port, path)))
    if (process.exitCode !== null) throw new Error(`${file} ended before it was ready`);
  return { port, process };
};

/** Logging is on, as it is in service, into a file. */
const startApi = (name: string, onSlowDisk = false): Promise<Server> => {
  const data = join(directory, name);
  mkdirSync(data, { recursive: true });
  const settings = {
    SALLYPORT_DATA_DIR: data,
    SALLYPORT_SECRET: masterSecret.toString("base64url"),
    SALLYPORT_WEB_ORIGINS: origin,
    SALLYPORT_REFRESH_PER_MINUTE: "1000000",
    SALLYPORT_SAMPLE_DATA: "1",
  };
  return startServer(
    "../src/main.ts serve",
    "/readyz",
    (port) => ({ ...settings, SALLYPORT_PORT: String(port) }),
    join(directory, `${name}.log`),
    onSlowDisk,
  );
};

const load = start("./load.ts");
const run = async (...groups: Group[]): Promise<Measured[]> => {
  const measured = await ask<Measured[]>(load, { seconds, groups } satisfies Order);
  for (const { wrong } of measured)
    if (Object.keys(wrong).length > 0)
      throw new Error(`Answers other than 2xx: ${JSON.stringify(wrong)}`);
  return measured;
};
const giveChains = (chains: string, tokens: readonly string[]): Promise<unknown> =>
  ask(load, { chains, tokens } satisfies Order);

interface Contender {
  readonly name: string;
  readonly server: Server;
  readonly traffic: Traffic;
}

interface Line {
  readonly perSecond: readonly number[];
  readonly cpuMicroseconds: readonly number[];
}

/**
 * Every contender once in each round, the order turned by one each time; a round before the first
 * does not count.
 */
const compete = async (contenders: readonly Contender[]): Promise<ReadonlyMap<string, Line>> => {
  const lines = new Map(
    contenders.map(({ name }) => [
      name,
      { perSecond: [] as number[], cpuMicroseconds: [] as number[] },
    ]),
  );
  for (let round = -1; round < rounds; round += 1)
    for (let turn = 0; turn < contenders.length; turn += 1) {
      const { name, server, traffic } = contenders[
        (turn + round + contenders.length) % contenders.length
      ] as Contender;
      const before = await ask<NodeJS.CpuUsage>(server.process, {});
      const [measured] = (await run({ port: server.port, connections, traffic })) as [Measured];
      const after = await ask<NodeJS.CpuUsage>(server.process, {});
      if (round < 0) continue;
      lines.get(name)?.perSecond.push(measured.perSecond);
      lines
        .get(name)
        ?.cpuMicroseconds.push(
          (after.user + after.system - before.user - before.system) / measured.count,
        );
    }
  for (const [name, { perSecond, cpuMicroseconds }] of lines)
    print(
      `  ${name.padEnd(40)} ${show(median(perSecond)).padStart(7)}/s  ${show(median(cpuMicroseconds)).padStart(6)} µs of CPU`,
    );
  return lines;
};

const medianRatio = (a: readonly number[], b: readonly number[]): string =>
  show(median(a.map((value, round) => value / (b[round] ?? Number.NaN))));

/**
 * The median of the ratios, round by round; by CPU time as well, which neighbours on the machine
 * disturb less.
 */
const ratio = (lines: ReadonlyMap<string, Line>, of: string, to: string, target: string): void => {
  const [a, b] = [lines.get(of), lines.get(to)];
  if (a && b)
    print(
      `  ${of} / ${to}: ${medianRatio(a.perSecond, b.perSecond)} (${target}), by CPU time ${medianRatio(b.cpuMicroseconds, a.cpuMicroseconds)}`,
    );
};

const get = (port: number, path: string, headers = ""): string =>
  `GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\n${headers}\r\n`;
const post = (port: number, path: string, headers = "", body = ""): string =>
  `POST ${path} HTTP/1.1\r\nHost: localhost:${port}\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

const signIn = async (
  port: number,
  username: string,
): Promise<{ readonly access: string; readonly refresh: string }> => {
  const answer = await send(agent, port, "POST", "/login", {
    headers: { Origin: origin },
    body: { username, password: samplePasswordOf(username) },
  });
  const [access = "", refresh = ""] = (answer.headers["set-cookie"] ?? []).map((text) =>
    text.slice(text.indexOf("=") + 1, text.indexOf(";")),
  );
  return { access, refresh };
};

const databaseOf = (name: string): string => join(directory, name, "sallyport.db");
const measureReads = async (floor: Server, api: Server): Promise<void> => {
  print("Reads");
  const { access } = await signIn(api.port, "mike");
  const cookie = `Cookie: sallyport-access-4000=${access}\r\n`;
  const of = (path: string, headers = ""): Traffic => ({
    kind: "fixed",
    request: get(api.port, path, headers),
  });
  const lines = await compete([
    { name: "bare Hono", server: floor, traffic: { kind: "fixed", request: get(floor.port, "/") } },
    { name: "GET /healthz", server: api, traffic: of("/healthz") },
    { name: "GET /sections?limit=1", server: api, traffic: of("/sections?limit=1", cookie) },
    { name: "GET /sections", server: api, traffic: of("/sections", cookie) },
    { name: "GET /session", server: api, traffic: of("/session", cookie) },
  ]);
  for (const name of ["GET /sections?limit=1", "GET /sections", "GET /session"]) {
    ratio(lines, name, "GET /healthz", "target 0.75 for lists, 0.60 for the session");
    ratio(lines, name, "bare Hono", "target 0.45 and 0.35");
  }
};

const measureRefreshes = async (floor: Server, api: Server): Promise<void> => {
  print("Refreshes");
  await giveChains(
    "own",
    addSessions(databaseOf("small"), refreshTokens, connections * sessionsPerConnection),
  );
  const lines = await compete([
    {
      name: "bare Hono POST",
      server: floor,
      traffic: { kind: "fixed", request: post(floor.port, "/") },
    },
    { name: "POST /refresh", server: api, traffic: { kind: "refresh", chains: "own" } },
  ]);
  ratio(lines, "POST /refresh", "bare Hono POST", "target 0.40");
  // By now each row is as long as it gets: it remembers the rotations of the last ten seconds.
  const before = databaseBytes(databaseOf("small"));
  const [counted] = (await run({
    port: api.port,
    connections,
    traffic: { kind: "refresh", chains: "own" },
  })) as [Measured];
  const grown = databaseBytes(databaseOf("small")) - before;
  print(
    `  ${counted.count} refreshes later the database had grown by ${grown} bytes and its log stands at ${statSync(`${databaseOf("small")}-wal`).size} (target: 0 a refresh)`,
  );
};

const measureLatency = async (api: Server, name: string, target: string): Promise<void> => {
  print("Reads beside refreshes at full load");
  await giveChains(
    "beside",
    addSessions(databaseOf(name), refreshTokens, connections * sessionsPerConnection),
  );
  const { access } = await signIn(api.port, "mike");
  const reads: Group = {
    port: api.port,
    connections,
    traffic: {
      kind: "fixed",
      request: get(api.port, "/session", `Cookie: sallyport-access-4000=${access}\r\n`),
    },
  };
  const figures = { alone: [] as number[], beside: [] as number[] };
  const [alone, beside, refreshes]: [number[], number[], number[]] = [[], [], []];
  for (let round = -1; round < rounds; round += 1) {
    const [quiet] = (await run(reads)) as [Measured];
    const [busy, written] = (await run(reads, {
      port: api.port,
      connections,
      traffic: { kind: "refresh", chains: "beside" },
    })) as [Measured, Measured];
    if (round < 0) continue;
    alone.push(quiet.p99);
    beside.push(busy.p99);
    figures.alone.push(quiet.perSecond);
    figures.beside.push(busy.perSecond);
    refreshes.push(written.perSecond);
  }
  print(
    `  p99 alone ${show(median(alone))} ms, beside refreshes ${show(median(beside))} ms: ${medianRatio(beside, alone)} (target: ${target})`,
  );
  print(
    `  reads alone ${show(median(figures.alone))}/s, beside ${show(median(refreshes))} refreshes/s ${show(median(figures.beside))}/s`,
  );
};

const measureCrowds = async (api: Server, name: string): Promise<void> => {
  for (const many of [1, 32, 256]) {
    const chains = `${name} ${many}`;
    await giveChains(chains, addSessions(databaseOf(name), refreshTokens, many * 10));
    const perSecond: number[] = [];
    const p99: number[] = [];
    for (let round = -1; round < rounds; round += 1) {
      const [measured] = (await run({
        port: api.port,
        connections: many,
        traffic: { kind: "refresh", chains },
      })) as [Measured];
      if (round < 0) continue;
      perSecond.push(measured.perSecond);
      p99.push(measured.p99);
    }
    print(
      `  ${many} refreshing at a time: ${show(median(perSecond))}/s, p99 ${show(median(p99))} ms`,
    );
  }
};

/** The disk takes its time for each sync, whoever waits for it. */
const measureSlowDisk = async (): Promise<void> => {
  if (!hasStrace) return print("Left out: a slow disk, since there is no strace to make one");
  print(`A disk that takes ${slowSyncMilliseconds} ms for each sync`);
  const api = await startApi("slow", true);
  await measureLatency(api, "slow", "below 2");
  await measureCrowds(api, "slow");
  api.process.disconnect();
};

const measureSignIns = async (api: Server): Promise<void> => {
  print(`Sign-ins (${Math.max(1, availableParallelism() - 1)} hashes at a time)`);
  const hashes = start("./hash-alone.ts");
  await once(hashes, "message");
  const { access } = await signIn(api.port, "mike");
  const reads: Group = {
    port: api.port,
    connections,
    traffic: {
      kind: "fixed",
      request: get(api.port, "/session", `Cookie: sallyport-access-4000=${access}\r\n`),
    },
  };
  const waiting = 8;
  const signIns: Group = {
    port: api.port,
    connections: waiting,
    traffic: {
      kind: "various",
      requests: people.map((username) =>
        post(
          api.port,
          "/login",
          `Origin: ${origin}\r\nContent-Type: application/json\r\n`,
          JSON.stringify({ username, password: samplePasswordOf(username) }),
        ),
      ),
    },
  };
  const figures = {
    alone: [] as number[],
    signIns: [] as number[],
    reads: [] as number[],
    readsBeside: [] as number[],
  };
  for (let round = -1; round < rounds; round += 1) {
    const alone = await ask<number>(hashes, { seconds, connections: waiting });
    const [login] = (await run(signIns)) as [Measured];
    const [quiet] = (await run(reads)) as [Measured];
    const [beside] = (await run(reads, signIns)) as [Measured];
    if (round < 0) continue;
    figures.alone.push(alone);
    figures.signIns.push(login.perSecond);
    figures.reads.push(quiet.perSecond);
    figures.readsBeside.push(beside.perSecond);
  }
  print(
    `  hash alone ${show(median(figures.alone))}/s, POST /login ${show(median(figures.signIns))}/s: ${medianRatio(figures.signIns, figures.alone)} (target 0.9)`,
  );
  print(
    `  reads alone ${show(median(figures.reads))}/s, beside sign-ins ${show(median(figures.readsBeside))}/s: ${medianRatio(figures.readsBeside, figures.reads)} (target 0.5)`,
  );
};

const measureMillion = async (): Promise<void> => {
  print("Refreshes at 1,000,000 sessions");
  const [small, large] = [await startApi("thousand"), await startApi("million")];
  await giveChains("thousand", addSessions(databaseOf("thousand"), refreshTokens, 1_000));
  // As many in use as with the other, but spread over the whole table.
  await giveChains(
    "million",
    addSessions(databaseOf("million"), refreshTokens, 1_000_000).filter(
      (_, index) => index % 1_000 === 0,
    ),
  );
  const lines = await compete([
    { name: "1,000 sessions", server: small, traffic: { kind: "refresh", chains: "thousand" } },
    { name: "1,000,000 sessions", server: large, traffic: { kind: "refresh", chains: "million" } },
  ]);
  ratio(lines, "1,000,000 sessions", "1,000 sessions", "target 0.8");
};

const measurePanels = async (api: Server): Promise<void> => {
  print("Panels over 1,000,000 rows");
  const path = addLargeDataset(databaseOf("small"));
  const { access } = await signIn(api.port, "mike");
  const headers = { Cookie: `sallyport-access-4000=${access}` };
  const timed = async (query: string): Promise<number> => {
    const startedAt = performance.now();
    const { status } = await send(agent, api.port, "GET", `${path}${query}`, { headers });
    if (status !== 200) throw new Error(`A panel answered ${status}`);
    return performance.now() - startedAt;
  };
  // No two ranges are the same, so that no result is there already.
  let asked = 0;
  const overAll = (): Promise<number> =>
    timed(`?to=${new Date(Date.UTC(2030, 0) + (asked += 1) * 60_000).toISOString()}`);
  const overMonth = (): Promise<number> =>
    timed(
      `?from=2020-03-01&to=${new Date(Date.UTC(2020, 3) + (asked += 1) * 60_000).toISOString()}`,
    );
  const figures = { cold: [] as number[], indexed: [] as number[], cached: [] as number[] };
  for (let round = -1; round < rounds; round += 1) {
    const measured = {
      cold: await overAll(),
      indexed: await overMonth(),
      cached: await timed("?to=2026-01-01"),
    };
    if (round >= 0)
      for (const [name, value] of Object.entries(measured))
        figures[name as keyof typeof figures].push(value);
  }
  for (const [name, values] of Object.entries(figures))
    print(
      `  by category and month, ${name.padEnd(8)} ${show(median(values)).padStart(6)} ms (target: ${name === "cold" ? "2,000" : "200"})`,
    );

  await giveChains(
    "panels",
    addSessions(databaseOf("small"), refreshTokens, connections * sessionsPerConnection),
  );
  const refreshes: Group = {
    port: api.port,
    connections,
    traffic: { kind: "refresh", chains: "panels" },
  };
  const [alone, beside]: [number[], number[]] = [[], []];
  let panels = 0;
  for (let round = -1; round < rounds; round += 1) {
    const [quiet] = (await run(refreshes)) as [Measured];
    let isOver = false;
    const asking = (async () => {
      while (!isOver) {
        await overAll();
        panels += 1;
      }
    })();
    const [busy] = (await run(refreshes)) as [Measured];
    isOver = true;
    await asking;
    if (round < 0) continue;
    alone.push(quiet.perSecond);
    beside.push(busy.perSecond);
  }
  print(
    `  refreshes alone ${show(median(alone))}/s, beside one panel after another (${panels}) ${show(median(beside))}/s: ${medianRatio(beside, alone)} (target 0.9)`,
  );
};

/**
 * For how long one answer keeps the thread that answers everybody at work, which is how long the
 * others wait for it.
 */
const measureWideTables = async (api: Server): Promise<void> => {
  print("CPU time of the main thread for one page of a public table, 30 columns wide");
  const path = addWideDataset(databaseOf("small"));
  const atWork = async (): Promise<number> => {
    const { user, system } = await ask<NodeJS.CpuUsage>(api.process, { mainThread: true });
    return (user + system) / 1000;
  };
  const measure = async (query: string, tag?: string) => {
    const before = await atWork();
    const reply = await send(agent, api.port, "GET", `${path}?${query}`, {
      headers: tag === undefined ? {} : { "If-None-Match": tag },
    });
    const milliseconds = (await atWork()) - before;
    return { milliseconds, reply };
  };
  for (const limit of [10, 10_000]) {
    const [asked, kept, known]: [number[], number[], number[]] = [[], [], []];
    for (let round = 0; round <= rounds; round += 1) {
      const query = `limit=${limit}&sort=c${round}`;
      const first = await measure(query);
      const second = await measure(query);
      const third = await measure(query, String(second.reply.headers["etag"]));
      if (first.reply.status !== 200 || third.reply.status !== 304)
        throw new Error(`A table answered ${first.reply.status} and ${third.reply.status}`);
      if (round === 0) continue;
      asked.push(first.milliseconds);
      kept.push(second.milliseconds);
      known.push(third.milliseconds);
    }
    print(
      `  ${String(limit).padStart(6)} rows: ${show(median(asked))} ms, asked again ${show(median(kept))} ms, known already (304) ${show(median(known))} ms`,
    );
  }
};

const streamCount = 1_000;

/** One open stream, past its head and its first comment. */
const openStream = (port: number, access: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.once("error", reject);
    socket.once("data", (head: Buffer) =>
      head.toString("latin1").startsWith("HTTP/1.1 200")
        ? resolve(socket)
        : reject(new Error(head.toString("latin1"))),
    );
    socket.write(get(port, "/session/events", `Cookie: sallyport-access-4000=${access}\r\n`));
  });

const measureStreams = async (api: Server): Promise<void> => {
  print(`${streamCount} open streams of events`);
  const accesses: string[] = [];
  for (const token of addSessions(databaseOf("small"), refreshTokens, streamCount)) {
    const answer = await send(agent, api.port, "POST", "/refresh", {
      headers: {
        Origin: origin,
        Cookie: `sallyport-refresh-4000=${token}`,
        "Idempotency-Key": token.slice(-20),
      },
    });
    const cookie =
      (answer.headers["set-cookie"] ?? []).find((text) => text.includes("-access-")) ?? "";
    accesses.push(cookie.slice(cookie.indexOf("=") + 1, cookie.indexOf(";")));
  }
  const { access } = await signIn(api.port, "mike");
  const reads: Group = {
    port: api.port,
    connections,
    traffic: {
      kind: "fixed",
      request: get(api.port, "/sections", `Cookie: sallyport-access-4000=${access}\r\n`),
    },
  };
  // Whatever reads need at most is there before anything is counted.
  await run(reads);

  const elsewhere = openElsewhere(join(directory, "small"));
  interface Memory {
    readonly used: number;
    readonly rss: number;
  }
  const megabytes = (bytes: number): number => bytes / 1_000_000;
  interface Readings {
    readonly perSecond: number[];
    readonly cpuMicroseconds: number[];
  }
  const read = async (line: Readings): Promise<void> => {
    const before = await ask<NodeJS.CpuUsage>(api.process, {});
    const [measured] = (await run(reads)) as [Measured];
    const after = await ask<NodeJS.CpuUsage>(api.process, {});
    line.perSecond.push(measured.perSecond);
    line.cpuMicroseconds.push(
      (after.user + after.system - before.user - before.system) / measured.count,
    );
  };
  const names = [
    "reads alone",
    "reads beside streams",
    "reads beside streams that are told of a change each second",
  ];
  const lines = new Map(
    names.map((name): [string, Readings] => [name, { perSecond: [], cpuMicroseconds: [] }]),
  );
  const [alone, quiet, busy] = [...lines.values()] as [Readings, Readings, Readings];
  const grown: number[] = [];
  const resident: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await read(alone);
    const before = await ask<Memory>(api.process, { memory: true });
    const sockets = await Promise.all(accesses.map((one) => openStream(api.port, one)));
    for (const socket of sockets) socket.resume();
    const after = await ask<Memory>(api.process, { memory: true });
    grown.push(megabytes(after.used - before.used));
    resident.push(megabytes(after.rss - before.rss));
    // A collection of everything throws compiled code away, too, which the first reads after it
    // would pay for.
    await run(reads);
    await read(quiet);
    const changing = setInterval(
      () => void elsewhere.runSql("UPDATE datasets SET version = version + 1"),
      1_000,
    );
    await read(busy);
    clearInterval(changing);
    for (const socket of sockets) socket.destroy();
  }
  elsewhere.close();
  print(
    `  memory: ${show(median(grown))} MB more in use, at most ${show(Math.max(...resident))} MB more of the machine's (target: below 40)`,
  );
  for (const name of [...lines.keys()].slice(1)) ratio(lines, name, "reads alone", "target 0.9");
};

interface PagesToRead {
  readonly server: Server;
  readonly path: string;
  readonly access: string;
  /** Not part of the time. */
  readonly before?: () => void;
}

/** Pages one after the other, as somebody reads them who goes on, and from the first again. */
const readPages = async (
  name: string,
  { server, path, access, before }: PagesToRead,
): Promise<void> => {
  const headers = { Cookie: `sallyport-access-4000=${access}` };
  const times: number[] = [];
  const cpuTimes: number[] = [];
  for (let cursor = ""; times.length < 20;) {
    const mark = path.includes("?") ? "&" : "?";
    const query = cursor === "" ? "" : `${mark}cursor=${encodeURIComponent(cursor)}`;
    before?.();
    const usedBefore = await ask<NodeJS.CpuUsage>(server.process, {});
    const startedAt = performance.now();
    const answer = await send(agent, server.port, "GET", path + query, { headers });
    times.push(performance.now() - startedAt);
    const used = await ask<NodeJS.CpuUsage>(server.process, {});
    cpuTimes.push((used.user + used.system - usedBefore.user - usedBefore.system) / 1000);
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
    cursor = (answer.body?.["nextCursor"] ?? "") as string;
  }
  print(
    `  ${name.padEnd(48)} ${show(median(times)).padStart(6)} ms, the slowest ${show(Math.max(...times)).padStart(6)} ms; ${show(median(cpuTimes)).padStart(6)} ms of CPU`,
  );
};

const measureLists = async (): Promise<void> => {
  const server = await startApi("lists");
  const { userIds, sections } = addManyOfEverything(databaseOf("lists"));
  print("Pages of lists with many of everything (target: 100 ms)");
  const { access } = await signIn(server.port, "mica");
  const users = userIds.slice(0, 100).join(",");
  const others = userIds.slice(100).join(",");
  const half = sections.slice(0, 500).join(",");
  const role = `rol_${"1".padStart(22, "0")}`;
  const elsewhere = openElsewhere(join(directory, "lists"));
  const change = (): void => void elsewhere.runSql("UPDATE datasets SET version = version + 1");
  await readPages("GET /healthz, which reads nothing", { server, path: "/healthz", access });
  for (const path of ["/roles", "/roles?limit=200"]) {
    await readPages(path, { server, path, access });
    await readPages(`${path}, after a change`, { server, path, access, before: change });
  }
  for (const [name, query] of Object.entries({
    "": "",
    ", a full table's half of 500 sections": `?userId=${users}&section=${half}&limit=2000`,
    ", that half a tenth full": `?userId=${others}&section=${half}&limit=2000`,
    " of one user with every section": `?userId=${userIds[0]}&limit=2000`,
    " of one role": `?roleId=${role}`,
    " on one section": `?section=${sections[0]}`,
  }))
    await readPages(`/grants${name}`, { server, path: `/grants${query}`, access });
  for (const path of [
    "/sessions",
    "/sessions?q=user99",
    "/sessions?q=nobody",
    `/users/${userIds[0]}/sessions`,
    "/access-requests",
    "/access-requests?sort=-askedAt",
    "/display-links",
    "/datasets",
    "/datasets?q=99",
    "/datasets?sort=-updatedAt",
    "/sections?scope=all",
    "/sections?scope=all&q=99",
    "/sections?scope=all&sort=-updatedAt",
  ])
    await readPages(path, { server, path, access });
  elsewhere.close();
};

const eventCount = Number(process.env["BENCH_EVENTS"] ?? 10_000_000);

/** Pages of the audit trail. */
const measureTrail = async (): Promise<void> => {
  const server = await startApi("trail");
  addAuditEvents(databaseOf("trail"), eventCount);
  print(`Pages of fifty of an audit trail of ${eventCount} events (target: 100 ms)`);
  const { access } = await signIn(server.port, "mica");
  for (const [name, filter] of Object.entries({
    all: "",
    "by time": `to=${new Date(Date.now() - 100 * 86_400_000).toISOString()}`,
    "by actor": "actor=usr_1",
    "by action": "action=session.signOut",
    "by a rare action": "action=role.delete",
    "by subject": "subject=usr_7",
    "by actor and action": "actor=usr_1&action=session.signOut",
    "by actor and action, which nothing fits": "actor=usr_2&action=role.delete",
  }))
    await readPages(name, { server, path: `/audit-events?${filter}`, access });
};

try {
  print(
    `${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} cores, Node ${process.version}; ${connections} connections, ${rounds} rounds of ${seconds} s`,
  );
  const floor = await startServer("./floor.ts", "/", (port) => ({ FLOOR_PORT: String(port) }));
  const api = await startApi("small");
  if (isChosen("reads")) await measureReads(floor, api);
  if (isChosen("refresh")) await measureRefreshes(floor, api);
  if (isChosen("latency")) {
    await measureLatency(api, "small", "below 2");
    await measureCrowds(api, "small");
  }
  if (isChosen("slow")) await measureSlowDisk();
  if (isChosen("login")) await measureSignIns(api);
  if (isChosen("million")) await measureMillion();
  if (isChosen("panels")) await measurePanels(api);
  if (isChosen("wide")) await measureWideTables(api);
  if (isChosen("streams")) await measureStreams(api);
  if (isChosen("lists")) await measureLists();
  if (isChosen("trail")) await measureTrail();
} finally {
  for (const child of children) child.kill();
  rmSync(directory, { recursive: true, force: true });
}
