import type { Failure, FailureWords } from "../../session/failures.ts";
import { shortestPassword } from "../../session/shortest-password.ts";

export const setupFields = ["token", "displayName", "username", "email", "password"] as const;
export type SetupField = (typeof setupFields)[number];

export interface SetupValues {
  readonly token: string;
  readonly displayName: string;
  readonly username: string;
  readonly email: string;
  readonly password: string;
}

/** What can be said without asking the server. */
export const checkSetup = (values: SetupValues): Failure<SetupField> | null => {
  const fields = {
    ...(values.token.trim() === "" && { token: "Enter the setup token." }),
    ...(values.displayName.trim() === "" && { displayName: "Enter your name." }),
    ...(values.username.trim() === "" && { username: "Choose a user name." }),
    ...(!/^\S+@\S+$/.test(values.email.trim()) && { email: "Enter an e-mail address." }),
    ...([...values.password].length < shortestPassword && {
      password: `Use at least ${shortestPassword} characters.`,
    }),
  };
  return Object.keys(fields).length > 0 ? { fields, message: null } : null;
};

/** What the server may refuse, in this page's words. */
export const setupWords: FailureWords<SetupField> = {
  fields: setupFields,
  codes: {
    one_use_token_invalid:
      "This setup link is not valid: it has been used, or it is older than 30 minutes. The person who runs this can have a new one printed.",
    setup_done: "An admin exists already. Sign in instead.",
    name_taken: { field: "username", text: "This name is taken. Choose another." },
  },
};
