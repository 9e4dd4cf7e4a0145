/** Who has done the first steps of this installation, or wants to read of them no more. */
const keyOf = (userId: string): string => `sallyport-first-steps-over ${userId}`;

export const areFirstStepsOver = (userId: string): boolean => {
  try {
    return localStorage.getItem(keyOf(userId)) !== null;
  } catch {
    return false;
  }
};

/** In this browser, which may keep nothing: then they are shown again. */
export const noteFirstStepsOver = (userId: string): void => {
  try {
    localStorage.setItem(keyOf(userId), "yes");
  } catch {
    // Nothing hangs on it.
  }
};
