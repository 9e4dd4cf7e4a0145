/**
 * Who a display link lets in, asked anew on each request. Whoever made it can use it too, so that
 * it gives nobody more than its maker may give now: it works only while they are active, may change
 * grants, and have the section for as long as it lasts.
 */
import { encodeBase64Url } from "../answering/base64url.ts";
import type { Display } from "../answering/endpoint.ts";
import { AppError } from "../answering/errors.ts";
import type { Digests } from "../ports.ts";
import type { UserStore } from "../users/user-store.ts";
import { coversRights, type Rights } from "./decide-rights-change.ts";
import type { DisplayLink, DisplayLinkStore } from "./display-link-store.ts";

const tokenPrefix = "sp_dsp_";
const secondsBetweenNotes = 60;

/** @param secret 256 bits */
export const displayTokenOf = (secret: Uint8Array): string => tokenPrefix + encodeBase64Url(secret);
export const isDisplayToken = (token: string): boolean => token.startsWith(tokenPrefix);

/** What a link gives to whoever has it. */
export const rightsOfLink = ({
  section,
  expiresAt,
}: Pick<DisplayLink, "section" | "expiresAt">): Rights => ({
  permissions: [],
  grants: [{ section, expiresAt }],
});

export interface Displays {
  /** @throws AppError `token_invalid` */
  identify(token: string): Promise<Display>;
  /** Null where the link shows nothing any more. */
  read(displayLinkId: string): Promise<Display | null>;
  works(link: DisplayLink): Promise<boolean>;
}

export const createDisplays = ({
  stores: { displayLinks, users },
  digests,
  now,
}: {
  readonly stores: {
    readonly displayLinks: Pick<DisplayLinkStore, "findByToken" | "noteSeen" | "read">;
    readonly users: Pick<UserStore, "readRights">;
  };
  readonly digests: Pick<Digests, "hash">;
  readonly now: () => number;
}): Displays => {
  const works = async (link: DisplayLink): Promise<boolean> => {
    if (link.expiresAt <= now()) return false;
    const maker = await users.readRights(link.madeBy.id);
    return (
      maker !== null &&
      maker.user.active &&
      maker.permissions.includes("grants:write") &&
      coversRights(maker, rightsOfLink(link))
    );
  };
  const displayOf = async (link: DisplayLink | null): Promise<Display | null> =>
    link !== null && (await works(link))
      ? { displayLinkId: link.id, section: link.section, expiresAt: link.expiresAt }
      : null;

  return {
    works,
    identify: async (token) => {
      const link = await displayLinks.findByToken(digests.hash(token));
      const display = await displayOf(link);
      if (link === null || display === null)
        throw new AppError("token_invalid", {
          detail: "This display link has ended, or there never was one.",
        });
      // Nobody waits for it, and it may be lost.
      if (now() - (link.lastSeenAt ?? 0) >= secondsBetweenNotes * 1_000)
        displayLinks.noteSeen(link.id, now()).catch(() => {});
      return display;
    },
    read: async (displayLinkId) => displayOf(await displayLinks.read(displayLinkId)),
  };
};
