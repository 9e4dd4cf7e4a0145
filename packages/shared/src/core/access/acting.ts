import { AppError } from "../answering/errors.ts";
import { signedIn, type RequestContext } from "../answering/endpoint.ts";
import { after, type Awaitable } from "../awaitable.ts";
import type { UserStore } from "../users/user-store.ts";
import type { Rights } from "./decide-rights-change.ts";

/** Who changes something, as they were found: their epoch belongs to what the change expects. */
export interface Actor extends Rights {
  readonly id: string;
  readonly username: string;
  readonly epoch: number;
  /** Slugs of the granted sections, or the wildcard alone. */
  readonly sections: readonly string[];
}

/**
 * The caller with their rights of now. To be read again for each decision.
 * @throws AppError `token_stale` where they are others than those that the caller was let in by
 */
export const readActor = (
  users: Pick<UserStore, "readRights">,
  context: RequestContext,
): Awaitable<Actor> => {
  const { userId, epoch } = signedIn(context);
  return after(users.readRights(userId), (rights) => {
    if (rights?.user.epoch !== epoch) throw new AppError("token_stale");
    const { permissions, sections, grants } = rights;
    return { id: userId, username: rights.user.username, epoch, permissions, sections, grants };
  });
};
