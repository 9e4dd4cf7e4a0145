/** What a caller no longer waits for. */
import { NetworkError } from "./errors.ts";

/**
 * Settles with `promise`, or rejects as soon as the signal aborts, whatever becomes of the promise.
 */
export const unlessAborted = <T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> => {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
};

/** As `unlessAborted`; whatever the signal ends rejects with the same error. */
export const abortable = async <T>(
  what: string,
  signal: AbortSignal | undefined,
  promise: Promise<T>,
): Promise<T> => {
  try {
    return await unlessAborted(promise, signal);
  } catch (error) {
    if (signal?.aborted && !(error instanceof NetworkError && error.aborted))
      throw new NetworkError(`${what} was aborted.`, signal.reason, true);
    throw error;
  }
};
