import { unrememberedIdleMilliseconds } from "../defaults.ts";
import type { SessionRow } from "./session-store.ts";

/**
 * How long a session lives without use, in milliseconds.
 * @param idleMilliseconds of one that is remembered
 */
export const idleLifeOf = (
  { remembered }: Pick<SessionRow, "remembered">,
  idleMilliseconds: number,
): number =>
  remembered ? idleMilliseconds : Math.min(idleMilliseconds, unrememberedIdleMilliseconds);
