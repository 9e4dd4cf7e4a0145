const key = "sallyport-user-changed";

/**
 * Loads the page anew because it now belongs to somebody else, and leaves word for the page to
 * come.
 */
export const reloadForOtherUser = (): void => {
  try {
    sessionStorage.setItem(key, "yes");
  } catch {
    // Without storage the page is reloaded all the same, and says nothing.
  }
  window.location.reload();
};

/** Has this page been loaded because somebody else signed in? Says so once. */
export const takeUserChange = (): boolean => {
  try {
    const changed = sessionStorage.getItem(key) !== null;
    sessionStorage.removeItem(key);
    return changed;
  } catch {
    return false;
  }
};
