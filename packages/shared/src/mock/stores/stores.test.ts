/** What every store has to do, on those in memory: also where their answers come in later turns. */
import { describe, expect, it } from "vitest";
import { createLateStores } from "../../testing/late-stores.ts";
import { storePromises, type StoreSubject } from "../../testing/testing.ts";
import { changeRights, createState, findUser, newId } from "../world.ts";
import { createMemoryStores } from "./stores.ts";

const now = Date.parse("2026-11-22T09:00:00Z");
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

const open = (isLate: boolean): StoreSubject => {
  const state = createState(1, now);
  let changes = 0;
  const stores = createMemoryStores(
    { state: () => state, now: () => now, newId: (prefix) => newId(state, prefix) },
    () => changes,
  );
  // As the mock has it: after each request something may have changed.
  const counted = {
    ...stores,
    grants: {
      ...stores.grants,
      apply: async (...given: Parameters<typeof stores.grants.apply>) => {
        changes += 1;
        return stores.grants.apply(...given);
      },
    },
  };
  return {
    stores: isLate ? createLateStores(counted, 1, turn) : counted,
    others: isLate ? createLateStores(counted, 2, turn) : counted,
    now,
    newId: (prefix) => newId(state, prefix),
    deactivate: async (username) =>
      changeRights({ state, now: () => now }, () => {
        const user = findUser(state, username);
        if (user) user.active = false;
      }),
    countEvents: async (wanted) => state.audit.filter(({ action }) => action === wanted).length,
  };
};

describe.each([
  ["in memory", false],
  ["in memory that answer late", true],
])("stores %s", (_, isLate) => {
  describe.each(Object.entries(storePromises))("%s", (_domain, promises) => {
    it.each(
      promises.filter(({ isOfDatabases }) => !isOfDatabases).map((one) => [one.name, one] as const),
    )("%s", async (_name, { run }) => {
      await expect(run(open(isLate))).resolves.toBeUndefined();
    });
  });
});
