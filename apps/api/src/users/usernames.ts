/** What sign-in compares: normalised before anything else looks at it, so that two spellings are never two people. */
export const usernameKey = (username: string): string => username.normalize("NFKC").trim().toLowerCase();

export const emailKey = (email: string): string => email.normalize("NFKC").trim().toLowerCase();
