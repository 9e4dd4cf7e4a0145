/** What whoever runs it is told of proxies, when the whole API is asked. */
import { Writable } from "node:stream";
import { pino } from "pino";
import { expect, it } from "vitest";
import { createTeamApp } from "./team.ts";
import { request } from "./test-browser.ts";

interface Line {
  readonly level: number;
  readonly msg: string;
  readonly [fact: string]: unknown;
}

const createLog = () => {
  const lines: Line[] = [];
  const log = pino(
    { level: "warn" },
    new Writable({
      write: (chunk: Buffer, _, done) => {
        lines.push(JSON.parse(chunk.toString()) as Line);
        done();
      },
    }),
  );
  return { log, lines };
};

const guess = (address: string, forwardedFor: string) => ({
  body: { username: "mike", password: "wrong", delivery: "body" },
  address,
  headers: { "x-forwarded-for": forwardedFor },
});

it("a proxy that is not listed is warned of once, with its address and the setting, however many come through it", async () => {
  const { log, lines } = createLog();
  const app = await createTeamApp({ log });
  for (let index = 0; index < 8; index += 1)
    await request(app, "POST", "/login", guess("172.18.0.5", `198.51.100.${index}`));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({ level: 40, neighbour: "172.18.0.5", trustedProxies: [] });
  expect(lines[0]?.msg).toContain("SALLYPORT_TRUSTED_PROXIES");
});

it("an address that comes with a port counts as itself, so that nobody shares the proxy's", async () => {
  const { log, lines } = createLog();
  const app = await createTeamApp({
    log,
    environment: { SALLYPORT_TRUSTED_PROXIES: "172.18.0.5" },
  });
  const statuses = [];
  for (const forwardedFor of ["203.0.113.7:4711", "[2001:db8::1]:443"])
    for (let time = 0; time < 6; time += 1) {
      const sent = guess("172.18.0.5", forwardedFor.replace("4711", String(4711 + time)));
      statuses.push((await request(app, "POST", "/login", sent)).status);
    }
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 401, 401, 401, 401, 401, 429]);
  expect(lines).toEqual([]);
});
