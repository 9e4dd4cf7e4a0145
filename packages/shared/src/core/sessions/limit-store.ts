/**
 * Where it is counted how often something may be done. A count may be lost, with the process or for
 * want of room: whoever is counted anew may do a little more, and nobody less.
 */
import type { Taken, WindowLimit } from "../answering/rate-limit.ts";
import type { Awaitable } from "../awaitable.ts";

export interface LimitStore {
  /**
   * Takes one of a key's allowance in the window it is in, which begins with the first that is
   * taken. Nothing comes between looking and taking: of two at once that want the last, one gets
   * it. What is refused is not counted. It keeps no more than `mostKeys` keys of a limit, and
   * forgets those first whose windows began first.
   */
  take(limit: WindowLimit, key: string, now: number): Awaitable<Taken>;
  /**
   * One that was taken did not count after all.
   * @param resetsAt what it was told when it was taken: to another window nothing is given back
   */
  giveBack(limit: WindowLimit, key: string, resetsAt: number): Awaitable<void>;
}
