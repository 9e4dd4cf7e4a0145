import { encodeBase64Url, type OneUseToken, type OneUseTokenStore } from "../../core/core.ts";
import type { MockOneUseToken, MockState } from "../state.ts";
import { addEvent } from "./audit.ts";
import { addNotice } from "./notices.ts";
import type { Parts } from "./parts.ts";
import { areAsRead } from "./as-read.ts";

/** A token that may still be used for that. */
export const findOneUseToken = (
  { oneUseTokens }: Pick<MockState, "oneUseTokens">,
  purposes: readonly OneUseToken["purpose"][],
  hash: Uint8Array,
  at: number,
): MockOneUseToken | null =>
  oneUseTokens.find(
    (token) =>
      purposes.includes(token.purpose) &&
      token.tokenHash === encodeBase64Url(hash) &&
      token.expiresAt > at,
  ) ?? null;

/** On which a user chooses a password. */
export const passwordPurposes = ["password", "passwordReset"] as const;

/** No link of before works any more. */
export const removeOneUseTokens = (
  state: MockState,
  of: string,
  purposes: readonly OneUseToken["purpose"][],
): void => {
  state.oneUseTokens = state.oneUseTokens.filter(
    ({ userId, purpose }) => userId !== of || !purposes.includes(purpose),
  );
};

/** Forgets what has expired by then, too. */
export const pushOneUseToken = (state: MockState, { tokenHash, ...token }: OneUseToken): void => {
  state.oneUseTokens = [
    ...state.oneUseTokens.filter(({ expiresAt }) => expiresAt >= token.createdAt),
    { ...token, tokenHash: encodeBase64Url(tokenHash) },
  ];
};

/** What has been used is forgotten. */
export const createOneUseTokenStore = (parts: Parts): OneUseTokenStore => ({
  isUsable: (tokenHash, at) => findOneUseToken(parts.state(), ["setup"], tokenHash, at) !== null,
  findPasswordLink: (tokenHash, at) => {
    const found = findOneUseToken(parts.state(), passwordPurposes, tokenHash, at);
    if (!found?.userId) return null;
    const { purpose, userId, madeBy, expiresAt } = found;
    return { userId, madeBy, expiresAt, isMailed: purpose === "passwordReset" };
  },
  findEmailVerification: (tokenHash, at) => {
    const found = findOneUseToken(parts.state(), ["emailVerification"], tokenHash, at);
    return found?.userId ? { userId: found.userId } : null;
  },
  replacePasswordLink: async (link, expected, audit, notice) => {
    const state = parts.state();
    if (!areAsRead(state, expected)) return "changed";
    removeOneUseTokens(state, link.userId, passwordPurposes);
    pushOneUseToken(state, link);
    addNotice(parts, notice);
    addEvent(parts, audit);
    return "applied";
  },
  add: async (token) => pushOneUseToken(parts.state(), token),
});
