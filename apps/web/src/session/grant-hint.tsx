import { useCan } from "@sallyport/shared/react";
import type { ReactNode } from "react";
import { CommandHint } from "../ui/command-hint.tsx";

/** As a shell takes it for one word. */
const quoted = (name: string): string =>
  /^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", String.raw`'\''`)}'`;

/** How a section is granted to a user or a role, for whoever may grant them. */
export function GrantHint({
  holder,
  name,
  section = "SLUG",
}: {
  readonly holder: "user" | "role";
  readonly name: string;
  readonly section?: string;
}): ReactNode {
  const mayGrant = useCan({ permission: "grants:write" });
  if (!mayGrant) return null;
  return (
    <CommandHint command={`grants add --${holder} ${quoted(name)} --section ${section}`}>
      A section is granted by its slug.
    </CommandHint>
  );
}
