/** What stands in the cells of the table of grants, and why. Pure. */
import type { Contract, ResponseBody } from "@sallyport/shared/client";
import type { AccessReason } from "../../session/access-reasons.ts";

export type Grant = ResponseBody<Contract["GET /grants"]>["items"][number];

/** As grants name every section. */
export const everySection = "_all_";

/** Whoever has grants: a person with their roles, or a role. */
export interface Row {
  readonly kind: "user" | "role";
  readonly id: string;
  readonly name: string;
  /** The user name, or what a role is for. */
  readonly note: string;
  /** Of a person. */
  readonly roles: readonly { readonly id: string; readonly name: string }[];
}

export interface Column {
  /** The slug, or the wildcard. */
  readonly section: string;
  readonly title: string;
  readonly isPublic: boolean;
}

export const cellKey = (holderId: string, section: string): string => `${holderId} ${section}`;

/** Grants by their cell. */
export type GrantIndex = ReadonlyMap<string, Grant>;

export const indexGrants = (grants: Iterable<Grant>): GrantIndex => {
  const index = new Map<string, Grant>();
  for (const grant of grants)
    index.set(cellKey(grant.user?.id ?? grant.role?.id ?? "", grant.section), grant);
  return index;
};

/** Which cells are otherwise than before, of those that are known both times. */
export const cellsChanged = (
  before: { readonly index: GrantIndex; readonly isKnown: (key: string) => boolean },
  now: { readonly index: GrantIndex; readonly isKnown: (key: string) => boolean },
): readonly string[] => {
  const keys = new Set([...before.index.keys(), ...now.index.keys()]);
  return [...keys].filter(
    (key) =>
      before.index.get(key)?.etag !== now.index.get(key)?.etag &&
      before.isKnown(key) &&
      now.isKnown(key),
  );
};

const reasonOf = (
  kind: "user" | "role",
  name: string,
  { section, expiresAt }: Grant,
): AccessReason => ({
  kind,
  name,
  everySection: section === everySection,
  ...(expiresAt !== null && { expiresAt }),
});

/** By what somebody in this row sees this section, the grant that stands in the cell first. */
export const reasonsOf = (row: Row, column: Column, index: GrantIndex): readonly AccessReason[] => {
  const sections =
    column.section === everySection ? [everySection] : [column.section, everySection];
  const of = (kind: "user" | "role", id: string, name: string): readonly AccessReason[] =>
    sections.flatMap((section) => {
      const grant = index.get(cellKey(id, section));
      return grant ? [reasonOf(kind, name, grant)] : [];
    });
  return [
    ...of(row.kind, row.id, row.name),
    ...row.roles.flatMap(({ id, name }) => of("role", id, name)),
    ...(column.isPublic ? [{ kind: "public", name: "", everySection: false } as const] : []),
  ];
};
