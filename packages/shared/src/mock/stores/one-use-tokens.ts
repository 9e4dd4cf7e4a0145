import { encodeBase64Url, type OneUseToken, type OneUseTokenStore } from "../../core/core.ts";
import type { MockOneUseToken, MockState } from "../state.ts";
import { addEvent } from "./audit.ts";
import { addNotice } from "./notices.ts";
import type { Parts } from "./parts.ts";
import { areAsRead } from "./as-read.ts";

/** A token that may still be used for that. */
export const findOneUseToken = (
  { oneUseTokens }: Pick<MockState, "oneUseTokens">,
  purpose: OneUseToken["purpose"],
  hash: Uint8Array,
  at: number,
): MockOneUseToken | null =>
  oneUseTokens.find(
    (token) =>
      token.purpose === purpose &&
      token.tokenHash === encodeBase64Url(hash) &&
      token.expiresAt > at,
  ) ?? null;

/** No link of before works any more. */
export const removePasswordLinks = (state: MockState, userId: string): void => {
  state.oneUseTokens = state.oneUseTokens.filter((token) => token.userId !== userId);
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
  isUsable: (tokenHash, at) => findOneUseToken(parts.state(), "setup", tokenHash, at) !== null,
  findPasswordLink: (tokenHash, at) => {
    const found = findOneUseToken(parts.state(), "password", tokenHash, at);
    return found?.userId
      ? { userId: found.userId, madeBy: found.madeBy, expiresAt: found.expiresAt }
      : null;
  },
  replacePasswordLink: async (link, expected, audit, notice) => {
    const state = parts.state();
    if (!areAsRead(state, expected)) return "changed";
    removePasswordLinks(state, link.userId);
    pushOneUseToken(state, link);
    addNotice(parts, notice);
    addEvent(parts, audit);
    return "applied";
  },
  add: async (token) => pushOneUseToken(parts.state(), token),
});
