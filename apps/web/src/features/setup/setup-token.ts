/** The token of a setup link's fragment, `#token=…`; `null` where there is none. */
export const setupTokenOf = (hash: string): string | null =>
  new URLSearchParams(hash.replace(/^#/, "")).get("token") || null;

/**
 * Takes the token out of the address bar, and out of the history with it, before anyone sees or
 * copies it.
 */
export const takeSetupToken = (): string | null => {
  const token = setupTokenOf(window.location.hash);
  if (window.location.hash !== "")
    window.history.replaceState(
      window.history.state,
      "",
      window.location.pathname + window.location.search,
    );
  return token;
};
