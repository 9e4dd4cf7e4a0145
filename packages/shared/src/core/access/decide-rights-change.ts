/**
 * What somebody may give, and on whom they may act. Nobody gives what they do not have themselves,
 * and nobody acts on somebody who has more. Pure: everything it decides on is handed in.
 */
import {
  everySection,
  permissions as everyPermission,
  type Permission,
} from "../../contract/permissions.ts";
import { AppError } from "../answering/errors.ts";
import { lastsAsLong, type HeldGrant } from "./grants-in-force.ts";

/** What a user may do, or a role gives. */
export interface Rights {
  readonly permissions: readonly string[];
  /** Granted sections, or the wildcard, each until when. */
  readonly grants: readonly HeldGrant[];
}

/** Of whoever runs the installation, such as the command-line tool's. */
export const everyRight: Rights = {
  permissions: everyPermission,
  grants: [{ section: everySection, expiresAt: null }],
};

export interface RightsChange {
  /**
   * Of everybody who is changed, deactivated or deleted, whose sessions end, whose password is
   * chosen anew or to whom something is given; and of the role that is changed or deleted.
   */
  readonly actsOn?: readonly Rights[];
  /** What somebody has more by it: of roles that are given, permissions of a role, grants. */
  readonly gives?: readonly Rights[];
}

/** A permission that this version does not know gives nothing, so that anybody has it. */
const isKnown = (permission: string): permission is Permission =>
  (everyPermission as readonly string[]).includes(permission);

/**
 * What of these rights the actor does not have. A section counts as theirs where it is granted to
 * them for as long, or they may change sections and so could show it to themselves; that it is
 * public today does not count, since it may not be tomorrow.
 */
export const rightsBeyond = (
  actor: Rights,
  { permissions, grants }: Rights,
): { readonly permissions: readonly Permission[]; readonly sections: readonly string[] } => {
  const mayAllSections = actor.permissions.includes("sections:write");
  const isTheirs = ({ section, expiresAt }: HeldGrant): boolean =>
    actor.grants.some(
      (held) =>
        (held.section === section || held.section === everySection) &&
        lastsAsLong(held.expiresAt, expiresAt),
    );
  return {
    permissions: permissions.filter(
      (permission): permission is Permission =>
        isKnown(permission) && !actor.permissions.includes(permission),
    ),
    sections: mayAllSections
      ? []
      : grants.filter((grant) => !isTheirs(grant)).map(({ section }) => section),
  };
};

export const coversRights = (actor: Rights, rights: Rights): boolean => {
  const { permissions, sections } = rightsBeyond(actor, rights);
  return permissions.length === 0 && sections.length === 0;
};

export type RightsExcess = "actsOn" | "gives";

/**
 * @returns which side of it goes too far, or null where the actor may do it. On somebody with more
 * rights nothing at all may be done, so that is told first.
 */
export const decideRightsChange = (
  actor: Rights,
  { actsOn = [], gives = [] }: RightsChange,
): RightsExcess | null => {
  if (!actsOn.every((rights) => coversRights(actor, rights))) return "actsOn";
  if (!gives.every((rights) => coversRights(actor, rights))) return "gives";
  return null;
};

/** Sections are not named: whoever may not see one does not learn that it exists. */
const words = {
  actsOn:
    "You cannot change this: it has rights that you do not have, or takes something from somebody who has. Somebody with those rights can.",
  gives:
    "You cannot give rights that you do not have yourself. Somebody who has them can give them.",
} as const;

/** @param pointers which parts of the request go too far, where it has several */
export const rightsExceeded = (
  excess: RightsExcess,
  pointers: readonly string[] = [],
): AppError => {
  const detail = words[excess];
  const errors = pointers.map((pointer) => ({ pointer, code: "rights_exceeded", detail }));
  return new AppError("rights_exceeded", { detail, ...(errors.length > 0 && { errors }) });
};

/** @throws AppError `rights_exceeded` */
export const requireRights = (actor: Rights, change: RightsChange): void => {
  const excess = decideRightsChange(actor, change);
  if (excess !== null) throw rightsExceeded(excess);
};
