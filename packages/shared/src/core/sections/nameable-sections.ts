import type { Actor } from "../access/acting.ts";
import { everySection } from "../../contract/permissions.ts";
import type { SectionStore } from "./section-store.ts";

/**
 * Which sections somebody may be told of by name: those that a list tells them of anyway, and those
 * that they may open, public ones among them. The wildcard names none.
 */
export const readNameable = async (
  sections: Pick<SectionStore, "listLinks">,
  { permissions, sections: granted }: Pick<Actor, "permissions" | "sections">,
): Promise<(slug: string) => boolean> => {
  if (permissions.includes("sections:read") || permissions.includes("grants:read"))
    return () => true;
  const links = await sections.listLinks(granted);
  const known = new Set<string>([everySection, ...links.map(({ slug }) => slug)]);
  return (slug) => known.has(slug);
};
