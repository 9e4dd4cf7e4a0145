import type { AppSession } from "./app-session.ts";

/**
 * Whether the browser gives back the cookies of the session that has just begun: one that drops
 * them does so without a word. Where the check itself gets no answer, it says yes, and the page to
 * come will tell.
 */
export const cookiesComeBack = async (app: AppSession): Promise<boolean> => {
  if (app.delivery() !== "cookie") return true;
  const found = await app
    .client()
    .checkCookies()
    .catch(() => null);
  return found === null || (found.access && found.refresh);
};
