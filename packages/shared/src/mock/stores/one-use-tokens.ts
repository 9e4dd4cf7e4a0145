import { encodeBase64Url, type OneUseTokenStore } from "../../core/core.ts";
import type { MockState } from "../state.ts";
import type { Parts } from "./parts.ts";

export const isOneUseTokenUsable = (
  { oneUseTokens }: Pick<MockState, "oneUseTokens">,
  hash: Uint8Array,
  at: number,
): boolean =>
  oneUseTokens.some(
    ({ tokenHash, expiresAt }) => tokenHash === encodeBase64Url(hash) && expiresAt > at,
  );

/** What has been used is forgotten. */
export const createOneUseTokenStore = ({ state }: Parts): OneUseTokenStore => ({
  isUsable: (tokenHash, at) => isOneUseTokenUsable(state(), tokenHash, at),
  add: async ({ tokenHash, ...token }) => {
    const found = state();
    found.oneUseTokens = [
      ...found.oneUseTokens.filter(({ expiresAt }) => expiresAt >= token.createdAt),
      { ...token, tokenHash: encodeBase64Url(tokenHash) },
    ];
  },
});
