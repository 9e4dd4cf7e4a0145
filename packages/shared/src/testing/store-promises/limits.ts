/** What a store of limits has to do. */
import type { LimitStore, WindowLimit } from "../../core/core.ts";
import { holds, same } from "../differences.ts";
import { promisesOn } from "./promise.ts";

const { promise } = promisesOn<"limits">();

const minute = 60_000;
const limitOf = (name: string, about: Partial<WindowLimit> = {}): WindowLimit => ({
  name,
  limit: 3,
  windowSeconds: 60,
  mostKeys: 100,
  ...about,
});

/** How many of so many that are asked for at once are allowed. */
const countAllowed = async (
  { take }: LimitStore,
  limit: WindowLimit,
  key: string,
  now: number,
): Promise<number> => {
  const taken = await Promise.all(Array.from({ length: 12 }, async () => take(limit, key, now)));
  return taken.filter(({ isAllowed }) => isAllowed).length;
};

export const ofLimits = [
  promise(
    "of many at once as many are allowed as are left, of each key and limit",
    async ({ stores: { limits }, now }) => {
      const [one, other] = [limitOf("one"), limitOf("other", { limit: 5 })];
      const allowed = await Promise.all([
        countAllowed(limits, one, "key", now),
        countAllowed(limits, one, "another key", now),
        countAllowed(limits, other, "key", now),
      ]);
      same(allowed, [3, 3, 5], "how many are allowed");
      same(await countAllowed(limits, one, "key", now), 0, "once none is left");
    },
  ),

  promise(
    "a window begins with the first that is taken, lasts as long as the limit says, and is not made longer by what is refused",
    async ({ stores: { limits }, now }) => {
      const limit = limitOf("window");
      const resetsAt = now + minute;
      same(await limits.take(limit, "key", now), { isAllowed: true, resetsAt }, "the first");
      same(await countAllowed(limits, limit, "key", now + 1_000), 2, "how many more");
      same(
        await limits.take(limit, "key", resetsAt - 1),
        { isAllowed: false, resetsAt },
        "at the end of the window",
      );
      same(await countAllowed(limits, limit, "key", resetsAt), 3, "in the next window");
      // The clock is set back.
      same(await countAllowed(limits, limit, "key", now - minute), 3, "before it all began");
    },
  ),

  promise(
    "what is given back can be taken once more, in its own window only",
    async ({ stores: { limits }, now }) => {
      const limit = limitOf("given back");
      const { resetsAt } = await limits.take(limit, "key", now);
      same(await countAllowed(limits, limit, "key", now), 2, "how many more");
      await limits.giveBack(limit, "key", resetsAt);
      same(await countAllowed(limits, limit, "key", now), 1, "once one is given back");
      same(await countAllowed(limits, limit, "key", resetsAt), 3, "in the next window");
      await limits.giveBack(limit, "key", resetsAt);
      await limits.giveBack(limit, "nobody's", resetsAt);
      same(await countAllowed(limits, limit, "key", resetsAt), 0, "what is of another window");
      same(await countAllowed(limits, limit, "nobody's", now), 3, "what nobody has taken");
    },
  ),

  promise(
    "no more keys are remembered than the limit says, and the last of them are",
    async ({ stores: { limits }, now }) => {
      const limit = limitOf("bounded", { limit: 1, mostKeys: 20 });
      const keys = Array.from({ length: 60 }, (_, index) => `key ${index}`);
      for (const key of keys) await limits.take(limit, key, now);
      let remembered = 0;
      for (const key of keys.toReversed()) {
        const { isAllowed } = await limits.take(limit, key, now);
        holds(isAllowed || remembered < 20, "no more than that");
        holds(!isAllowed || key !== keys.at(-1), "the last is remembered");
        if (!isAllowed) remembered += 1;
      }
    },
  ),
];
