import { holds, same } from "../differences.ts";
import { giveGrant, promisesOn, userIdOf } from "./promise.ts";

const { promise } = promisesOn<"changes" | "grants" | "roles" | "users">();

export const ofChanges = [
  promise(
    "a change is noticed by its mark, and what has not changed leaves it",
    async (subject) => {
      const { changes, grants } = subject.stores;
      const before = await changes.readMark();
      same(await changes.readMark(), before, "while nothing happens");
      const userId = await userIdOf(subject, "nora");
      await giveGrant(grants, { userId }, "finance", subject.now);
      holds((await changes.readMark()) !== before, "after a change");
    },
  ),
  promise("whose grants end, and when the next one does, is told by the clock", async (subject) => {
    const { now, stores } = subject;
    const { changes, grants, roles } = stores;
    const nora = await userIdOf(subject, "nora");
    const inRole = [await userIdOf(subject, "mike"), await userIdOf(subject, "dan")].sort();
    const role = (await roles.list()).find(({ name }) => name === "marketing");
    holds(role !== undefined, "there is the role");
    await giveGrant(grants, { userId: nora }, "finance", now, now + 1_000);
    await giveGrant(grants, { roleId: role.id }, "finance", now, now + 2_000);
    const read = async (after: number, upTo: number) => {
      const { userIds, next } = await changes.readEnds(after, upTo);
      return [[...userIds].sort(), next];
    };
    same(await read(now, now + 999), [[], now + 1_000], "before any has ended");
    same(await read(now, now + 1_000), [[nora], now + 2_000], "as the first ends");
    same(await read(now + 1_000, now + 2_000), [inRole, null], "as the role's does");
    same(await read(now, now + 5_000), [[...inRole, nora].sort(), null], "both at once");
  }),
];
