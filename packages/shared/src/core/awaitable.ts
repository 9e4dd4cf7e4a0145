/** What the answers of a store have in common. */

/** At once, where it can be. */
export type Awaitable<T> = T | Promise<T>;

/** `changed`: something else came between reading and writing, and nothing was written. */
export type Applied = "applied" | "changed";

/**
 * What comes next with a value that may be there already. An answer that waits for nothing is then
 * given in the turn in which its request arrived; each promise on its way would cost it another
 * one.
 */
export const after = <T, R>(value: Awaitable<T>, next: (value: T) => Awaitable<R>): Awaitable<R> =>
  value instanceof Promise ? value.then(next) : next(value);
