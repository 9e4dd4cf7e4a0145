import { takeTokenBy } from "../../session/link-token.ts";

/** The token of a setup link's fragment, `#token=…`; `null` where there is none. */
export const setupTokenOf = (hash: string): string | null =>
  new URLSearchParams(hash.replace(/^#/, "")).get("token") || null;

export const takeSetupToken = (): string | null => takeTokenBy(setupTokenOf);
