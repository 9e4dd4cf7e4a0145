/**
 * The token of a wall screen. It is kept, since such a screen is loaded anew with nobody there: for
 * this tab, so that two screens of one machine may show two sections, and for the next tab, after
 * the machine itself has started anew.
 */
const key = "sallyport-display";

const stores = (): readonly Storage[] => {
  try {
    return [window.sessionStorage, window.localStorage];
  } catch {
    // Storage is forbidden: the address has to name the link each time.
    return [];
  }
};

/** Of the address first, out of which it is taken, before anyone sees or copies it. */
export const takeDisplayToken = (): string | null => {
  const [, given] = /^#(sp_dsp_[\w-]+)$/.exec(window.location.hash) ?? [];
  if (given === undefined)
    return stores().reduce<string | null>((found, store) => found ?? store.getItem(key), null);
  let kept = false;
  for (const store of stores())
    try {
      store.setItem(key, given);
      kept = true;
    } catch {
      // No room, or forbidden.
    }
  if (kept)
    window.history.replaceState(
      window.history.state,
      "",
      window.location.pathname + window.location.search,
    );
  return given;
};
