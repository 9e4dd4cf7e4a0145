/** People are added by those who may give what they are given. */
import { requireRights, type Rights } from "../access/decide-rights-change.ts";
import { AppError, type ValidationIssue } from "../answering/errors.ts";
import { applyDecision } from "../apply-decision.ts";
import type { AuditEvent } from "../audit/audit-store.ts";
import type { Awaitable } from "../awaitable.ts";
import type { Chance } from "../ports.ts";
import type { ExpectedRights, RoleRights, RoleStore } from "../users/role-store.ts";
import type { NewPerson, UserStore } from "../users/user-store.ts";
import { emailKey, usernameKey } from "../users/usernames.ts";
import { makePasswordLink, type MadeLink, type PasswordLinkMeans } from "./password-links.ts";

export interface PersonToAdd {
  readonly username: string;
  readonly displayName: string;
  readonly email: string | null;
  readonly roleIds: readonly string[];
}

/** Who adds somebody: a user as they were found, or the command line. */
export interface Adding extends Rights {
  /** Null for the command line. */
  readonly id: string | null;
  readonly expected: ExpectedRights["users"];
}

export interface AddedPerson {
  readonly id: string;
  readonly username: string;
  readonly link: MadeLink["told"];
}

export interface AddPeopleDependencies extends PasswordLinkMeans {
  readonly stores: {
    readonly users: Pick<UserStore, "add" | "findTaken">;
    readonly roles: Pick<RoleStore, "readRights">;
  };
  readonly chance: Pick<Chance, "newId" | "secret">;
  readonly now: () => number;
}

interface Found {
  readonly adding: Adding;
  readonly roles: ReadonlyMap<string, RoleRights>;
  readonly takenNames: ReadonlySet<string>;
  readonly takenAddresses: ReadonlySet<string>;
}

/** What is wrong with one of several people. */
export interface PersonIssue extends ValidationIssue {
  /** Which of them, from 0. */
  readonly index: number;
}

const issuesOf = (people: readonly PersonToAdd[], found: Found): PersonIssue[] => {
  const names = new Map<string, number>();
  const addresses = new Map<string, number>();
  return people.flatMap(({ username, email, roleIds }, index) => {
    const issues: PersonIssue[] = [];
    const report = (pointer: string, code: string, detail: string): void =>
      void issues.push({ index, pointer, code, detail });
    const name = usernameKey(username);
    if (found.takenNames.has(name))
      report("/username", "taken", "This is, or was, somebody's user name. Choose another.");
    else if (names.has(name))
      report("/username", "taken", "Somebody else here has this user name.");
    names.set(name, index);
    if (email !== null) {
      const address = emailKey(email);
      if (found.takenAddresses.has(address))
        report("/email", "taken", "This is somebody else's address.");
      else if (addresses.has(address))
        report("/email", "taken", "Somebody else here has this address.");
      addresses.set(address, index);
    }
    for (const [place, id] of roleIds.entries())
      if (!found.roles.has(id))
        report(`/roleIds/${place}`, "unknown_role", "There is no role of this id.");
    return issues;
  });
};

/**
 * Adds all of them, or nobody.
 * @param readAdding who adds them, as they are now
 * @param refuse throws what there is to say of these issues, where there are any
 * @param isTrial nobody is added, whatever comes of it
 * @throws AppError `rights_exceeded`, `busy`, and what `refuse` does
 */
export const addPeople = async (
  dependencies: AddPeopleDependencies,
  people: readonly PersonToAdd[],
  readAdding: () => Awaitable<Adding>,
  refuse: (issues: readonly PersonIssue[]) => never,
  audit: Omit<AuditEvent, "at" | "action" | "result" | "subjectType" | "subjectId">,
  isTrial = false,
): Promise<readonly AddedPerson[]> => {
  const { stores, chance, now } = dependencies;
  const roleIds = [...new Set(people.flatMap((person) => person.roleIds))];
  const read = async (): Promise<Found> => {
    const adding = await readAdding();
    const roles = await stores.roles.readRights(roleIds);
    const taken = await stores.users.findTaken(
      people.map(({ username }) => usernameKey(username)),
      people.flatMap(({ email }) => (email === null ? [] : [emailKey(email)])),
    );
    return {
      adding,
      roles: new Map(roles.map((role) => [role.id, role])),
      takenNames: new Set(taken.usernameKeys),
      takenAddresses: new Set(taken.emailKeys),
    };
  };
  const decide = (found: Found): readonly (AddedPerson & { readonly person: NewPerson })[] => {
    requireRights(found.adding, { gives: [...found.roles.values()] });
    const issues = issuesOf(people, found);
    if (issues.length > 0) refuse(issues);
    const at = now();
    return people.map(({ username, displayName, email, ...given }) => {
      const id = chance.newId("usr");
      const made = makePasswordLink(dependencies, id, found.adding.id, at);
      const user = {
        id,
        username: username.normalize("NFKC").trim(),
        displayName,
        email,
        emailVerified: false,
        passwordHash: null,
        active: true,
      };
      return {
        id,
        username: user.username,
        link: made.told,
        person: {
          user: {
            ...user,
            usernameKey: usernameKey(username),
            emailKey: email === null ? null : emailKey(email),
            createdAt: at,
          },
          roleIds: given.roleIds,
          link: made.stored,
          audit: {
            ...audit,
            at,
            action: "user.create",
            result: "success",
            subjectType: "user",
            subjectId: id,
            detail: {
              ...audit.detail,
              linkExpiresAt: made.told.linkExpiresAt,
              after: {
                username: user.username,
                displayName,
                email,
                roles: given.roleIds.flatMap((one) => found.roles.get(one)?.name ?? []).sort(),
              },
            },
          },
        },
      };
    });
  };
  if (isTrial) return decide(await read());
  return applyDecision(read, decide, async ({ adding, roles }, added) => {
    const outcome = await stores.users.add(
      added.map(({ person }) => person),
      {
        users: adding.expected,
        roles: [...roles.values()].map(({ id, epoch }) => ({ id, epoch })),
      },
    );
    // Whose name it is by now is told by reading again.
    return outcome === "added" ? "applied" : "changed";
  });
};

/** @throws AppError `name_taken` where that is all that is wrong, otherwise `validation_failed` */
export const refusePerson = (issues: readonly PersonIssue[]): never => {
  const errors = issues.map(({ pointer, code, detail }) => ({ pointer, code, detail }));
  const isTaken = errors.every(({ code }) => code === "taken");
  throw new AppError(isTaken ? "name_taken" : "validation_failed", {
    detail: errors.map(({ detail }) => detail).join(" "),
    errors,
  });
};
