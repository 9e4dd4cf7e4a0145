/** POST /refresh while others refresh the same session, or while the database is held. */
import { describe, expect, it, onTestFinished } from "vitest";
import {
  auditActions,
  createTeamAppBeside,
  openDelivery,
  outcomeOf,
  presentTo,
  refusal,
  sessionOf,
} from "./refreshing.ts";
import { openElsewhere } from "./test-app.ts";

const second = 1_000;
const minute = 60 * second;

describe.each(["cookie", "body"] as const)("POST /refresh by %s", (delivery) => {
  const open = (options?: Parameters<typeof openDelivery>[1], username?: string) =>
    openDelivery(delivery, options, username);

  it("is decided again where another process has been there between the look and the write", async () => {
    const { app, first, present, sessionId } = await open();
    const { sessions } = app.dependencies.stores;
    const { apply } = sessions;
    const beside = await createTeamAppBeside(app, {});
    sessions.apply = async (...asked) => {
      sessions.apply = apply;
      expect((await presentTo(beside, delivery, first, "there")).reply.status).toBe(200);
      return apply(...asked);
    };
    expect((await present(first, "here")).reply.status).toBe(409);
    expect(await sessionOf(app, sessionId)).toMatchObject({ generation: 2, endedAt: null });
    // What it was charged for has not happened.
    for (let time = 1; time <= 30; time += 1)
      expect((await present(first, "there")).reply.status).toBe(200);
    expect((await present(first, "there")).reply.status).toBe(429);

    sessions.apply = async (...asked) => {
      sessions.apply = apply;
      app.runSql("UPDATE users SET active = 0 WHERE username = 'mike'");
      return apply(...asked);
    };
    app.clock.advance(minute);
    const { token } = await present(first, "there");
    expect(outcomeOf((await present(token, "next")).reply)).toEqual(refusal("deactivated"));
  });

  it("is no theft where another refresh overtakes it while the disk takes longer than the window", async () => {
    const { app, first, present, sessionId } = await open();
    const { sessions } = app.dependencies.stores;
    const { apply } = sessions;
    const overtaken = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    sessions.apply = async (...asked) => {
      sessions.apply = apply;
      arrived.resolve();
      await overtaken.promise;
      return apply(...asked);
    };
    const late = present(first, "k1");
    await arrived.promise;
    expect((await present(first, "k2")).reply.status).toBe(200);
    app.clock.advance(minute);
    overtaken.resolve();
    expect((await late).reply.status).toBe(409);
    expect(await sessionOf(app, sessionId)).toMatchObject({ generation: 2, endedAt: null });
    // Whoever brings it from now on has it from somewhere.
    expect(outcomeOf((await present(first, "k3")).reply)).toEqual(refusal("reuse"));
  });

  it("takes no turn of the writer for a session that is over", async () => {
    const { app, first, present } = await open();
    await present(first, "k1");
    app.clock.advance(minute);
    expect(outcomeOf((await present(first, "k2")).reply)).toEqual(refusal("reuse"));
    const recorded = auditActions(app);
    const release = app.holdWriteLock();
    onTestFinished(release);
    expect(outcomeOf((await present(first, "k3")).reply)).toEqual(refusal("reuse"));
    release();
    expect(auditActions(app)).toEqual(recorded);
  });

  it("tells of a conflict, and gives a successor again, while nothing can be written", async () => {
    const { app, first, present } = await open();
    const { token } = await present(first, "k1");
    const release = app.holdWriteLock();
    onTestFinished(release);
    expect((await present(first, "k2")).reply.status).toBe(409);
    expect(await present(first, "k1")).toMatchObject({ reply: { status: 200 }, token });
    expect((await present(token, "k2")).reply.status).toBe(503);
  });

  it("lets exactly one of many refreshes at once win, and gives all with its key the same successor", async () => {
    const { app, first, present, sessionId } = await open();
    const replies = await Promise.all(
      ["a", "a", "a", "b", "b", "c"].map((key) => present(first, key)),
    );
    const won = replies.filter(({ reply }) => reply.status === 200);
    expect(new Set(won.map(({ token }) => token)).size).toBe(1);
    expect(won).toHaveLength(3);
    expect(replies.filter(({ reply }) => reply.status === 409)).toHaveLength(3);
    expect(await sessionOf(app, sessionId)).toMatchObject({ generation: 2, endedAt: null });
  });

  it("answers 503 with Retry-After while another process holds the database, never a 401, and recovers", async () => {
    const { app, first, present } = await open();
    const blocker = openElsewhere(app.dataDirectory);
    onTestFinished(blocker.close);
    blocker.runSql("BEGIN IMMEDIATE");
    const { reply } = await present(first, "k1");
    expect(reply).toMatchObject({ status: 503, setCookies: [], body: { code: "busy" } });
    expect(Number(reply.headers.get("retry-after"))).toBeGreaterThan(0);
    blocker.runSql("ROLLBACK");
    expect((await present(first, "k1")).reply.status).toBe(200);
  });
});
