/**
 * How access tokens of cookies and of programs are kept apart. A cookie's token is read by nobody
 * but us: a MAC is enough for it, under keys that nobody else has. A program's can be checked by
 * whoever holds the published keys. What a token says of itself decides nothing: algorithm and use
 * belong to the key, and the session's delivery says which it needs.
 */
import { AppError } from "../answering/errors.ts";

/** Which way an access token comes to us, and what its key is for. */
export type AccessTokenUse = "cookie" | "bearer";

export const accessTokenAlgorithms = { cookie: "HS256", bearer: "EdDSA" } as const satisfies Record<
  AccessTokenUse,
  string
>;

/** What the access tokens of a session are used for. Those of another use are none of its. */
export const accessTokenUseOf = (delivery: "cookie" | "body"): AccessTokenUse =>
  delivery === "cookie" ? "cookie" : "bearer";

/**
 * What a cookie holds is taken out of a cookie only, and what a program bears from that program
 * only: elsewhere it has come by theft.
 * @throws AppError `token_invalid`
 */
export const requireUseOfSession = (use: AccessTokenUse, delivery: "cookie" | "body"): void => {
  if (use !== accessTokenUseOf(delivery))
    throw new AppError("token_invalid", {
      detail:
        use === "cookie"
          ? "This access token was given to a program, and is not taken from a cookie."
          : "This access token was given in a cookie, and is not taken from a header.",
    });
};

/**
 * May a token that came this way be signed with a key for that use? Before there were keys for
 * cookies, those of programs signed their tokens as well. The next release takes such tokens no
 * more.
 */
export const isKeyForUse = (keyUse: AccessTokenUse, use: AccessTokenUse): boolean =>
  keyUse === use || use === "cookie";
