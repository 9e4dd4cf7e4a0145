/** The browser's cookies for the API. */
import { defaults, readCookie } from "../core/core.ts";
import type { MockSession, MockState } from "./state.ts";
import { refreshTokensOf } from "./tokens.ts";
import type { World } from "./world.ts";

/** Does with Set-Cookie values what a browser does that lets them in. */
export const storeCookies = (state: MockState, values: readonly string[], now: number): void => {
  for (const value of values) {
    // After a reload they are still there: nobody tells the mock that a browser was closed.
    const [, name, content = "", life = defaults.sessionAbsoluteSeconds, path] =
      /^([^=]+)=([^;]*)(?:; Max-Age=(\d+))?; Path=([^;]+)/.exec(value) ?? [];
    if (name === undefined) throw new Error(`The mock cannot read the cookie ${value}`);
    // Cookies of another path are others, and none of them is ever set.
    if (path !== "/") continue;
    state.jar = state.jar.filter((cookie) => cookie.name !== name);
    if (life !== "0")
      state.jar.push({ name, value: content, expiresAt: now + Number(life) * 1000 });
  }
};

/** The value of the header Cookie; undefined where there is none to send. */
export const cookieHeaderOf = (state: MockState, now: number): string | undefined => {
  const live = state.jar.filter(({ expiresAt }) => expiresAt > now);
  return live.length === 0
    ? undefined
    : live.map(({ name, value }) => `${name}=${value}`).join("; ");
};

/** What signing out leaves: the device stays known. */
export const forgetTokens = ({ state, cookies }: World): void => {
  state.jar = state.jar.filter(({ name }) => name === cookies.deviceName);
};

/** The session whose refresh token the browser holds, alive or not. */
export const sessionInJar = ({ state, cookies, now }: World): MockSession | null => {
  const text = readCookie(cookieHeaderOf(state, now()), cookies.refreshName);
  const token = typeof text === "string" ? refreshTokensOf(() => state).read(text) : null;
  return state.sessions.find(({ id }) => id === token?.sessionId) ?? null;
};
