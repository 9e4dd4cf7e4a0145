/** Links that go to a user's address, and so to nobody else: who made them cannot use them. */
import { encodeBase64Url } from "../answering/base64url.ts";
import type { Taken, WindowLimit } from "../answering/rate-limit.ts";
import type { AuditEvent } from "../audit/audit-store.ts";
import type { LinkKind, OutboxStore } from "../mail/outbox-store.ts";
import type { Chance, Digests, Sealing } from "../ports.ts";
import type { LimitStore } from "../sessions/limit-store.ts";
import type { User } from "../users/user-store.ts";
import { emailKey } from "../users/usernames.ts";

export interface MailedLinkDependencies {
  readonly stores: {
    readonly outbox: Pick<OutboxStore, "addLink">;
    readonly limits: Pick<LimitStore, "take">;
  };
  readonly chance: Pick<Chance, "newId" | "secret">;
  readonly digests: Pick<Digests, "hash">;
  readonly sealing: Pick<Sealing, "seal">;
  readonly now: () => number;
}

const minute = 60_000;
const lives: Readonly<Record<LinkKind, number>> = {
  passwordReset: 10 * minute,
  emailVerification: 24 * 60 * minute,
};
const actions = {
  passwordReset: "user.askPasswordReset",
  emailVerification: "user.askEmailVerification",
} as const;

/** Nobody's mailbox can be filled from here, whoever asks. */
export const mailedLinkLimit: WindowLimit = {
  name: "links",
  limit: 3,
  windowSeconds: 3_600,
  mostKeys: 100_000,
};

/** @returns what was taken of the address's allowance; nothing is written where it is used up */
export const sendLink = async (
  { stores, chance, digests, sealing, now }: MailedLinkDependencies,
  kind: LinkKind,
  { id: userId, email }: Pick<User, "id"> & { readonly email: string },
  audit: Omit<AuditEvent, "at" | "action" | "result">,
): Promise<Taken> => {
  const at = now();
  const taken = await stores.limits.take(mailedLinkLimit, emailKey(email), at);
  if (!taken.isAllowed) return taken;
  const token = encodeBase64Url(chance.secret());
  const id = chance.newId("mai");
  await stores.outbox.addLink(
    {
      tokenHash: digests.hash(token),
      purpose: kind,
      userId,
      madeBy: null,
      createdAt: at,
      expiresAt: at + lives[kind],
    },
    { id, to: email, sealed: sealing.seal(token, digests.hash(id)) },
    {
      ...audit,
      at,
      action: actions[kind],
      result: "success",
      subjectType: "user",
      subjectId: userId,
    },
  );
  return taken;
};
