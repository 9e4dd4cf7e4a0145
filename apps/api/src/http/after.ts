/**
 * What comes next with a value that may be there already. An answer that waits for nothing is then written in the
 * turn in which its request arrived; each promise on its way would cost it another one.
 */
export const after = <T, R>(
  value: T | Promise<T>,
  next: (value: T) => R | Promise<R>,
): R | Promise<R> => (value instanceof Promise ? value.then(next) : next(value));
