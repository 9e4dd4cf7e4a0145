import { setTimeout as wait } from "node:timers/promises";

/**
 * The time that decides lives and windows: of tokens, sessions, limits. There is one for the whole
 * process.
 */
export interface Clock {
  /** Milliseconds since 1970. Never less than it said before. */
  now(): number;
  wait(milliseconds: number): Promise<void>;
  /** Calls back again and again, and keeps no process alive for it. Returns how to stop. */
  every(milliseconds: number, run: () => void): () => void;
}

/**
 * While the machine's clock is behind, ours loses this share of the time that passes, until the two
 * agree.
 */
const catchingUp = 0.1;

/**
 * A time that never goes back while the process runs, whatever is done to the machine's clock.
 * Where that is set forward, it follows at once. Where that is set back, it goes on a little slower
 * until the two agree: a time that stood still would keep every window open, and one that went back
 * would make yesterday's refresh look like a theft.
 * @param wall milliseconds since 1970, by the machine's clock
 * @param elapsed milliseconds since any moment, by a clock that nobody can set
 */
export const createSteadyTime = (wall: () => number, elapsed: () => number): (() => number) => {
  let now = wall();
  let at = elapsed();
  return () => {
    const passed = Math.max(0, elapsed() - at);
    at += passed;
    const shown = wall();
    now = Math.max(shown, now + passed * (1 - catchingUp));
    return Math.floor(now);
  };
};

export const createSystemClock = (): Clock => ({
  now: createSteadyTime(Date.now, () => performance.now()),
  wait: (milliseconds) => wait(milliseconds),
  every: (milliseconds, run) => {
    const timer = setInterval(run, milliseconds).unref();
    return () => clearInterval(timer);
  },
});
