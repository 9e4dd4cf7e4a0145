import { expect, test } from "vitest";
import type { RequestContext } from "./endpoint.ts";
import { AppError } from "./errors.ts";
import { createExports, rowsOfBatch, type Batch, type ExportedList } from "./exports.ts";

const contextOf = (sessionId: string): RequestContext => ({
  requestId: "req",
  address: "192.0.2.1",
  userAgent: "",
  origin: undefined,
  caller: {
    userId: "usr",
    sessionId,
    sections: [],
    epoch: 1,
    via: "cookie",
    authTime: 0,
    accessExpiresAt: 0,
  },
  display: null,
  header: () => undefined,
});

interface Turn {
  (): void;
}

/** Turns of the event loop come when the test says so. */
const setUp = () => {
  const turns: Turn[] = [];
  const reads: string[] = [];
  const refused = new Set<string>();
  let isShuttingDown = false;
  const exports = createExports({
    turn: () => new Promise<void>((resolve) => turns.push(resolve)),
    now: () => Date.UTC(2026, 10, 22),
    isShuttingDown: () => isShuttingDown,
    requireStill: async ({ sessionId }) => {
      if (refused.has(sessionId)) throw new AppError("forbidden");
    },
  });
  const listOf = (name: string, count: number): ExportedList<number, number> => ({
    name,
    format: "csv",
    permission: "users:read",
    columns: ["number"],
    read: (after, limit): Batch<number, number> => {
      reads.push(name);
      const start = after ?? 0;
      const rows = Array.from({ length: Math.min(limit, count - start) }, (_, i) => start + i);
      return { rows, next: start + limit < count ? start + limit : null };
    },
    write: (row) => `${row}\r\n`,
    record: () => Promise.resolve(),
  });
  /** Lets turns pass until this is known. */
  const settle = async <T>(work: Promise<T>): Promise<T> => {
    let isSettled = false;
    const noted = work.finally(() => (isSettled = true));
    noted.catch(() => undefined);
    while (!isSettled) {
      for (let i = 0; i < 20; i += 1) await Promise.resolve();
      turns.shift()?.();
    }
    return noted;
  };
  return {
    begin: (session: string, count: number) =>
      settle(exports.begin(contextOf(session), listOf(session, count))),
    settle,
    reads,
    refuse: (session: string) => refused.add(session),
    shutDown: () => (isShuttingDown = true),
  };
};

test("a file has every row once, and is read no further than it is taken", async () => {
  const { begin, settle, reads } = setUp();
  const file = await begin("a", 2 * rowsOfBatch + 1);
  expect(file).toMatchObject({ name: "a-2026-11-22.csv", mediaType: "text/csv; charset=utf-8" });
  const pieces = file.text[Symbol.asyncIterator]();
  const next = async (): Promise<string | undefined> =>
    (await settle(pieces.next())).value as string | undefined;
  expect(await next()).toBe("number\r\n");
  const first = await next();
  expect(reads).toHaveLength(1);
  const all = [first, await next(), await next()].join("");
  expect(all).toBe(Array.from({ length: 2 * rowsOfBatch + 1 }, (_, i) => `${i}\r\n`).join(""));
  expect(await next()).toBeUndefined();
  expect(reads).toHaveLength(3);
});

test("files take turns, one batch each, and whoever leaves is read for no more", async () => {
  const { begin, settle, reads } = setUp();
  const [a, b] = [await begin("a", 10 * rowsOfBatch), await begin("b", 10 * rowsOfBatch)];
  const [ofA, ofB] = [a.text[Symbol.asyncIterator](), b.text[Symbol.asyncIterator]()];
  for (const one of [ofA, ofB, ofA, ofB]) await settle(one.next());
  for (let i = 0; i < 3; i += 1) await settle(Promise.all([ofA.next(), ofB.next()]));
  expect(reads.join("")).toBe("abababab");
  await ofB.return?.();
  await settle(ofA.next());
  expect(reads.join("")).toBe("ababababa");
});

test("whoever may no longer have it gets no more of it, and neither does anybody at the end", async () => {
  const { begin, settle, refuse, shutDown } = setUp();
  const file = await begin("a", 10 * rowsOfBatch);
  const pieces = file.text[Symbol.asyncIterator]();
  await pieces.next();
  await pieces.next();
  refuse("a");
  await expect(settle(pieces.next())).rejects.toMatchObject({ code: "forbidden" });
  const other = (await begin("b", 10 * rowsOfBatch)).text[Symbol.asyncIterator]();
  await other.next();
  await other.next();
  shutDown();
  await expect(settle(other.next())).rejects.toMatchObject({ code: "busy" });
});
