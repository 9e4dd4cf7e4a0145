import { expect, test } from "vitest";
import { everyRight } from "../access/decide-rights-change.ts";
import { AppError } from "../answering/errors.ts";
import type { UserDetails } from "../users/user-store.ts";
import { changeMany, type ChangeManyDependencies } from "./change-many.ts";

const userOf = (id: string): UserDetails => ({
  user: {
    id,
    username: id,
    email: null,
    emailVerified: false,
    displayName: id,
    passwordHash: null,
    active: true,
    epoch: 1,
    version: 1,
  },
  isIn: [],
  createdAt: 0,
  lastSeenAt: null,
  permissions: [],
  sections: [],
  grants: [],
});

/** The database takes nothing about these. */
const deactivate = (busy: readonly string[], ids: readonly string[]) => {
  const dependencies: ChangeManyDependencies = {
    stores: {
      users: {
        read: userOf,
        apply: async ({ id }) => {
          if (busy.includes(id)) throw new AppError("busy");
          return "applied";
        },
      },
      roles: { readRights: () => [] },
      sessions: { endAsDecided: async () => 0 },
    },
    now: () => 0,
  };
  const acting = { id: null, expected: [], ...everyRight };
  return changeMany(dependencies, ids, { change: "deactivate" }, () => acting, {});
};

test("one for whom the database was busy holds up no other, and is told apart", async () => {
  expect(
    (await deactivate(["b"], ["a", "b", "c"])).map(({ userId, outcome, problem }) => [
      userId,
      outcome,
      problem?.code,
    ]),
  ).toEqual([
    ["a", "changed", undefined],
    ["b", "failed", "busy"],
    ["c", "changed", undefined],
  ]);
});

test("where the database was busy for everybody, all of it is to be asked for again", async () => {
  await expect(deactivate(["a", "b"], ["a", "b"])).rejects.toMatchObject({ code: "busy" });
});
