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

/** What is done step by step, where a step may have to wait for the one before. */
export type Steps<R> = Generator<Promise<unknown>, R, unknown>;

/** One of them: `const found = yield* waitFor(store.read())`. */
export function* waitFor<T>(value: Awaitable<T>): Steps<T> {
  return value instanceof Promise ? ((yield value) as T) : value;
}

/**
 * Takes all steps, as an async function does, but that what is there at once is not waited for:
 * where nothing has to be waited for, all of it is done when this returns.
 */
export const inSteps = <R>(steps: Steps<R>): Awaitable<R> => {
  const goOn = ({ done, value }: IteratorResult<Promise<unknown>, R>): Awaitable<R> =>
    done === true
      ? value
      : value.then(
          (given) => goOn(steps.next(given)),
          (error: unknown) => goOn(steps.throw(error)),
        );
  return goOn(steps.next());
};
