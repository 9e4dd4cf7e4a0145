/**
 * What the last page of this origin knew about the session, so that the next one can begin with the
 * right request. Never a token.
 */
import { sharedNameOf } from "../contract/shared-name.ts";
import { orNull, type ClientEnvironment } from "./environment.ts";

export type Hint =
  | {
      readonly signedIn: false;
      /** By the user, so that nothing is left to go on with. */ readonly signedOut?: boolean;
    }
  | {
      readonly signedIn: true;
      readonly sessionId: string;
      readonly userId: string;
      /**
       * When the access token expires, by this device's clock: receipt plus `expiresIn`, in
       * milliseconds.
       */
      readonly expiresAt: number;
    };

export interface HintStore {
  /** `null` where nothing is known. */
  read(): Hint | null;
  write(hint: Hint): void;
  /** The same, and it counts as neither read nor written. */
  peek(): Hint | null;
  /** Another tab has written since this tab last read or wrote. */
  changedElsewhere(): boolean;
}

export const openHint = (
  name: string | null,
  environment: Pick<ClientEnvironment, "localStorage">,
): HintStore => {
  const storage = name === null ? null : environment.localStorage;
  let seen: string | null = null;
  const readText = (): string | null => {
    try {
      return storage?.getItem(name as string) ?? null;
    } catch {
      return null;
    }
  };
  const parse = (text: string | null): Hint | null => {
    try {
      const hint = JSON.parse(text ?? "null") as Record<string, unknown> | null;
      if (hint?.["signedIn"] === false)
        return { signedIn: false, signedOut: hint["signedOut"] === true };
      return typeof hint?.["userId"] === "string" &&
        typeof hint["expiresAt"] === "number" &&
        typeof hint["sessionId"] === "string"
        ? (hint as unknown as Hint)
        : null;
    } catch {
      return null;
    }
  };
  return {
    read: () => parse((seen = readText())),
    peek: () => parse(readText()),
    write: (hint) => {
      if (!storage) return;
      const text = JSON.stringify(hint);
      try {
        storage.setItem(name as string, text);
        seen = text;
      } catch {
        // A full or forbidden store costs one request on the next visit, nothing more.
      }
    },
    changedElsewhere: () => readText() !== seen,
  };
};

/**
 * Whether this browser remembers a session with this API whose access token is still good: for a
 * page that has something to ask before it has a client.
 */
export const remembersSession = (baseUrl: string): boolean => {
  const localStorage = orNull(() => globalThis.localStorage);
  const hint = openHint(sharedNameOf(baseUrl), { localStorage }).peek();
  return hint?.signedIn === true && hint.expiresAt > Date.now();
};
