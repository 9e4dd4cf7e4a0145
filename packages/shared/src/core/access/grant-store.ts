/** A user or a role may see a section, or every one. */
export interface GrantChange {
  readonly add: boolean;
  readonly subject: { readonly username: string } | { readonly role: string };
  /** A slug, or the wildcard. */
  readonly section: string;
  readonly at: number;
}

export interface GrantStore {
  /** In force on the next request of whomever it concerns, and recorded in the audit trail. */
  change(change: GrantChange): Promise<"changed" | "unchanged" | "noSubject" | "noSection">;
}
