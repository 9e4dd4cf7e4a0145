import type { Stores } from "../core/core.ts";

/** A number from 0 up to 1 (Mulberry32). */
const createDraw = (seed: number): (() => number) => {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

const mostTurns = 4;

/** What asks no database, and is decided with. */
const answersAtOnce = new Set(["describe"]);

/**
 * The same stores, each of whose answers comes some turns of the event loop later, in an order that
 * follows from the seed. Some do what is asked before that time, some after: as over a network.
 * Whoever relies on an answer that is there at once fails with them.
 * @param turn waits for the next turn of the event loop
 */
export const createLateStores = (
  stores: Stores,
  seed: number,
  turn: () => Promise<void>,
): Stores => {
  const draw = createDraw(seed);
  const late =
    (call: (...given: unknown[]) => unknown) =>
    async (...given: unknown[]): Promise<unknown> => {
      const [before, after] = [draw(), draw()].map((part) => Math.floor(part * mostTurns));
      for (let turns = 0; turns < (before ?? 0); turns += 1) await turn();
      try {
        return await call(...given);
      } finally {
        for (let turns = 0; turns < (after ?? 0); turns += 1) await turn();
      }
    };
  return Object.fromEntries(
    Object.entries(stores).map(([domain, store]) => [
      domain,
      Object.fromEntries(
        Object.entries(store as Record<string, (...given: unknown[]) => unknown>).map(
          ([name, call]) => [name, answersAtOnce.has(name) ? call : late(call)],
        ),
      ),
    ]),
  ) as unknown as Stores;
};
