import { holds, same } from "../differences.ts";
import { eventOf, promisesOn, userIdOf } from "./promise.ts";

const { promise } = promisesOn<"changes" | "grants" | "users">();

export const ofChanges = [
  promise(
    "a change is noticed by its mark, and what has not changed leaves it",
    async (subject) => {
      const { changes, grants } = subject.stores;
      const before = await changes.readMark();
      same(await changes.readMark(), before, "while nothing happens");
      const userId = await userIdOf(subject, "nora");
      await grants.change(
        { add: true, holder: { userId }, section: "finance" },
        eventOf(subject, "grant.add"),
      );
      holds((await changes.readMark()) !== before, "after a change");
    },
  ),
];
