/** The token of a link's fragment, `#…`; null where there is none. */
export const linkTokenOf = (hash: string): string | null => {
  try {
    return decodeURIComponent(hash.replace(/^#(?:token=)?/, "")).trim() || null;
  } catch {
    return null;
  }
};

/**
 * Takes the token out of the address bar, and out of the history with it, before anyone sees or
 * copies it.
 */
export const takeTokenBy = (tokenOf: (hash: string) => string | null): string | null => {
  const token = tokenOf(window.location.hash);
  if (window.location.hash !== "")
    window.history.replaceState(
      window.history.state,
      "",
      window.location.pathname + window.location.search,
    );
  return token;
};

export const takeLinkToken = (): string | null => takeTokenBy(linkTokenOf);
