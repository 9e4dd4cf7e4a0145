/**
 * Some requests want more than a live session: that who asks has proved within the last minutes who
 * they are. Asked of the session's row, whatever its access token says: a step-up counts from the
 * next request, whichever of the tokens comes with it.
 */
import type { FreshSignIn } from "../../contract/endpoint.ts";
import type { Caller } from "../answering/endpoint.ts";
import { AppError } from "../answering/errors.ts";

/** A sign-in or a step-up that is as old as this is fresh no more. */
export const freshSignInMilliseconds = 5 * 60_000;

/** What the clock says is yet to come is as recent as can be: it has been set back. */
export const isFreshSignIn = (authTime: number, now: number): boolean =>
  now - authTime < freshSignInMilliseconds;

/** @throws AppError `fresh_sign_in_required` */
export const requireFreshSignIn = ({ authTime }: Pick<Caller, "authTime">, now: number): void => {
  if (!isFreshSignIn(authTime, now)) throw new AppError("fresh_sign_in_required");
};

const isGiven = (value: unknown): boolean =>
  value !== undefined &&
  value !== null &&
  value !== false &&
  !(Array.isArray(value) && value.length === 0);

/** Is this one of the requests that want it? @param body as it has been checked */
export const wantsFreshSignIn = (fresh: FreshSignIn, body: unknown): boolean =>
  fresh === true ||
  Object.entries(fresh).some(([member, values]) => {
    const value = (body as Readonly<Record<string, unknown>> | undefined)?.[member];
    return values === "given" ? isGiven(value) : values.some((one) => one === value);
  });
