import { type LimitStore } from "../../core/core.ts";
import { takeOne } from "../limits.ts";
import type { Parts } from "./parts.ts";

export const createLimitStore = ({ state }: Parts): LimitStore => ({
  take: (limit, key, now) => takeOne(state(), limit, key, now),
  giveBack: ({ name }, key, resetsAt) => {
    const counts = state().limits[name];
    const known = counts?.[key];
    if (counts && known?.resetsAt === resetsAt) counts[key] = { ...known, count: known.count - 1 };
  },
});
