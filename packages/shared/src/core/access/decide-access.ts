/** Who may do what. Pure: everything it decides on is handed in, and it knows no HTTP. */
import type { Access, SimpleAccess } from "../../contract/endpoint.ts";
import type { ErrorCode } from "../../contract/error-codes.ts";
import { everySection, type Permission } from "../../contract/permissions.ts";

export type SectionVisibility = "restricted" | "public";

export interface Subject {
  /** The caller's granted sections; null for a visitor. */
  readonly sections: readonly string[] | null;
  readonly permissions: readonly string[];
}

/** @param visibility null when no such section exists */
export const maySeeSection = (
  sections: readonly string[] | null,
  slug: string,
  visibility: SectionVisibility | null,
): boolean =>
  visibility === "public" ||
  (visibility === "restricted" &&
    sections !== null &&
    (sections.includes(everySection) || sections.includes(slug)));

const mayUse = (permissions: readonly string[], permission: Permission): boolean =>
  permissions.includes(permission);

/**
 * @param section the section in the path and what is known of it, where the access names one
 * @returns null when it is allowed, otherwise the code of the refusal
 */
export const decideAccess = (
  access: SimpleAccess,
  subject: Subject,
  section: { readonly slug: string; readonly visibility: SectionVisibility | null } | null,
): ErrorCode | null => {
  if (
    access === "public" ||
    access === "public-or-signed-in" ||
    access === "refresh-token" ||
    access === "one-use-token"
  )
    return null;
  const isVisitor = subject.sections === null;
  if (typeof access === "object" && "section" in access) {
    if (section && maySeeSection(subject.sections, section.slug, section.visibility)) return null;
    // Unknown and forbidden are the same answer, to a visitor as well.
    return isVisitor ? "token_missing" : "section_forbidden";
  }
  if (isVisitor) return "token_missing";
  if (access === "signed-in") return null;
  const needed = [access.permission, access.andPermission ?? access.permission];
  return needed.every((one) => mayUse(subject.permissions, one)) ? null : "forbidden";
};

/** The access that this very request needs, where it depends on a query parameter. */
export const accessAsked = (
  access: Access,
  query: Readonly<Record<string, string | readonly string[]>>,
): SimpleAccess =>
  typeof access === "object" && "otherwise" in access
    ? query[access.when.query] === access.when.is
      ? access.when.access
      : access.otherwise
    : access;
