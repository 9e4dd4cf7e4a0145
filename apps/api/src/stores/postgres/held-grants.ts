import { sql, type SQL } from "drizzle-orm";
import { everySection } from "@sallyport/shared/contract";
import type { HeldGrant } from "@sallyport/shared/core";
import { grants, sections } from "./schema.ts";

/**
 * Grants as JSON, for a statement that reads a user's or a role's rights as one state of the
 * database.
 */
export const heldGrants = (condition: SQL): SQL<readonly HeldGrant[]> => {
  // drizzle names the tables of columns only where they stand in a part of an expression.
  const held = sql`select json_agg(json_build_object('section', coalesce(${sections.slug}, ${everySection}), 'expiresAt', ${grants.expiresAt})) from ${grants} left join ${sections} on ${sections.id} = ${grants.sectionId} where ${condition}`;
  return sql<readonly HeldGrant[]>`coalesce((${held}), '[]')`;
};
