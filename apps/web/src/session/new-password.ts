/** What is said of a new password while it is typed: by the rules that the server refuses it by. */
import { checkPassword } from "@sallyport/shared/core";
import { shortestPassword } from "./shortest-password.ts";

/** Long enough to be strong whatever it is made of. */
const comfortable = 20;

export interface PasswordWords {
  /** `short`: there is more to come. `bad`: the server would refuse it. */
  readonly is: "short" | "bad" | "good";
  readonly text: string;
}

/**
 * @param about what the password must not be made of: the names and the address of its user
 * @returns null where nothing has been typed
 */
export const passwordInWords = (
  password: string,
  about: readonly string[],
): PasswordWords | null => {
  if (password === "") return null;
  // The list of those that are tried first is the server's.
  const weakness = checkPassword(password, about, () => false);
  const length = [...password].length;
  switch (weakness?.code) {
    case undefined:
      return length < comfortable
        ? { is: "good", text: "Long enough. Another word makes it stronger." }
        : { is: "good", text: "Strong, unless it is a saying that many know." };
    case "password_too_short":
      return {
        is: "short",
        text: `Too short by ${shortestPassword - length} ${shortestPassword - length === 1 ? "character" : "characters"}.`,
      };
    case "password_common":
      return {
        is: "bad",
        text: "Easily guessed: it is one pattern from beginning to end. Take words that do not belong together.",
      };
    case "password_about_you":
      return {
        is: "bad",
        text: "Easily guessed: it is made of your name or address. Take other words.",
      };
    default:
      return { is: "bad", text: weakness?.detail ?? "" };
  }
};
