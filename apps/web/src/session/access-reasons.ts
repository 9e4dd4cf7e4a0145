import { formatDateTime } from "../ui/times.ts";

/** By what somebody may open a section. */
export interface AccessReason {
  readonly kind: "user" | "role" | "public";
  /** Of the user or the role. */
  readonly name: string;
  /** By a grant of every section. */
  readonly everySection: boolean;
  readonly expiresAt?: string;
}

export const reasonInWords = ({ kind, name, everySection, expiresAt }: AccessReason): string => {
  if (kind === "public") return "it is open to everybody";
  const all = everySection ? ", which sees every section" : "";
  const end = expiresAt === undefined ? "" : `, until ${formatDateTime(new Date(expiresAt))}`;
  return kind === "role"
    ? `the role ${name}${all}${end}`
    : `a grant of their own${everySection ? " of every section" : ""}${end}`;
};
