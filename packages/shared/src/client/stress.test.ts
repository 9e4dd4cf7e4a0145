import { describe, expect, test } from "vitest";
import { createWorld } from "../../test/fake-browser.ts";
// Fetched by the client when it is needed; here beforehand, so that the fetching takes no time.
import "./follow-events.ts";

/** What happened since the last expiry, to be read when a run fails. */
const story = (world: ReturnType<typeof createWorld>): string =>
  world.log
    .map(
      ({ at, tab, route, code, status, headers, cookies }) =>
        `${at} ${tab} ${route} ${cookies["refresh"] ?? ""} ${headers["idempotency-key"] ?? ""} ${code ?? status ?? "-"}`,
    )
    .join("\n");

const seeds =
  process.env["SEEDS"]?.split(",").map(Number) ?? (process.env["THOROUGH"] === "1" ? [1, 2] : [1]);

describe("Two tabs through 200 expiries with random latency and lost requests, responses and bodies are never signed out", () => {
  for (const locks of [true, false]) {
    for (const channel of [true, false]) {
      for (const seed of seeds) {
        test(
          `${locks ? "with" : "without"} Web Locks, ${channel ? "with" : "without"} a channel, seed ${seed}`,
          { timeout: 60_000 },
          async () => {
            const world = createWorld({ seed, locks, channel });
            const tabs = [await world.signedInTab("mike", "one"), await world.startedTab("two")];
            world.network.latencyMs = () => 10 + world.random() ** 4 * 9000;
            world.network.fault = (route) => {
              if (world.random() < 0.75) return null;
              const kind = world.random();
              return kind < 0.3
                ? "requestLost"
                : kind < 0.8 || route !== "POST /refresh"
                  ? "responseLost"
                  : "bodyBroken";
            };
            for (let expiry = 0; expiry < 200; expiry++) {
              if (world.log.length > 60) world.log.splice(0, world.log.length - 60);
              await world.advance(290_000 + world.random() * 30_000);
              if (world.random() < 0.3) tabs[Math.floor(world.random() * 2)]?.touch();
              const calls = tabs.map(async ({ client }) => {
                await new Promise<void>(
                  (resolve) => void world.setTimer(resolve, world.random() * 300),
                );
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
              for (const answer of await world
                .until(Promise.all(calls))
                .catch((error: unknown) =>
                  Promise.reject(new Error(story(world), { cause: error })),
                ))
                expect(answer).toMatchObject({ for: "mike" });
              for (const { client, events } of tabs) {
                expect(client.state(), story(world)).toMatchObject({ status: "signedIn" });
                expect(events).toEqual([]);
              }
              expect(world.server.live(), story(world)).toHaveLength(1);
            }
          },
        );
      }
    }
  }
});

describe("However the answers come, one expiry is one refresh: none after the sign-in, and one by however many requests, tabs and streams find out", () => {
  for (const channel of [true, false]) {
    for (const slowestMs of [100, 3000]) {
      test(
        `${channel ? "with" : "without"} a channel, answers within ${slowestMs} ms`,
        { timeout: 60_000 },
        async () => {
          for (let seed = 0; seed < Number(process.env["RUNS"] ?? 50); seed++) {
            const world = createWorld({ seed, channel });
            const { random } = world;
            const upTo = (limit: number): number => Math.floor(random() * limit);
            const outOf = <T>(list: readonly T[]): T => list[upTo(list.length)] as T;
            const after = (milliseconds: number): Promise<void> =>
              new Promise((resolve) => void world.setTimer(resolve, milliseconds));
            world.network.latencyMs = () => 2 + upTo(slowestMs);

            // The sign-in may come while it is still being found out who is signed in, and the
            // reload while the stream is being opened.
            const first = world.openTab("one");
            first.listen();
            first.client.start().catch(() => undefined);
            await world.advance(upTo(slowestMs * 2));
            await world.until(
              first.client.signIn({ username: "mike", password: "sample-mike-passphrase" }),
            );
            await world.advance(upTo(slowestMs * 2));
            const reloaded = random() < 0.5;
            if (reloaded) first.close();
            const tabs = [
              reloaded ? world.openTab("one again") : first,
              ...(random() < 0.5 ? [world.openTab("two")] : []),
            ];
            for (const tab of tabs) {
              tab.listen();
              tab.client.start().catch(() => undefined);
            }
            await world.advance(upTo(slowestMs * 2));
            expect(world.server.live()[0]?.generation, `seed ${seed}\n${story(world)}`).toBe(0);

            void after(upTo(slowestMs * 2)).then(() => world.serverClockAdvances(360_000));
            const open = () => world.streams.filter((stream) => stream.open);
            const happenings = [
              () => outOf(tabs).touch(),
              () => outOf(tabs).wake(),
              () => open().forEach((stream) => stream.send("sections", { slugs: [], list: true })),
              () => open().forEach((stream) => stream.close()),
            ];
            for (let many = upTo(4); many > 0; many--)
              void after(upTo(slowestMs * 6)).then(outOf(happenings));
            const times = Array.from({ length: upTo(4) }, () => upTo(slowestMs * 6));
            const calls = [...times, slowestMs * 6].map((time) =>
              after(time).then(() => outOf(tabs).client.call("GET /sections")),
            );
            for (const answer of await world
              .until(Promise.all(calls))
              .catch((error: unknown) =>
                Promise.reject(new Error(`seed ${seed}\n${story(world)}`, { cause: error })),
              ))
              expect(answer).toMatchObject({ for: "mike" });
            await world.advance(30_000);
            const refreshes = world.routes("POST /refresh").filter(({ status }) => status === 200);
            expect(refreshes, `seed ${seed}\n${story(world)}`).toHaveLength(1);
            for (const tab of tabs) tab.close();
          }
        },
      );
    }
  }
});
