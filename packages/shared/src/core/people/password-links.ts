/** Links on which people choose their passwords. Nobody chooses one for another. */
import { encodeBase64Url } from "../answering/base64url.ts";
import { passwordLinkLifeHours } from "../defaults.ts";
import type { Chance, Digests } from "../ports.ts";
import type { NewNotice } from "../users/notice-store.ts";
import type { OneUseToken } from "../users/one-use-token-store.ts";

export interface PasswordLinkMeans {
  readonly chance: Pick<Chance, "secret">;
  readonly digests: Pick<Digests, "hash">;
  /** Of the SPA that links lead to. */
  readonly webUrl: string;
}

export interface MadeLink {
  /** What is stored: the hash of 256 bits, and no more. */
  readonly stored: OneUseToken & { readonly userId: string };
  /** What is told, once. Behind the `#`, so that no server and no log ever sees it. */
  readonly told: { readonly link: string; readonly linkExpiresAt: string };
}

/** Whose password can be chosen is told by whom. @param madeBy null for the command line */
export const noticeOfLink = (
  { userId, createdAt }: MadeLink["stored"],
  madeBy: string | null,
): NewNotice => ({
  userId,
  kind: "passwordLinkMade",
  at: createdAt,
  data: madeBy === null ? {} : { madeBy },
});

/** @param madeBy null for the command line */
export const makePasswordLink = (
  { chance, digests, webUrl }: PasswordLinkMeans,
  userId: string,
  madeBy: string | null,
  at: number,
): MadeLink => {
  const token = encodeBase64Url(chance.secret());
  const expiresAt = at + passwordLinkLifeHours * 3_600_000;
  return {
    stored: {
      tokenHash: digests.hash(token),
      purpose: "password",
      userId,
      madeBy,
      createdAt: at,
      expiresAt,
    },
    told: {
      link: `${webUrl}/choose-password#${token}`,
      linkExpiresAt: new Date(expiresAt).toISOString(),
    },
  };
};
