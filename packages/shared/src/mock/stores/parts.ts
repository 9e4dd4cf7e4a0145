/** What the stores in memory are made of. */
import type { IdPrefix } from "../../core/core.ts";
import type { MockState } from "../state.ts";

export interface Parts {
  /** As it is now: another object when somebody has put another state in its place. */
  state(): MockState;
  now(): number;
  newId(prefix: IdPrefix): string;
}
