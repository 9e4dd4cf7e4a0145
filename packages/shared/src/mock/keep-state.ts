/**
 * Keeps the state over a reload, and in one place for all tabs that shall see the same.
 *
 * Tabs may be processes, each with a copy of the browser's storage that hears late of what another
 * one has written. So all that tabs share is written under a lock, every write has a number, and
 * the tab that wrote last holds a second lock with that number for a name: locks are known to all
 * tabs at once, and whoever writes next knows what to wait for.
 */
import { isMockState } from "./check-state.ts";
import { surroundings, type PageLocks, type StorageChange, type TextStorage } from "./page.ts";
import type { MockState } from "./state.ts";
import { tellDeveloper } from "./tell-developer.ts";

/**
 * How long what the mock knows lasts: as long as the page, the tab, or until the browser forgets
 * the site.
 */
export const persistences = ["none", "tab", "browser"] as const;
export type Persistence = (typeof persistences)[number];

export interface Keeper {
  /** Others may be about to write as well: write within `exclusively` only. */
  readonly isShared: boolean;
  /** What has been kept, where that is a state, and not what was read or written last. */
  read(): MockState | null;
  write(state: MockState): void;
  /**
   * One after the other, in all tabs that share the state. What any of them has written before,
   * `read` gives.
   */
  exclusively<T>(run: () => Promise<T>): Promise<T>;
  close(): void;
}

/** @throws Error where the browser refuses it to the page */
const storageOf = (persistence: "tab" | "browser"): TextStorage | undefined => {
  try {
    return persistence === "tab" ? surroundings.sessionStorage : surroundings.localStorage;
  } catch (error) {
    throw new Error(
      `The persistence "${persistence}" needs the browser's storage, which is blocked for this page: allow it to keep site data.`,
      { cause: error },
    );
  }
};

/** What is kept: the number of the write, and below it the state. */
const numberOf = (text: string | null): number => Number(/^\d+(?=\n)/.exec(text ?? "")?.[0] ?? 0);
const stateOf = (text: string): MockState | null => {
  try {
    const state: unknown = JSON.parse(text);
    return isMockState(state) ? state : null;
  } catch {
    return null;
  }
};

/**
 * How long a tab is waited for that has written something, as its lock says, and has not been
 * heard.
 */
const patienceMs = 1000;

/** @throws Error where there is no such storage */
export const createKeeper = (options: {
  readonly persistence: Persistence;
  readonly name: string;
  readonly storage: TextStorage | undefined;
  readonly after: (milliseconds: number, run: () => void) => () => void;
  /** Another tab has changed the state. */
  readonly onChange: () => void;
  /** The page is being left: the last moment to write. */
  readonly onLeave: () => void;
}): Keeper => {
  const { persistence, name, storage, after, onChange, onLeave } = options;
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
    const result = queue.then(run);
    queue = result.catch(() => undefined);
    return result;
  };
  if (persistence === "none")
    return {
      isShared: false,
      read: () => null,
      write: () => {},
      exclusively: inTurn,
      close: () => {},
    };

  const place = storage ?? storageOf(persistence);
  if (place === undefined)
    throw new Error(`The persistence "${persistence}" needs a browser, or a \`storage\`.`);
  const isOfTabs = persistence === "browser" && storage === undefined;
  const locks = isOfTabs ? surroundings.navigator?.locks : undefined;

  /** Of what was read or written last, or, where that never came, of what was waited for. */
  let number = 0;
  let lastText: string | null = null;
  let lastState: string | null = null;
  let isFull = false;
  let unlockNumber = (): void => {};
  let change = Promise.withResolvers<void>();
  const lookAgain = (): void => {
    change.resolve();
    change = Promise.withResolvers();
  };

  const onStorage = ({ key }: StorageChange): void => {
    if (key !== name) return;
    onChange();
    lookAgain();
  };
  if (isOfTabs) {
    surroundings.addEventListener?.("storage", onStorage);
    surroundings.addEventListener?.("pagehide", onLeave);
  }

  const lockNumber = (): void => {
    const held = locks?.request(
      `${name} ${number}`,
      { mode: "shared" },
      () =>
        new Promise<void>((resolve) => {
          unlockNumber();
          unlockNumber = resolve;
        }),
    );
    held?.catch(() => {
      // The page is being left.
    });
  };
  const catchUp = async (manager: PageLocks): Promise<void> => {
    const { held = [] } = await manager.query();
    const numbers = held.map((lock) =>
      lock.name?.startsWith(`${name} `) === true ? Number(lock.name.slice(name.length + 1)) : 0,
    );
    const newest = Math.max(number, ...numbers);
    const isCaughtUp = (): boolean => Math.max(number, numberOf(place.getItem(name))) >= newest;
    const stopWaiting = after(patienceMs, () => {
      number = newest;
      lookAgain();
    });
    while (!isCaughtUp()) await change.promise;
    stopWaiting();
  };

  return {
    isShared: locks !== undefined,
    read: () => {
      const text = place.getItem(name);
      if (text === null || text === lastText) return null;
      lastText = text;
      number = Math.max(number, numberOf(text));
      lastState = text.slice(text.indexOf("\n") + 1);
      return stateOf(lastState);
    },
    write: (state) => {
      const text = JSON.stringify(state);
      if (text === lastState) return;
      number += 1;
      lastState = text;
      lastText = `${number}\n${text}`;
      try {
        place.setItem(name, lastText);
        lockNumber();
      } catch (error) {
        if (!isFull)
          tellDeveloper("it cannot keep what it knows, so that a reload begins anew.", error);
        isFull = true;
      }
    },
    exclusively: (run) =>
      inTurn(() =>
        locks
          ? locks.request(name, {}, async () => {
              await catchUp(locks);
              return run();
            })
          : run(),
      ),
    close: () => {
      surroundings.removeEventListener?.("storage", onStorage);
      surroundings.removeEventListener?.("pagehide", onLeave);
      unlockNumber();
    },
  };
};
