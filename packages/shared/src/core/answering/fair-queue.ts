/**
 * Where requests wait for something that there is not enough of: threads for queries and imports,
 * the hashing of passwords, the writer. Whoever asks for much waits for it; nobody else does.
 *
 * - Turns go round: among kinds of callers by their weights, among callers of one kind one each,
 *   and what one caller has asked for in the order in which it came.
 * - It is bounded. When it is full, what came last of whoever has the most waiting has to go, so
 *   that there is always room for whoever has little.
 */
import type { QueueCaller } from "./queue-callers.ts";

/**
 * Turns while all kinds wait. A person who is signed in waits for a screen, a program can wait, a
 * visitor is anybody.
 */
const weights = { session: 6, token: 3, ours: 2, visitor: 1 } as const satisfies Record<
  QueueCaller["kind"],
  number
>;

export interface FairQueue<T> {
  /**
   * @returns what has lost its place for it, which is the item itself where its caller has the most
   * waiting; null when there was room
   */
  add(caller: QueueCaller, item: T): T | null;
  /** Whose turn it is. @param passOver kinds that have to wait for another occasion */
  next(passOver?: (kind: QueueCaller["kind"]) => boolean): T | undefined;
  /** Takes out whatever is no longer to wait. */
  takeOut(isDue: (item: T) => boolean): T[];
  readonly size: number;
}

interface Kind<T> {
  readonly weight: number;
  /** By caller; the first in order has the next turn. */
  readonly callers: Map<string, T[]>;
  /** The turns it has had, each divided by its weight: whoever has had the least is next. */
  turns: number;
  size: number;
}

/** @param places how many may wait in all */
export const createFairQueue = <T>(places: number): FairQueue<T> => {
  const kinds = new Map<keyof typeof weights, Kind<T>>();
  let size = 0;
  /** The turns of the kind that was served last: whoever comes back has saved none. */
  let turnsOfLast = 0;

  const kindOf = (name: keyof typeof weights): Kind<T> => {
    const known = kinds.get(name);
    if (known) return known;
    const kind: Kind<T> = { weight: weights[name], callers: new Map(), turns: 0, size: 0 };
    kinds.set(name, kind);
    return kind;
  };
  const waitingKinds = (): Kind<T>[] => [...kinds.values()].filter((kind) => kind.size > 0);

  const put = (kind: Kind<T>, key: string, item: T): void => {
    if (kind.size === 0) kind.turns = Math.max(kind.turns, turnsOfLast);
    const items = kind.callers.get(key);
    if (items) items.push(item);
    else kind.callers.set(key, [item]);
    kind.size += 1;
    size += 1;
  };

  const dropLast = (kind: Kind<T>, key: string): T | undefined => {
    const items = kind.callers.get(key);
    const item = items?.pop();
    if (items?.length === 0) kind.callers.delete(key);
    kind.size -= 1;
    size -= 1;
    return item;
  };

  return {
    add: (caller, item) => {
      const kind = kindOf(caller.kind);
      put(kind, caller.key, item);
      if (size <= places) return null;
      const fullest = waitingKinds().reduce((most, other) =>
        other.size / other.weight > most.size / most.weight ? other : most,
      );
      // Among equals the one who has just come: nobody loses a place to somebody who has as much.
      let [greediest, most] = fullest === kind ? [caller.key, 0] : ["", 0];
      if (fullest === kind) most = kind.callers.get(caller.key)?.length ?? 0;
      for (const [key, { length }] of fullest.callers)
        if (length > most) [greediest, most] = [key, length];
      return dropLast(fullest, greediest) ?? null;
    },
    next: (passOver) => {
      const waiting: Kind<T>[] = [];
      for (const [name, kind] of kinds)
        if (kind.size > 0 && passOver?.(name) !== true) waiting.push(kind);
      if (waiting.length === 0) return undefined;
      const kind = waiting.reduce((least, other) => (other.turns < least.turns ? other : least));
      turnsOfLast = kind.turns;
      kind.turns += 1 / kind.weight;
      const [key, items] = kind.callers.entries().next().value as [string, T[]];
      const item = items.shift();
      kind.callers.delete(key);
      // Whoever has more goes to the end of the line.
      if (items.length > 0) kind.callers.set(key, items);
      kind.size -= 1;
      size -= 1;
      return item;
    },
    takeOut: (isDue) => {
      const out: T[] = [];
      for (const kind of kinds.values())
        for (const [key, items] of kind.callers) {
          const stay = items.filter((item) => !isDue(item));
          if (stay.length === items.length) continue;
          out.push(...items.filter((item) => isDue(item)));
          kind.size -= items.length - stay.length;
          size -= items.length - stay.length;
          if (stay.length > 0) kind.callers.set(key, stay);
          else kind.callers.delete(key);
        }
      return out;
    },
    get size() {
      return size;
    },
  };
};
