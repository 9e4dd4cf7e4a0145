/** Grants are given, changed and taken: whoever asks for it, and however much of it, comes here. */
import type { Awaitable } from "../awaitable.ts";
import { AppError, type ValidationIssue } from "../answering/errors.ts";
import { applyDecision } from "../apply-decision.ts";
import type { AuditEvent } from "../audit/audit-store.ts";
import { everySection } from "../../contract/permissions.ts";
import { requireMatch } from "../answering/entity-tags.ts";
import type { Chance } from "../ports.ts";
import type { ExpectedRights, RoleStore } from "../users/role-store.ts";
import type { UserStore } from "../users/user-store.ts";
import type { Actor } from "./acting.ts";
import type { RequestAnswer } from "./access-request-store.ts";
import {
  decideRightsChange,
  rightsExceeded,
  type Rights,
  type RightsExcess,
} from "./decide-rights-change.ts";
import type {
  FoundGrants,
  GrantHolder,
  GrantStore,
  GrantWrites,
  NamedGrant,
} from "./grant-store.ts";
import { expiryOf } from "./grant-expiry.ts";
import { isInForce, lastsAsLong, type HeldGrant } from "./grants-in-force.ts";
import { readRoleMembers, type RoleMembers } from "./role-members.ts";

/** Who changes grants, and what of them has to be so still: nothing of the command line. */
export interface GrantActor extends Rights {
  readonly expected: ExpectedRights["users"];
}

export const actingUser = (actor: Actor): GrantActor => ({
  ...actor,
  expected: [{ id: actor.id, epoch: actor.epoch }],
});

/** One thing that is asked for. Times are milliseconds since 1970. */
export type GrantWish =
  | {
      /** From now on the holder has this grant, until then; null for good. */
      readonly kind: "give";
      readonly holder: GrantHolder;
      readonly section: string;
      readonly expiresAt: number | null;
      /** Where it stands in the request. */
      readonly pointer: string;
      /**
       * What becomes of one that is there already and ends at another time: it is refused, it ends
       * at the new one, or it ends at the later of both.
       */
      readonly other: "refuse" | "replace" | "extend";
      /** Only if the grant is the one of this tag; null for only if there is none. */
      readonly seen?: string | null;
    }
  | {
      readonly kind: "change";
      readonly grantId: string;
      readonly expiresAt: number | null;
      readonly ifMatch: string | undefined;
    }
  | {
      readonly kind: "take";
      readonly grantId: string;
      /** Left out by whom it does not matter to: who takes one that is gone has what they want. */
      readonly condition?: { readonly ifMatch: string | undefined };
      /** Where it stands in a request of several. */
      readonly pointer?: string;
      /** Only if the grant is the one of this tag; one that is gone is passed over all the same. */
      readonly seen?: string;
    };

export interface GrantDependencies {
  readonly stores: {
    readonly grants: Pick<GrantStore, "apply" | "find">;
    readonly roles: Pick<RoleStore, "readMembers" | "readRights">;
    readonly users: Pick<UserStore, "readRights">;
  };
  readonly chance: Pick<Chance, "newId">;
  readonly now: () => number;
}

export interface GrantDecision {
  /** As they are afterwards, in the order in which they were asked for. */
  readonly given: readonly NamedGrant[];
  /** Those that were there and are no more. */
  readonly taken: readonly string[];
  readonly expected: ExpectedRights;
  readonly writes: GrantWrites;
}

/** All that can be changed in a grant is its end, so that the tag is made of it. */
export const tagOfGrant = ({ expiresAt }: Pick<NamedGrant, "expiresAt">): string =>
  `"${expiresAt ?? 0}"`;

export const unknownGrant = (): AppError =>
  new AppError("not_found", { detail: "There is no grant of this id." });

const keyOf = (holder: GrantHolder): string => ("userId" in holder ? holder.userId : holder.roleId);
const cellOf = (holder: GrantHolder, section: string): string =>
  JSON.stringify([keyOf(holder), section]);
const isoOf = (expiresAt: number | null): string | null =>
  expiresAt === null ? null : new Date(expiresAt).toISOString();

interface Holder extends Rights {
  readonly holder: GrantHolder;
  readonly epoch: number;
  readonly user: NamedGrant["user"];
  readonly role: NamedGrant["role"];
}

/** Those that there are, whether they have ended or not. */
interface KnownGrants {
  readonly byId: ReadonlyMap<string, NamedGrant>;
  readonly byCell: ReadonlyMap<string, NamedGrant>;
}

interface Found extends KnownGrants, Pick<FoundGrants, "titles"> {
  readonly acting: GrantActor;
  /** By id. */
  readonly holders: ReadonlyMap<string, Holder>;
  /** Of each role that loses something, by its id. */
  readonly members: ReadonlyMap<string, RoleMembers>;
}

/** The grant that its holder has no longer, or for less long, by this wish; null for none. */
const lostBy = (wish: GrantWish, { byId, byCell }: KnownGrants, at: number): NamedGrant | null => {
  const grant =
    wish.kind === "give" ? byCell.get(cellOf(wish.holder, wish.section)) : byId.get(wish.grantId);
  if (grant === undefined || !isInForce(grant, at)) return null;
  if (wish.kind === "take") return grant;
  if (wish.kind === "give" && wish.other !== "replace") return null;
  return lastsAsLong(wish.expiresAt, grant.expiresAt) ? null : grant;
};

type Wanted = Parameters<GrantStore["find"]>[0];

/**
 * What is asked for, holders of the same sections together: all holders by all sections could be
 * as many as everybody's grants, of which hardly any are meant.
 */
const wantedOf = (wishes: readonly GrantWish[]): Wanted[] => {
  const ofHolder = new Map<string, { holder: GrantHolder; sections: Set<string> }>();
  for (const wish of wishes) {
    if (wish.kind !== "give") continue;
    const known = ofHolder.get(keyOf(wish.holder));
    if (known) known.sections.add(wish.section);
    else
      ofHolder.set(keyOf(wish.holder), {
        holder: wish.holder,
        sections: new Set([wish.section]),
      });
  }
  const alike = new Map<string, { userIds: string[]; roleIds: string[]; sections: string[] }>();
  for (const { holder, sections: named } of ofHolder.values()) {
    const sections = [...named].sort();
    const together = JSON.stringify(sections);
    const group = alike.get(together) ?? { userIds: [], roleIds: [], sections };
    alike.set(together, group);
    if ("userId" in holder) group.userIds.push(holder.userId);
    else group.roleIds.push(holder.roleId);
  }
  return [...alike.values()].map((group) => ({ ids: [], ...group }));
};

/** Their epochs come before their grants, so that what changes between is noticed. */
const find = async (
  { stores, now }: GrantDependencies,
  wishes: readonly GrantWish[],
  readActing: () => Awaitable<GrantActor>,
): Promise<Found> => {
  const ids = wishes.flatMap((wish) => (wish.kind === "give" ? [] : [wish.grantId]));
  const none = { ids: [], userIds: [], roleIds: [], sections: [] };
  const named = ids.length === 0 ? [] : (await stores.grants.find({ ...none, ids })).grants;
  const all = [
    ...named.map(({ holder }) => holder),
    ...wishes.flatMap((wish) => (wish.kind === "give" ? [wish.holder] : [])),
  ];
  const userIds = [...new Set(all.flatMap((one) => ("userId" in one ? one.userId : [])))];
  const roleIds = [...new Set(all.flatMap((one) => ("roleId" in one ? one.roleId : [])))];
  const acting = await readActing();
  const holders = new Map<string, Holder>();
  for (const userId of userIds) {
    const rights = await stores.users.readRights(userId);
    if (!rights) continue;
    const { user, permissions, grants } = rights;
    holders.set(userId, {
      holder: { userId },
      epoch: user.epoch,
      permissions,
      grants,
      user: { username: user.username, displayName: user.displayName },
      role: null,
    });
  }
  if (roleIds.length > 0)
    for (const { id, name, ...rights } of await stores.roles.readRights(roleIds))
      holders.set(id, { ...rights, holder: { roleId: id }, user: null, role: { name } });
  const byId = new Map<string, NamedGrant>();
  const byCell = new Map<string, NamedGrant>();
  const titles = new Map<string, string>();
  for (const wanted of [...(ids.length === 0 ? [] : [{ ...none, ids }]), ...wantedOf(wishes)]) {
    const found = await stores.grants.find(wanted);
    for (const grant of found.grants) {
      byId.set(grant.id, grant);
      byCell.set(cellOf(grant.holder, grant.section), grant);
    }
    for (const [slug, title] of found.titles) titles.set(slug, title);
  }
  const members = new Map<string, RoleMembers>();
  for (const wish of wishes) {
    const holder = lostBy(wish, { byId, byCell }, now())?.holder;
    if (holder && "roleId" in holder && !members.has(holder.roleId))
      members.set(holder.roleId, await readRoleMembers(stores.roles, holder.roleId));
  }
  return { byId, byCell, titles, acting, holders, members };
};

/**
 * @throws AppError `rights_exceeded`, `validation_failed`, `not_found`, `grant_exists`,
 * `precondition_required`, `precondition_failed`
 */
const decide = (
  { chance, now }: GrantDependencies,
  wishes: readonly GrantWish[],
  { acting, holders, members, byId, byCell, titles }: Found,
  audit: Omit<AuditEvent, "at" | "action" | "result" | "subjectType" | "subjectId">,
): GrantDecision => {
  const at = now();
  const issues: ValidationIssue[] = [];
  const given: NamedGrant[] = [];
  const remove = new Set<string>();
  const taken: string[] = [];
  const change: GrantWrites["change"][number][] = [];
  const add: NamedGrant[] = [];
  const events: AuditEvent[] = [];
  const cells = new Set<string>();

  const record = (
    action: "grant.add" | "grant.change" | "grant.remove",
    { holder, section }: Pick<NamedGrant, "holder" | "section">,
    before: number | null | undefined,
    after: number | null | undefined,
  ): void => {
    const side = (end: number | null | undefined) =>
      end === undefined ? null : { expiresAt: isoOf(end) };
    events.push({
      ...audit,
      at,
      action,
      result: "success",
      subjectType: "userId" in holder ? "user" : "role",
      subjectId: keyOf(holder),
      detail: { ...audit.detail, section, before: side(before), after: side(after) },
    });
  };
  const changeEnd = (grant: NamedGrant, expiresAt: number | null): void => {
    given.push({ ...grant, expiresAt });
    if (grant.expiresAt === expiresAt) return;
    change.push({ id: grant.id, expiresAt });
    record("grant.change", grant, grant.expiresAt, expiresAt);
  };
  /** One that has ended is no grant any more, though its row may still be there. */
  const inForce = (grantId: string): NamedGrant | undefined => {
    const found = byId.get(grantId);
    return found && isInForce(found, at) && holders.has(keyOf(found.holder)) ? found : undefined;
  };
  const excesses: { readonly pointer: string; readonly excess: RightsExcess }[] = [];
  const actOn = (
    wish: GrantWish,
    holder: GrantHolder,
    gives: readonly HeldGrant[],
    pointer = "",
  ): void => {
    const rights = holders.get(keyOf(holder));
    const loses = lostBy(wish, { byId, byCell }, at) !== null;
    const losing = loses ? members.get(keyOf(holder)) : undefined;
    const excess = decideRightsChange(acting, {
      actsOn: [...(rights ? [rights] : []), ...(losing?.rights ?? [])],
      gives: [{ permissions: [], grants: gives }],
    });
    if (excess !== null) excesses.push({ pointer, excess });
  };
  // First of all, so that nobody learns whether there is a section that they may not give.
  for (const wish of wishes) {
    if (wish.kind === "give") {
      const { holder, section, expiresAt, pointer } = wish;
      if (holders.has(keyOf(holder))) actOn(wish, holder, [{ section, expiresAt }], pointer);
      continue;
    }
    const grant = inForce(wish.grantId);
    if (!grant) continue;
    const gives =
      wish.kind === "change" ? [{ section: grant.section, expiresAt: wish.expiresAt }] : [];
    actOn(wish, grant.holder, gives, wish.kind === "take" ? wish.pointer : "");
  }
  const [excess] = excesses;
  if (excess)
    throw rightsExceeded(
      excess.excess,
      excesses.map(({ pointer }) => pointer).filter((pointer) => pointer !== ""),
    );
  const outdated: ValidationIssue[] = [];
  const requireSeen = (
    seen: string | null | undefined,
    grant: NamedGrant | undefined,
    pointer: string,
  ): void => {
    if (seen === undefined || seen === (grant ? tagOfGrant(grant) : null)) return;
    const detail = "This grant has been given, changed or taken by somebody else meanwhile.";
    outdated.push({ pointer, code: "changed", detail });
  };
  const requireFuture = (expiresAt: number | null, pointer: string): void => {
    if (expiresAt === null || expiresAt > at) return;
    issues.push({ pointer, code: "past", detail: "This must be in the future." });
  };

  for (const wish of wishes) {
    if (wish.kind === "give") continue;
    const grant = inForce(wish.grantId);
    if (!grant) {
      if (wish.kind === "take" && wish.condition === undefined) continue;
      throw unknownGrant();
    }
    if (wish.kind === "take") requireSeen(wish.seen, grant, wish.pointer ?? "");
    const condition = wish.kind === "change" ? wish : wish.condition;
    if (condition !== undefined) requireMatch(condition.ifMatch, tagOfGrant(grant));
    if (wish.kind === "change") {
      requireFuture(wish.expiresAt, "/expiresAt");
      changeEnd(grant, wish.expiresAt);
      continue;
    }
    if (remove.has(grant.id)) continue;
    remove.add(grant.id);
    taken.push(grant.id);
    record("grant.remove", grant, grant.expiresAt, undefined);
  }

  for (const wish of wishes) {
    if (wish.kind !== "give") continue;
    const { holder, section, expiresAt, pointer, other } = wish;
    const refuse = (member: string, code: string, detail: string): void =>
      void issues.push({ pointer: `${pointer}/${member}`, code, detail });
    const found = holders.get(keyOf(holder));
    if (!found) {
      if ("userId" in holder) refuse("userId", "unknown_user", "There is no user of this id.");
      else refuse("roleId", "unknown_role", "There is no role of this id.");
      continue;
    }
    const cell = cellOf(holder, section);
    if (cells.has(cell)) refuse("section", "duplicate", "This grant is named twice.");
    cells.add(cell);
    if (section !== everySection && !titles.has(section))
      refuse("section", "unknown_section", "There is no section of this address.");
    requireFuture(expiresAt, `${pointer}/expiresAt`);
    const known = byCell.get(cell);
    const there = known && !remove.has(known.id) ? known : undefined;
    requireSeen(wish.seen, there && isInForce(there, at) ? there : undefined, pointer);
    if (there && isInForce(there, at)) {
      if (other === "refuse") throw new AppError("grant_exists");
      const isLonger =
        other === "extend" &&
        (there.expiresAt === null || (expiresAt !== null && there.expiresAt > expiresAt));
      changeEnd(there, isLonger ? there.expiresAt : expiresAt);
      continue;
    }
    if (there) {
      // It has ended, and nobody has cleared it away yet.
      remove.add(there.id);
      events.push(expiryOf(there, at));
    }
    const grant: NamedGrant = {
      id: chance.newId("grt"),
      holder,
      section,
      expiresAt,
      createdAt: at,
      user: found.user,
      role: found.role,
      title: titles.get(section) ?? null,
    };
    add.push(grant);
    given.push(grant);
    record("grant.add", grant, undefined, expiresAt);
  }

  if (issues.length > 0)
    throw new AppError("validation_failed", {
      detail: issues.map(({ detail }) => detail).join(" "),
      errors: issues,
    });
  if (outdated.length > 0)
    throw new AppError("precondition_failed", {
      detail:
        "Nothing was changed: some of these grants are not as they were read any more. Read them again, and send their `etag` with your change.",
      errors: outdated,
    });
  const concerned = [...holders.values()];
  const concernedRoles = concerned.flatMap(({ holder, epoch }) =>
    "roleId" in holder ? [{ id: holder.roleId, epoch }] : [],
  );
  const rolesOfMembers = [...members.values()].flatMap(({ expected }) => expected);
  const isActor = (id: string): boolean => acting.expected.some((one) => one.id === id);
  return {
    given,
    taken,
    expected: {
      users: [
        ...acting.expected,
        ...concerned.flatMap(({ holder, epoch }) =>
          "userId" in holder && !isActor(holder.userId) ? [{ id: holder.userId, epoch }] : [],
        ),
      ],
      // Of two epochs of one role, the one that was read first is what it has to have still.
      roles: [
        ...new Map(
          [...concernedRoles, ...rolesOfMembers].toReversed().map((role) => [role.id, role]),
        ).values(),
      ],
    },
    writes: { remove: [...remove], change, add, audit: events },
  };
};

/**
 * All that is asked for, or nothing.
 * @param readActing who changes them, as they are now: asked for again where something came between
 * @param along the request that is answered by it, whether or not a grant is changed
 * @throws AppError `rights_exceeded`, `validation_failed`, `not_found`, `grant_exists`,
 * `precondition_required`, `precondition_failed`, `busy`, and what `readActing` throws
 */
export const changeGrants = (
  dependencies: GrantDependencies,
  wishes: readonly GrantWish[],
  readActing: () => Awaitable<GrantActor>,
  audit: Omit<AuditEvent, "at" | "action" | "result" | "subjectType" | "subjectId">,
  along?: { readonly answer: RequestAnswer; readonly audit: AuditEvent },
): Promise<GrantDecision> =>
  applyDecision(
    () => find(dependencies, wishes, readActing),
    (found) => {
      const decision = decide(dependencies, wishes, found, audit);
      if (along === undefined) return decision;
      const { writes } = decision;
      const events = [...writes.audit, along.audit];
      return { ...decision, writes: { ...writes, audit: events, answer: along.answer } };
    },
    (_, { expected, writes }) =>
      writes.audit.length === 0 ? "applied" : dependencies.stores.grants.apply(expected, writes),
  );
