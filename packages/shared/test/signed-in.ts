/** What tests of the client sign in with, and ask. */
import type { Tab, World } from "./fake-browser.ts";

export const credentialsOf = (user: string) => ({
  username: user,
  password: `sample-${user}-passphrase`,
});
export const accessLifeMs = 300_000;
export const notice = { params: { noticeId: "ntc_1mFh0Yw2o3RlHqBVhWQy0A" } };

/** A promise whose rejection is looked at later. */
export const later = <T>(promise: Promise<T>): Promise<T> => {
  promise.catch(() => undefined);
  return promise;
};

export const userOf = (answer: unknown): unknown => (answer as { for: unknown }).for;

export const signIn = (world: World, tab: Tab, user = "mike") =>
  world.until(tab.client.signIn(credentialsOf(user)));
