/** Keeps the state over a reload, and in one place for all tabs that shall see the same. */
import { isMockState } from "./check-state.ts";
import { surroundings, type TextStorage } from "./page.ts";
import type { MockState } from "./state.ts";
import { tellDeveloper } from "./tell-developer.ts";

/** How long what the mock knows lasts: as long as the page, the tab, or until the browser forgets the site. */
export const persistences = ["none", "tab", "browser"] as const;
export type Persistence = (typeof persistences)[number];

export interface Keeper {
  /** What has been kept, where that is a state, and not what was read or written last. */
  read(): MockState | null;
  write(state: MockState): void;
  /** One after the other, in all tabs that share the state. */
  exclusively<T>(run: () => Promise<T>): Promise<T>;
  /** Calls back when another tab has changed the state; returns how to stop. */
  onChange(listener: () => void): () => void;
}

/** @throws Error where the browser refuses it to the page */
const storageOf = (persistence: "tab" | "browser"): TextStorage | undefined => {
  try {
    return persistence === "tab" ? surroundings.sessionStorage : surroundings.localStorage;
  } catch (error) {
    throw new Error(`The persistence "${persistence}" needs the browser's storage, which is blocked for this page: allow it to keep site data.`, { cause: error });
  }
};

/** @throws Error where there is no such storage */
export const createKeeper = (persistence: Persistence, name: string, storage?: TextStorage): Keeper => {
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
    const result = queue.then(run);
    queue = result.catch(() => undefined);
    return result;
  };
  if (persistence === "none") return { read: () => null, write: () => {}, exclusively: inTurn, onChange: () => () => {} };

  const place = storage ?? storageOf(persistence);
  if (place === undefined) throw new Error(`The persistence "${persistence}" needs a browser, or a \`storage\`.`);
  let last: string | null = null;
  let isFull = false;
  const locks = persistence === "browser" && storage === undefined ? surroundings.navigator?.locks : undefined;

  return {
    read: () => {
      const text = place.getItem(name);
      if (text === null || text === last) return null;
      last = text;
      try {
        const state: unknown = JSON.parse(text);
        return isMockState(state) ? state : null;
      } catch {
        return null;
      }
    },
    write: (state) => {
      const text = JSON.stringify(state);
      if (text === last) return;
      last = text;
      try {
        place.setItem(name, text);
      } catch (error) {
        if (!isFull) tellDeveloper("it cannot keep what it knows, so that a reload begins anew.", error);
        isFull = true;
      }
    },
    exclusively: (run) => inTurn(() => (locks ? locks.request(name, run) : run())),
    onChange: (listener) => {
      if (persistence !== "browser" || storage !== undefined) return () => {};
      const onStorage = ({ key }: { readonly key?: string | null }): void => {
        if (key === name) listener();
      };
      surroundings.addEventListener?.("storage", onStorage);
      return () => surroundings.removeEventListener?.("storage", onStorage);
    },
  };
};
