/**
 * A disk that takes its time, or fails: nobody waits for it but who writes, and nobody is told of
 * what may be lost.
 */
import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { openLog } from "../src/dependencies.ts";
import { createTeamApp, type TeamApp } from "./team.ts";
import { createBrowser, request, signInForBody, type Reply } from "./test-browser.ts";

/**
 * The real thread, on a disk that does not say that it is done, or that it has failed, before it is
 * let.
 */
const createHeldDisk = () => {
  let isHolding = false;
  let isFailing = false;
  let waiting: (() => void)[] = [];
  let tell: () => void = () => {};
  const open = (sqlite: Parameters<typeof openLog>[0]): ReturnType<typeof openLog> => {
    const log = openLog(sqlite);
    return {
      ...log,
      sync: async () => {
        if (isHolding)
          await new Promise<void>((resolve) => {
            waiting.push(resolve);
            tell();
          });
        if (isFailing) throw Object.assign(new Error("i/o error"), { code: "EIO" });
        return log.sync();
      },
    };
  };
  return {
    open,
    hold: () => void (isHolding = true),
    fail: (whether: boolean) => void (isFailing = whether),
    /** Something is committed, and waits for the disk. */
    isWaiting: async () => {
      while (waiting.length === 0) await new Promise<void>((resolve) => (tell = resolve));
    },
    release: () => {
      isHolding = false;
      for (const resolve of waiting) resolve();
      waiting = [];
    },
  };
};

const open = async () => {
  const disk = createHeldDisk();
  const app = await createTeamApp({ openLog: disk.open });
  const { refreshToken } = await signInForBody(app, "mike");
  const refresh = (key: string): Promise<Reply> =>
    request(app, "POST", "/refresh", {
      body: { refreshToken },
      headers: { "idempotency-key": key },
    });
  return { disk, app, refresh };
};

/** Notes when it is answered, without waiting for it. */
const watch = (answer: Promise<Reply>) => {
  const watched = { isAnswered: false, answer };
  void answer.then(() => (watched.isAnswered = true));
  return watched;
};
const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};
const signOut = async (app: TeamApp): Promise<Reply> => {
  const { refreshToken } = await signInForBody(app, "mica");
  return request(app, "POST", "/logout", { body: { refreshToken } });
};

it("whoever writes waits for the disk, reads do not", async () => {
  const { disk, app, refresh } = await open();
  const browser = createBrowser(app);
  await browser.signIn("mica");
  disk.hold();
  const writing = watch(refresh(randomUUID()));
  await disk.isWaiting();
  expect(await browser.send("GET", "/session")).toMatchObject({ status: 200 });
  expect(await browser.send("GET", "/sections")).toMatchObject({ status: 200 });
  expect(await request(app, "GET", "/readyz")).toMatchObject({ status: 200 });
  await turns();
  expect(writing.isAnswered).toBe(false);
  disk.release();
  expect(await writing.answer).toMatchObject({ status: 200 });
});

it("a successor is not given again, and no conflict told, before the rotation is on disk", async () => {
  const { disk, refresh } = await open();
  const key = randomUUID();
  disk.hold();
  const first = watch(refresh(key));
  await disk.isWaiting();
  const [replay, conflict] = [watch(refresh(key)), watch(refresh(randomUUID()))];
  await turns();
  expect([replay.isAnswered, conflict.isAnswered]).toEqual([false, false]);
  disk.release();
  const rotated = await first.answer;
  expect(rotated).toMatchObject({ status: 200 });
  expect((await replay.answer).body["refreshToken"]).toBe(rotated.body["refreshToken"]);
  expect((await replay.answer).headers.get("idempotency-replayed")).toBe("true");
  expect(await conflict.answer).toMatchObject({ status: 409 });
});

it("the end of a session is told when it is on disk", async () => {
  const { disk, app, refresh } = await open();
  await refresh(randomUUID());
  app.clock.advance(60_000);
  disk.hold();
  // Reuse: it ends the session. Whoever comes after it is not told before that.
  const thief = watch(refresh(randomUUID()));
  await disk.isWaiting();
  const next = watch(refresh(randomUUID()));
  await turns();
  expect([thief.isAnswered, next.isAnswered]).toEqual([false, false]);
  disk.release();
  expect(await thief.answer).toMatchObject({ status: 401, body: { reason: "reuse" } });
  expect(await next.answer).toMatchObject({ status: 401, body: { reason: "reuse" } });
});

it("a disk that fails after the commit is 503, and the same request gets its successor once it works", async () => {
  const { disk, app, refresh } = await open();
  const key = randomUUID();
  disk.fail(true);
  const failed = await refresh(key);
  expect(failed).toMatchObject({
    status: 503,
    setCookies: [],
    body: { code: "busy", detail: expect.stringMatching(/may have been made/) as string },
  });
  expect(failed.headers.get("retry-after")).toBe("30");
  // Nothing is built on it, and nobody is told of it; nor that nothing was changed.
  expect(await refresh(key)).toMatchObject({
    status: 503,
    body: { detail: expect.stringMatching(/may have been made/) as string },
  });
  expect(await request(app, "GET", "/readyz")).toMatchObject({ status: 503 });
  expect(await request(app, "GET", "/sections")).toMatchObject({ status: 200 });

  disk.fail(false);
  expect(await request(app, "GET", "/readyz")).toMatchObject({ status: 200 });
  const again = await refresh(key);
  expect(again).toMatchObject({ status: 200 });
  expect(again.headers.get("idempotency-replayed")).toBe("true");
  expect(await signOut(app)).toMatchObject({ status: 204 });
});

it("closing waits for the disk", async () => {
  const disk = createHeldDisk();
  const app = await createTeamApp({ openLog: disk.open });
  const { refreshToken } = await signInForBody(app, "mike");
  disk.hold();
  const writing = watch(
    request(app, "POST", "/refresh", {
      body: { refreshToken },
      headers: { "idempotency-key": randomUUID() },
    }),
  );
  await disk.isWaiting();
  let isClosed = false;
  const closing = app.dependencies.close().then(() => (isClosed = true));
  await turns();
  expect([isClosed, writing.isAnswered]).toEqual([false, false]);
  disk.release();
  await closing;
  expect(await writing.answer).toMatchObject({ status: 200 });
});
