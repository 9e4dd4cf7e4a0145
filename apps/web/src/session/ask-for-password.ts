/**
 * Asks who is signed in for their password, once for all requests that want it at the same moment,
 * and tells each of them how that ended.
 */
export interface FreshSignIn {
  isAsked(): boolean;
  subscribe(listener: () => void): () => void;
  /** Resolves with whether the password was shown. */
  ask(): Promise<boolean>;
  answer(isShown: boolean): void;
}

export const createFreshSignIn = (): FreshSignIn => {
  const listeners = new Set<() => void>();
  let asked: PromiseWithResolvers<boolean> | null = null;
  const become = (next: typeof asked): void => {
    asked = next;
    for (const listener of listeners) listener();
  };
  return {
    isAsked: () => asked !== null,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    ask: () => {
      const waiting = asked ?? Promise.withResolvers<boolean>();
      if (asked === null) become(waiting);
      return waiting.promise;
    },
    answer: (isShown) => {
      const waiting = asked;
      become(null);
      waiting?.resolve(isShown);
    },
  };
};
