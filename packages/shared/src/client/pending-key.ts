/**
 * Invariant: all tabs of an origin send one idempotency key, until the answer to a refresh with it
 * has been read. It holds without Web Locks, because IndexedDB runs one readwrite transaction at a
 * time for the whole origin, and it outlives a crash: whoever refreshes next repeats the refresh
 * whose answer was lost.
 */
import type { ClientEnvironment } from "./environment.ts";

interface Keys {
  readonly pending?: string;
  readonly retired?: string;
}

export interface PendingKey {
  /** The key every tab uses for the refresh that is due; made here if there is none. */
  current(): Promise<string>;
  /**
   * The refresh with `key` is complete. Changes nothing where another tab has retired it already.
   * `overtaken`: even the next refresh was completed meanwhile, so the cookies that came with this
   * answer are old ones.
   */
  retire(key: string): Promise<"current" | "overtaken">;
  lastRetired(): Promise<string | undefined>;
}

const recordName = "keys";
/** Some browsers leave `open` without an answer for ever; the refresh must not wait with it. */
const storageTimeoutMs = 2000;

const transact = (factory: IDBFactory, name: string, decide: (keys: Keys) => Keys): Promise<Keys> =>
  new Promise((resolve, reject) => {
    const opening = factory.open(name, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(recordName);
    // Nobody asks why: whatever fails here, the key is kept in memory.
    opening.onerror = opening.onblocked = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      try {
        // Durable, because a key that a crash forgets cannot heal the refresh that the crash cut
        // short.
        const transaction = database.transaction(recordName, "readwrite", { durability: "strict" });
        const store = transaction.objectStore(recordName);
        const reading = store.get(recordName);
        let decided: Keys;
        reading.onsuccess = () => {
          const before = (reading.result ?? {}) as Keys;
          decided = decide(before);
          if (decided !== before) store.put(decided, recordName);
        };
        transaction.oncomplete = () => {
          database.close();
          resolve(decided);
        };
        transaction.onerror = transaction.onabort = () => {
          database.close();
          reject(transaction.error);
        };
      } catch (error) {
        database.close();
        reject(error);
      }
    };
  });

/**
 * @param name is unique to the API; `null` keeps the key in memory: no other tab can then share the
 * session anyway, or storage is forbidden.
 */
export const openPendingKey = (name: string | null, environment: ClientEnvironment): PendingKey => {
  let stored = name !== null && environment.indexedDB !== null;
  // Follows what is stored, so that storage which fails half way does not change the key of a
  // refresh under way.
  let memory: Keys = {};

  const inStorage = (decide: (keys: Keys) => Keys): Promise<Keys> =>
    new Promise((resolve, reject) => {
      const timer = environment.setTimer(
        () => reject(new Error("IndexedDB does not answer.")),
        storageTimeoutMs,
      );
      transact(environment.indexedDB as IDBFactory, name as string, decide)
        .then(resolve, reject)
        .finally(() => environment.clearTimer(timer));
    });

  const change = async (decide: (keys: Keys) => Keys): Promise<Keys> => {
    if (stored) {
      try {
        return (memory = await inStorage(decide));
      } catch {
        stored = false;
      }
    }
    return (memory = decide(memory));
  };

  return {
    current: async () =>
      (
        await change((keys) =>
          keys.pending ? keys : { ...keys, pending: environment.randomKey() },
        )
      ).pending as string,
    retire: async (key) =>
      (await change((keys) => (keys.pending === key ? { retired: key } : keys))).retired === key
        ? "current"
        : "overtaken",
    lastRetired: async () => (await change((keys) => keys)).retired,
  };
};
