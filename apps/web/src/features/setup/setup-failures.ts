import { ApiError, NetworkError } from "@sallyport/shared/client";
import { noAnswerInWords } from "../../session/connection-words.ts";
import { retryInWords } from "../../session/sign-in-failures.ts";

export const setupFields = ["token", "displayName", "username", "email", "password"] as const;
export type SetupField = (typeof setupFields)[number];
export type FieldErrors = Partial<Record<SetupField, string>>;

export interface SetupValues {
  readonly token: string;
  readonly displayName: string;
  readonly username: string;
  readonly email: string;
  readonly password: string;
}

export const shortestPassword = 15;

/** What can be said without asking the server. */
export const checkSetup = (values: SetupValues): FieldErrors => ({
  ...(values.token.trim() === "" && { token: "Enter the setup token." }),
  ...(values.displayName.trim() === "" && { displayName: "Enter your name." }),
  ...(values.username.trim() === "" && { username: "Choose a user name." }),
  ...(!/^\S+@\S+$/.test(values.email.trim()) && { email: "Enter an e-mail address." }),
  ...([...values.password].length < shortestPassword && {
    password: `Use at least ${shortestPassword} characters.`,
  }),
});

/** What the server refused: field by field where it says so, and one sentence otherwise. */
export const setupFailure = (
  error: unknown,
  now: Date,
): { readonly fields: FieldErrors; readonly message: string | null } => {
  if (error instanceof NetworkError)
    return {
      fields: {},
      message: noAnswerInWords(error),
    };
  if (!(error instanceof ApiError))
    return { fields: {}, message: "Something went wrong. Try again." };
  if (error.code === "one_use_token_invalid") {
    return {
      fields: {},
      message:
        "This setup link is not valid: it has been used, or it is older than 30 minutes. The person who runs this can have a new one printed.",
    };
  }
  if (error.code === "setup_done")
    return { fields: {}, message: "An admin exists already. Sign in instead." };
  if (error.code === "name_taken")
    return { fields: { username: "This name is taken. Choose another." }, message: null };
  if (error.code === "rate_limited" || error.code === "busy") {
    return {
      fields: {},
      message:
        error.retryAfterSeconds === undefined
          ? "Too many attempts at once. Try again in a moment."
          : `Too many attempts at once. ${retryInWords(error.retryAfterSeconds, now)}`,
    };
  }
  if (error.code === "validation_failed") {
    const fields: FieldErrors = {};
    for (const { pointer, detail } of error.problem.errors ?? []) {
      const field = setupFields.find((name) => pointer === `/${name}`);
      if (field && fields[field] === undefined) fields[field] = detail;
    }
    if (Object.keys(fields).length > 0) return { fields, message: null };
  }
  return { fields: {}, message: `${error.message} (request ${error.problem.requestId})` };
};
