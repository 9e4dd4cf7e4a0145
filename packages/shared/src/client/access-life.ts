/**
 * How long an access token still lives, by two clocks of this device: one may stand still while it
 * sleeps, and the other may be set back.
 */
import type { ClientEnvironment } from "./environment.ts";

export const createAccessLife = (environment: Pick<ClientEnvironment, "elapsed" | "wallClock">) => {
  let end = { elapsed: Infinity, wall: Infinity };
  const left = (): number =>
    Math.min(end.elapsed - environment.elapsed(), end.wall - environment.wallClock());
  return {
    /** Milliseconds. */
    left,
    hasExpired: (): boolean => left() <= 0,
    endIn: (milliseconds: number): void => {
      end = {
        elapsed: environment.elapsed() + milliseconds,
        wall: environment.wallClock() + milliseconds,
      };
    },
  };
};
