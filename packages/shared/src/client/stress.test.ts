import { describe, expect, test } from "vitest";
import { createWorld } from "../../test/fake-browser.ts";

/** What happened since the last expiry, to be read when a run fails. */
const story = (world: ReturnType<typeof createWorld>): string =>
  world.log
    .map(({ at, tab, route, code, status, headers, cookies }) => `${at} ${tab} ${route} ${cookies["refresh"] ?? ""} ${headers["idempotency-key"] ?? ""} ${code ?? status ?? "-"}`)
    .join("\n");

describe("Two tabs through 200 expiries with random latency and lost requests, responses and bodies are never signed out", () => {
  for (const locks of [true, false]) {
    for (const channel of [true, false]) {
      for (const seed of process.env["SEEDS"]?.split(",").map(Number) ?? [1, 2]) {
        test(`${locks ? "with" : "without"} Web Locks, ${channel ? "with" : "without"} a channel, seed ${seed}`, { timeout: 60_000 }, async () => {
          const world = createWorld({ seed, locks, channel });
          const tabs = [await world.signedInTab("mike", "one"), await world.startedTab("two")];
          world.network.latencyMs = () => 10 + world.random() ** 4 * 9000;
          world.network.fault = (route) => {
            if (world.random() < 0.75) return null;
            const kind = world.random();
            return kind < 0.3 ? "requestLost" : kind < 0.8 || route !== "POST /refresh" ? "responseLost" : "bodyBroken";
          };
          for (let expiry = 0; expiry < 200; expiry++) {
            if (world.log.length > 60) world.log.splice(0, world.log.length - 60);
            await world.advance(290_000 + world.random() * 30_000);
            if (world.random() < 0.3) tabs[Math.floor(world.random() * 2)]?.touch();
            const calls = tabs.map(async ({ client }) => {
              await new Promise<void>((resolve) => void world.setTimer(resolve, world.random() * 300));
              // As TanStack Query does: a lost answer to a read is asked for again.
              for (;;) {
                try {
                  return await client.call("GET /sections");
                } catch (error) {
                  if ((error as Error).name !== "NetworkError") throw error;
                  await new Promise<void>((resolve) => void world.setTimer(resolve, 1000));
                }
              }
            });
            for (const answer of await world.until(Promise.all(calls)).catch((error: unknown) => Promise.reject(new Error(story(world), { cause: error }))))
              expect(answer).toMatchObject({ for: "mike" });
            for (const { client, events } of tabs) {
              expect(client.state(), story(world)).toMatchObject({ status: "signedIn" });
              expect(events).toEqual([]);
            }
            expect(world.server.live(), story(world)).toHaveLength(1);
          }
        });
      }
    }
  }
});
