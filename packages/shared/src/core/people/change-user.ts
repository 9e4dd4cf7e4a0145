/** What is done to one user by somebody who may: whatever it is, it goes through here. */
import { requireRights, type Rights } from "../access/decide-rights-change.ts";
import { AppError } from "../answering/errors.ts";
import { applyDecision } from "../apply-decision.ts";
import type { AuditEvent } from "../audit/audit-store.ts";
import type { Awaitable } from "../awaitable.ts";
import type { NewNotice } from "../users/notice-store.ts";
import type { ExpectedRights, RoleRights, RoleStore } from "../users/role-store.ts";
import type { UserDetails, UserStore, UserWrites } from "../users/user-store.ts";
import { emailKey } from "../users/usernames.ts";
import type { Adding } from "./add-people.ts";

/** Whatever is left out stays as it is. */
export interface UserEdit {
  readonly displayName?: string | undefined;
  readonly email?: string | null | undefined;
  readonly active?: boolean | undefined;
  /** All the roles that they are in afterwards … */
  readonly roleIds?: readonly string[] | undefined;
  /** … or one more, or one less. */
  readonly addRole?: string | undefined;
  readonly removeRole?: string | undefined;
}

export interface ChangeUserDependencies {
  readonly stores: {
    readonly users: Pick<UserStore, "read" | "apply">;
    readonly roles: Pick<RoleStore, "readRights">;
  };
  readonly now: () => number;
}

export const unknownUser = (): AppError =>
  new AppError("not_found", { detail: "There is no user of this id." });

export const lastAdmin = (): AppError => new AppError("last_admin");

/** What a decision about this user goes by, beside what it gives. */
export const expectedOf = (
  acting: Pick<Adding, "expected">,
  { user }: Pick<UserDetails, "user">,
): ExpectedRights["users"] => [
  ...acting.expected.filter(({ id }) => id !== user.id),
  { id: user.id, epoch: user.epoch },
];

interface Decision {
  readonly before: UserDetails;
  /** Null where nothing changes. */
  readonly change: {
    readonly writes: UserWrites;
    readonly gives: readonly RoleRights[];
    readonly detail: Readonly<Record<"before" | "after", Readonly<Record<string, unknown>>>>;
  } | null;
}

const unknownRole = (pointer: string): AppError => {
  const detail = "There is no role of this id.";
  return new AppError("validation_failed", {
    detail,
    errors: [{ pointer, code: "unknown_role", detail }],
  });
};

/** @throws AppError `rights_exceeded`, `validation_failed` (a role that there is not) */
const decide = (
  acting: Rights,
  before: UserDetails,
  edit: UserEdit,
  roles: ReadonlyMap<string, RoleRights>,
): Decision => {
  const { user, isIn } = before;
  const held = new Set(isIn.map(({ id }) => id));
  const wanted =
    edit.roleIds ??
    (edit.addRole !== undefined
      ? [...held, edit.addRole]
      : [...held].filter((id) => id !== edit.removeRole));
  const add = wanted.filter((id) => !held.has(id));
  const remove = [...held].filter((id) => !wanted.includes(id));
  const unknown = add.find((id) => !roles.has(id));
  const gives = add.flatMap((id) => roles.get(id) ?? []);
  requireRights(acting, { actsOn: [before], gives });
  if (unknown !== undefined)
    throw unknownRole(
      edit.roleIds === undefined ? "/roleId" : `/roleIds/${edit.roleIds.indexOf(unknown)}`,
    );

  const { displayName, email, active } = edit;
  const fields: [name: string, before: unknown, after: unknown][] = [];
  const note = (name: string, was: unknown, is: unknown): boolean => {
    if (is === undefined || is === was) return false;
    fields.push([name, was, is]);
    return true;
  };
  const writes: UserWrites = {
    ...(note("displayName", user.displayName, displayName) && { displayName: displayName ?? "" }),
    ...(note("email", user.email, email) && {
      email: email == null ? null : { address: email, key: emailKey(email) },
    }),
    ...(note("active", user.active, active) && { active: active === true }),
    ...(add.length + remove.length > 0 && { roles: { add, remove } }),
  };
  if (writes.roles) {
    const names = isIn.map(({ name }) => name);
    const kept = isIn.filter(({ id }) => !remove.includes(id)).map(({ name }) => name);
    fields.push(["roles", names, [...kept, ...gives.map(({ name }) => name)].sort()]);
  }
  if (fields.length === 0) return { before, change: null };
  const side = (which: 1 | 2) =>
    Object.fromEntries(fields.map((field) => [field[0], field[which]]));
  return { before, change: { writes, gives, detail: { before: side(1), after: side(2) } } };
};

/**
 * @param readActing who changes it, as they are now
 * @param check looks at the user as they were found, such as for their version
 * @returns whether anything was changed
 * @throws AppError `not_found`, `name_taken`, `rights_exceeded`, `last_admin`, `validation_failed`,
 * `busy`, and what `check` does
 */
export const changeUser = async (
  { stores: { users, roles }, now }: ChangeUserDependencies,
  userId: string,
  edit: UserEdit,
  readActing: () => Awaitable<Adding>,
  check: (found: UserDetails) => void,
  audit: Omit<AuditEvent, "at" | "action" | "result">,
): Promise<boolean> => {
  const wanted = edit.roleIds ?? (edit.addRole === undefined ? [] : [edit.addRole]);
  const decision = await applyDecision(
    async () => {
      const acting = await readActing();
      const before = await users.read(userId);
      if (before === null) throw unknownUser();
      const found = wanted.length === 0 ? [] : await roles.readRights(wanted);
      return { acting, before, roles: new Map(found.map((role) => [role.id, role])) };
    },
    ({ acting, before, roles: found }) => {
      check(before);
      return decide(acting, before, edit, found);
    },
    async ({ acting }, { before, change }) => {
      if (change === null) return "applied";
      const at = now();
      const noticeOfEmail = (
        { user: { id, email } }: UserDetails,
        next: UserWrites["email"],
      ): NewNotice => ({
        userId: id,
        kind: "emailChanged",
        at,
        data: {
          ...(email !== null && { before: email }),
          ...(next != null && { after: next.address }),
        },
      });
      const outcome = await users.apply(
        before.user,
        {
          users: expectedOf(acting, before),
          roles: change.gives.map(({ id, epoch }) => ({ id, epoch })),
        },
        change.writes,
        {
          ...audit,
          at,
          action: "user.change",
          result: "success",
          subjectType: "user",
          subjectId: userId,
          detail: { ...audit.detail, ...change.detail },
        },
        change.writes.email === undefined ? null : noticeOfEmail(before, change.writes.email),
      );
      if (outcome === "nameTaken") {
        const detail = "This is somebody else's address.";
        throw new AppError("name_taken", {
          detail,
          errors: [{ pointer: "/email", code: "taken", detail }],
        });
      }
      if (outcome === "lastAdmin") throw lastAdmin();
      return outcome;
    },
  );
  return decision.change !== null;
};
