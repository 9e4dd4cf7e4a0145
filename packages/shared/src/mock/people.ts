/**
 * Who is signed in to the mock: it is the state that says so, as in an installation, and never
 * something beside it.
 */
import { endOfSession } from "../core/core.ts";
import { samplePeople } from "../sample/sample.ts";
import { forgetTokens, sessionInJar, storeCookies } from "./jar.ts";
import { beginSession } from "./begin-session.ts";
import type { MockSession } from "./state.ts";
import { endSessions, findUser, userOf, type World } from "./world.ts";

/**
 * Everybody that a page may be looked at as: the people of the sample, and somebody who has not
 * signed in.
 */
export const personas = [
  "visitor",
  ...(samplePeople.map(({ username }) => username) as readonly Person[]),
] as const;
type Person = "mica" | "mike" | "frida" | "nora" | "dan";
export type Persona = "visitor" | Person;

/** Ends what the browser is signed in to, as signing out does. */
export const signOut = (world: World): void => {
  const session = sessionInJar(world);
  endSessions(world.state, ({ id }) => id === session?.id, "signedOut", world.now());
  forgetTokens(world);
};

/**
 * Signs somebody in, in this browser, in the place of whoever was. Also somebody deactivated: then
 * they are signed in from before that.
 */
export const signInAs = (world: World, username: string, userAgent: string): void => {
  const { state, now } = world;
  const user = findUser(state, username);
  if (!user)
    throw new Error(
      `There is no ${username} in this installation. Put the scenario back to "normal" first, or call reset().`,
    );
  const cookies = beginSession(world, user, sessionInJar(world)?.id ?? null, userAgent);
  forgetTokens(world);
  storeCookies(state, cookies, now());
};

/**
 * The session that scenarios are about: the browser's, otherwise the one that began last. Null when
 * none is alive.
 */
export const presentSession = (world: World): MockSession | null => {
  const { state, now } = world;
  const isAlive = (session: MockSession): boolean =>
    endOfSession(session, userOf(state, session.userId)?.active === true, now()) === null;
  const inJar = sessionInJar(world);
  return inJar && isAlive(inJar)
    ? inJar
    : (state.sessions.findLast((session) => session.delivery === "body" && isAlive(session)) ??
        null);
};

/** The user name of who is signed in in this browser; `visitor` for nobody. */
export const personaOf = (world: World): string => {
  const session = sessionInJar(world);
  // A session that has ended is still what the browser holds: its page is that person's.
  return (session && userOf(world.state, session.userId)?.username) ?? "visitor";
};
