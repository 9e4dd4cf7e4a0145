/** What a refresh is charged, and to whom. */
import { setImmediate } from "node:timers/promises";
import { AppError } from "@sallyport/shared/core";
import { describe, expect, it, onTestFinished } from "vitest";
import { deliveries, openDelivery, sessionOf } from "./refreshing.ts";

const second = 1_000;
const minute = 60 * second;

describe.each(["cookie", "body"] as const)("POST /refresh by %s", (delivery) => {
  const open = (options?: Parameters<typeof openDelivery>[1], username?: string) =>
    openDelivery(delivery, options, username);

  it("allows thirty refreshes a minute for one session, replays included; beyond, 429 is no logout", async () => {
    const { app, first, present, sessionId } = await open();
    const { token } = await present(first, "k1");
    for (let time = 2; time <= 30; time += 1)
      expect((await present(first, "k1")).reply.status).toBe(200);
    const { reply } = await present(token, "k2");
    expect(reply).toMatchObject({ status: 429, setCookies: [], body: { code: "rate_limited" } });
    expect(reply.headers.get("retry-after")).toBe("60");
    expect(reply.headers.get("ratelimit")).toBe('"refresh";r=0;t=60');
    expect(reply.headers.get("ratelimit-policy")).toBe('"refresh";q=30;w=60');

    const other = await deliveries[delivery](app, "nora");
    expect((await other.present(other.first, "k1")).reply.status).toBe(200);

    app.clock.advance(minute);
    expect((await sessionOf(app, sessionId)).endedAt).toBeNull();
    expect((await present(token, "k2")).reply.status).toBe(200);
  });

  it("is charged once, however often it is decided again", async () => {
    const { app, first, present } = await open();
    const { sessions } = app.dependencies.stores;
    const { apply } = sessions;
    let times = 0;
    sessions.apply = async () => {
      times += 1;
      if (times === 5) sessions.apply = apply;
      return "changed";
    };
    for (let time = 1; time <= 30; time += 1)
      expect((await present(first, "k1")).reply.status).toBe(200);
    expect(times).toBe(5);
    expect((await present(first, "k1")).reply.status).toBe(429);
  });

  it.each(["at once", "in later turns, the first of them last"])(
    "tells those that come second of the conflict, and not of the limit that the first of them has reached, where limits answer %s",
    async (when) => {
      const { app, first, present } = await open();
      const { token } = await present(first, "k1");
      for (let time = 2; time <= 29; time += 1) await present(first, "k1");
      const { limits } = app.dependencies.stores;
      const { take } = limits;
      let turns = 20;
      const takeLate: typeof take = async (...asked) => {
        const taken = await take(...asked);
        for (let left = (turns -= 4); left > 0; left -= 1) await setImmediate();
        return taken;
      };
      if (when !== "at once") limits.take = takeLate;
      const replies = await Promise.all(
        ["a", "b", "c", "d", "e"].map((key) => present(token, key)),
      );
      expect(replies.map(({ reply }) => reply.status).toSorted((a, b) => a - b)).toEqual([
        200, 409, 409, 409, 409,
      ]);
      expect((await present(token, "a")).reply.status).toBe(429);
    },
  );

  it("is told what came of it also where what it was charged cannot be given back", async () => {
    const { app, first, present } = await open();
    const { limits, sessions } = app.dependencies.stores;
    limits.giveBack = async () => {
      throw new Error("The limits are out of reach.");
    };
    sessions.apply = async () => {
      throw new AppError("busy", { retryAfterSeconds: 1 });
    };
    expect((await present(first, "k1")).reply.status).toBe(503);
  });

  it("counts a refresh only after its tag has been checked, so that garbage uses up nobody's allowance", async () => {
    const { first, present } = await open();
    const forged = `${first.slice(0, -43)}${"A".repeat(43)}`;
    for (let time = 0; time < 40; time += 1)
      expect((await present(forged, "k1")).reply.status).toBe(401);
    expect((await present(first, "k1")).reply.status).toBe(200);
  });

  it("charges refusals to the network they come from, and ends a stolen session even where that has no more to spend", async () => {
    const { app, first, present, sessionId } = await open();
    const { token } = await present(first, "k1");
    for (let time = 0; time < 300; time += 1)
      expect((await present(first, "other", "198.51.100.7")).reply.status).toBe(409);
    const { reply } = await present(first, "other", "198.51.100.7");
    expect(reply).toMatchObject({ status: 429, setCookies: [], body: { code: "rate_limited" } });
    expect(reply.headers.get("ratelimit-policy")).toBe('"refusal";q=300;w=60');
    // Neither others nor the session's owner pay for that.
    expect((await present(first, "other")).reply.status).toBe(409);
    expect((await present(token, "k2")).reply.status).toBe(200);
    app.clock.advance(10 * second);
    expect((await present(first, "other", "198.51.100.7")).reply.status).toBe(429);
    expect((await sessionOf(app, sessionId)).endReason).toBe("reuse");
  });

  it("charges nothing for a refresh that could not be stored", async () => {
    const { app, first, present } = await open();
    const release = app.holdWriteLock();
    onTestFinished(release);
    expect((await present(first, "k1")).reply.status).toBe(503);
    release();
    for (let time = 0; time < 30; time += 1)
      expect((await present(first, "k1")).reply.status).toBe(200);
    expect((await present(first, "k1")).reply.status).toBe(429);
  });
});
