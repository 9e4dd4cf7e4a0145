import { describe, expect, it } from "vitest";
import { createFairQueue, type FairQueue } from "./fair-queue.ts";
import { ours, type QueueCaller } from "./queue-callers.ts";

const visitor = (key: string): QueueCaller => ({ kind: "visitor", key });
const session = (key: string): QueueCaller => ({ kind: "session", key });
const token = (key: string): QueueCaller => ({ kind: "token", key });

const takeAll = <T>(queue: FairQueue<T>, most = Infinity): T[] => {
  const taken: T[] = [];
  while (queue.size > 0 && taken.length < most) taken.push(queue.next() as T);
  return taken;
};

describe("a fair queue", () => {
  it("gives what one caller asks for in the order in which it came", () => {
    const queue = createFairQueue<number>(100);
    for (let item = 1; item <= 5; item += 1) queue.add(visitor("a"), item);
    expect(takeAll(queue)).toEqual([1, 2, 3, 4, 5]);
    expect(queue.next()).toBeUndefined();
  });

  it("lets callers of a kind take turns, however much one of them asks for", () => {
    const queue = createFairQueue<string>(100);
    for (let item = 1; item <= 5; item += 1) queue.add(visitor("a"), `a${item}`);
    queue.add(visitor("b"), "b1");
    queue.add(visitor("c"), "c1");
    queue.add(visitor("b"), "b2");
    expect(takeAll(queue)).toEqual(["a1", "b1", "c1", "a2", "b2", "a3", "a4", "a5"]);
  });

  it("serves a person who is signed in six times while all visitors together are served once", () => {
    const queue = createFairQueue<string>(1_000);
    for (let network = 1; network <= 40; network += 1)
      for (let item = 1; item <= 6; item += 1) queue.add(visitor(`v${network}`), "visitor");
    for (let panel = 1; panel <= 12; panel += 1) queue.add(session("reader"), "reader");
    const first = takeAll(queue, 15);
    expect(first.filter((item) => item === "reader")).toHaveLength(12);
    expect(first.filter((item) => item === "visitor").length).toBeGreaterThan(0);
  });

  it("starves no kind", () => {
    const queue = createFairQueue<string>(1_000);
    for (let item = 1; item <= 60; item += 1)
      for (const caller of [visitor("v"), session("s"), token("t"), ours])
        queue.add(caller, caller.kind);
    const counts: Record<string, number> = {};
    for (const kind of takeAll(queue, 48)) counts[kind] = (counts[kind] ?? 0) + 1;
    expect(counts).toEqual({ session: 24, token: 12, ours: 8, visitor: 4 });
  });

  it("lets nobody save up turns while they do not wait", () => {
    const queue = createFairQueue<string>(1_000);
    queue.add(visitor("v"), "visitor");
    for (let item = 1; item <= 60; item += 1) queue.add(session("s"), "session");
    takeAll(queue, 40);
    for (let item = 1; item <= 20; item += 1) queue.add(visitor("v"), "visitor");
    expect(takeAll(queue, 14).filter((item) => item === "visitor").length).toBeLessThanOrEqual(3);
  });

  it("takes no more than it has places, and what goes is the last of whoever has the most", () => {
    const queue = createFairQueue<string>(4);
    for (let item = 1; item <= 4; item += 1) expect(queue.add(visitor("a"), `a${item}`)).toBeNull();
    expect(queue.add(visitor("a"), "a5")).toBe("a5");
    expect(queue.add(visitor("b"), "b1")).toBe("a4");
    expect(queue.add(visitor("b"), "b2")).toBe("a3");
    expect(queue.add(visitor("b"), "b3")).toBe("b3");
    expect(queue.add(visitor("c"), "c1")).toBe("a2");
    expect(queue.size).toBe(4);
    expect(takeAll(queue).toSorted()).toEqual(["a1", "b1", "b2", "c1"]);
  });

  it("has room for somebody who is signed in, however many networks of visitors fill it", () => {
    const queue = createFairQueue<string>(40);
    for (let network = 1; network <= 100; network += 1)
      queue.add(visitor(`v${network}`), `v${network}`);
    expect(queue.size).toBe(40);
    for (let panel = 1; panel <= 12; panel += 1)
      expect(queue.add(session("reader"), "reader")).toMatch(/^v/);
    expect(queue.size).toBe(40);
    expect(takeAll(queue, 16).filter((item) => item === "reader")).toHaveLength(12);
  });

  it("takes out whatever is due", () => {
    const queue = createFairQueue<number>(10);
    for (let item = 1; item <= 6; item += 1) queue.add(visitor(String(item % 2)), item);
    expect(new Set(queue.takeOut((item) => item <= 4))).toEqual(new Set([1, 2, 3, 4]));
    expect(new Set(takeAll(queue))).toEqual(new Set([5, 6]));
    expect(queue.size).toBe(0);
  });
});
