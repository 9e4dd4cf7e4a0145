/**
 * kill -9 in the middle of refreshes, and then the same data directory again. What was answered is
 * on disk; what was not answered is asked again with the same key. Nobody is signed out by it, and
 * nobody who was signed out comes back.
 */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { samplePasswordOf } from "@sallyport/shared/sample";
import {
  findFreePort,
  send,
  startApiProcess,
  type Answered,
  type ApiProcess,
} from "./api-process.ts";
import { openElsewhere } from "./test-app.ts";

const refreshes = 4_000;
const kills = 8;
const clientCount = 40;
const origin = "http://localhost:5173";
const people = ["mica", "mike", "frida", "nora"];

/** A small generator (mulberry32), so that a failure can be repeated with its seed. */
const createRandom = (seed: number): ((below: number) => number) => {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
};

interface Client {
  readonly delivery: "cookie" | "body";
  accessToken: string;
  refreshToken: string;
  /** Kept from before a refresh is sent until its answer has been read. */
  pendingKey: string | null;
  refreshed: number;
}

const directory = mkdtempSync(join(tmpdir(), "sallyport-kill-"));
const environment = {
  SALLYPORT_DATA_DIR: directory,
  SALLYPORT_SAMPLE_DATA: "1",
  SALLYPORT_WEB_ORIGINS: origin,
  SALLYPORT_REFRESH_PER_MINUTE: "1000000",
};
let port = 0;
let api: ApiProcess;
let agent = new Agent({ keepAlive: true });
const call = (
  method: string,
  path: string,
  options?: Parameters<typeof send>[4],
): Promise<Answered> => send(agent, port, method, path, options);

beforeAll(async () => {
  port = await findFreePort();
  api = await startApiProcess(port, environment);
}, 60_000);

afterAll(async () => {
  agent.destroy();
  await api.kill();
  rmSync(directory, { recursive: true, force: true });
});

const cookieOf = (answer: Answered, kind: "access" | "refresh"): string => {
  const found = answer.headers["set-cookie"]?.find((cookie) =>
    cookie.startsWith(`sallyport-${kind}-4000=`),
  );
  return found?.slice(found.indexOf("=") + 1, found.indexOf(";")) ?? "";
};

const takeTokens = (client: Client, answer: Answered): void => {
  client.accessToken =
    client.delivery === "body" ? String(answer.body?.["accessToken"]) : cookieOf(answer, "access");
  client.refreshToken =
    client.delivery === "body"
      ? String(answer.body?.["refreshToken"])
      : cookieOf(answer, "refresh");
};

const signIn = async (username: string, delivery: Client["delivery"]): Promise<Client> => {
  const answer = await call("POST", "/login", {
    headers: { Origin: origin },
    body: { username, password: samplePasswordOf(username), delivery },
  });
  expect(answer.status).toBe(200);
  const client: Client = {
    delivery,
    accessToken: "",
    refreshToken: "",
    pendingKey: null,
    refreshed: 0,
  };
  takeTokens(client, answer);
  return client;
};

const presentRefreshToken = (
  delivery: Client["delivery"],
  refreshToken: string,
  key: string,
): Promise<Answered> =>
  delivery === "body"
    ? call("POST", "/refresh", { headers: { "Idempotency-Key": key }, body: { refreshToken } })
    : call("POST", "/refresh", {
        headers: {
          "Idempotency-Key": key,
          Origin: origin,
          Cookie: `sallyport-refresh-4000=${refreshToken}`,
        },
      });

const readSession = ({ delivery, accessToken }: Client): Promise<Answered> =>
  call("GET", "/session", {
    headers:
      delivery === "body"
        ? { Authorization: `Bearer ${accessToken}` }
        : { Cookie: `sallyport-access-4000=${accessToken}` },
  });

const sessionIdOf = (client: Client): string => client.refreshToken.split(".", 1)[0] as string;
const generationOf = (client: Client): number => Number(client.refreshToken.split(".", 2)[1]);

/**
 * As if the last rotation were a minute ago, so that the token before it is no slow tab's any more.
 */
const ageRotations = (client: Client): void => {
  const database = openElsewhere(directory);
  database.runSql(
    "UPDATE sessions SET rotated_at = rotated_at - 60000, earlier_rotations = '[]' WHERE id = ?",
    sessionIdOf(client),
  );
  database.close();
};

test(
  `${kills} kills in ${refreshes} refreshes sign nobody out and bring nobody back`,
  { timeout: 240_000 },
  async () => {
    const seed = Date.now() % 1_000_000;
    const random = createRandom(seed);
    const told = `seed ${seed}`;

    // One lane for each person: sign-ins of one account at one time are limited.
    const deliveryOf = (index: number): Client["delivery"] => (index % 2 === 0 ? "cookie" : "body");
    const signInMany = async (count: number): Promise<Client[]> =>
      (
        await Promise.all(
          people.map(async (username, lane) => {
            const own: Client[] = [];
            for (let index = lane; index < count; index += people.length)
              own.push(await signIn(username, deliveryOf(own.length)));
            return own;
          }),
        )
      ).flat();
    const clients = await signInMany(clientCount);
    /** Each round one of them signs out and one has its first token stolen. */
    const leavers = await signInMany(kills);
    const robbed = await Promise.all(
      (await signInMany(kills)).map(async (client) => {
        const stolenToken = client.refreshToken;
        const answer = await presentRefreshToken(
          client.delivery,
          client.refreshToken,
          randomUUID(),
        );
        expect(answer.status).toBe(200);
        takeTokens(client, answer);
        return { client, stolenToken };
      }),
    );

    let answered = 0;
    let killed = 0;
    let replayed = 0;
    let inFlight = 0;
    let inFlightAtKills = 0;
    const failures: string[] = [];
    /** Sessions whose end was acknowledged before a kill. */
    const ended: { readonly client: Client; readonly reason: string }[] = [];
    let serving: Promise<void> = Promise.resolve();
    let onAnswer: () => void = () => {};

    const refreshOnce = async (client: Client): Promise<void> => {
      client.pendingKey ??= randomUUID();
      inFlight += 1;
      const answer = await presentRefreshToken(
        client.delivery,
        client.refreshToken,
        client.pendingKey,
      ).catch(() => null);
      inFlight -= 1;
      if (answer === null) return;
      if (answer.status !== 200) {
        failures.push(`${sessionIdOf(client)}: ${answer.status} ${JSON.stringify(answer.body)}`);
        onAnswer();
        return;
      }
      takeTokens(client, answer);
      client.pendingKey = null;
      client.refreshed += 1;
      answered += 1;
      if (answer.headers["idempotency-replayed"] === "true") replayed += 1;
      onAnswer();
    };

    const runClient = async (client: Client): Promise<void> => {
      while ((answered < refreshes || killed < kills) && failures.length === 0) {
        await serving;
        await refreshOnce(client);
      }
    };

    const killAndRestart = async (
      cutConnections: boolean,
      check: () => Promise<void>,
    ): Promise<void> => {
      inFlightAtKills += inFlight;
      killed += 1;
      let isUp: () => void = () => {};
      serving = new Promise((resolve) => {
        isUp = resolve;
      });
      const gone = api.kill();
      if (cutConnections) {
        // Answers that are on their way are lost as well.
        agent.destroy();
        agent = new Agent({ keepAlive: true });
      }
      await gone;
      api = await startApiProcess(port, environment);
      await check();
      isUp();
    };

    const endSessions = async (round: number): Promise<void> => {
      const leaver = leavers[round] as Client;
      const { client: victim, stolenToken } = robbed[round] as (typeof robbed)[number];
      ageRotations(victim);
      const signOut = (): Promise<Answered> =>
        leaver.delivery === "body"
          ? call("POST", "/logout", { body: { refreshToken: leaver.refreshToken } })
          : call("POST", "/logout", {
              headers: {
                Origin: origin,
                Cookie: `sallyport-refresh-4000=${leaver.refreshToken}`,
              },
            });
      const note = async (
        sent: Promise<Answered>,
        client: Client,
        status: number,
        reason: string,
      ): Promise<void> => {
        const answer = await sent.catch(() => null);
        if (answer === null) return;
        expect(answer.status, told).toBe(status);
        ended.push({ client, reason });
      };
      await Promise.all([
        note(signOut(), leaver, 204, "signedOut"),
        note(presentRefreshToken(victim.delivery, stolenToken, randomUUID()), victim, 401, "reuse"),
      ]);
    };

    const expectEnded = async ({ client, reason }: (typeof ended)[number]): Promise<void> => {
      const refresh = await presentRefreshToken(client.delivery, client.refreshToken, randomUUID());
      expect([refresh.status, refresh.body?.["code"], refresh.body?.["reason"]], told).toEqual([
        401,
        "refresh_invalid",
        reason,
      ]);
      const read = await readSession(client);
      expect([read.status, read.body?.["code"], read.body?.["reason"]], told).toEqual([
        401,
        "session_ended",
        reason,
      ]);
    };

    /**
     * Resolves in the middle of the traffic, at a random moment that leaves enough of it for the
     * kills to come.
     */
    const waitForMoment = (): Promise<void> =>
      new Promise((resolve) => {
        const left = Math.max(0, refreshes - answered) / (kills - killed + 1);
        const moment = answered + 1 + random(1.8 * left);
        onAnswer = () => {
          if (answered < moment && failures.length === 0) return;
          onAnswer = () => {};
          resolve();
        };
      });

    const killInEachRound = async (): Promise<void> => {
      for (let round = 0; round < kills && failures.length === 0; round += 1) {
        await waitForMoment();
        const before = ended.length;
        const endings = endSessions(round);
        // Every other time the kill comes with the answers that say that the two sessions are over.
        if (round % 2 === 0) await endings;
        await killAndRestart(round % 4 < 2, async () => {
          await endings;
          await Promise.all(ended.slice(before).map(expectEnded));
        });
      }
    };

    await Promise.all([killInEachRound(), ...clients.map(runClient)]);

    expect(failures, told).toEqual([]);
    expect(answered, told).toBeGreaterThanOrEqual(refreshes);
    // Or nothing would have been in the middle of anything.
    expect(inFlightAtKills, told).toBeGreaterThan(kills);
    expect(replayed, told).toBeGreaterThan(0);
    expect(ended.length, told).toBeGreaterThanOrEqual(kills);

    await Promise.all(ended.map(expectEnded));
    for (const client of clients) {
      expect((await readSession(client)).status, told).toBe(200);
      // Each answered refresh moved the session on by exactly one generation, kills and replays
      // included.
      expect(generationOf(client), told).toBe(1 + client.refreshed);
    }
    const database = openElsewhere(directory, { readonly: true });
    expect(database.isWhole()).toBe(true);
    expect(database.runSql("SELECT id FROM sessions")).toHaveLength(clientCount + 2 * kills);
    database.close();
  },
);
