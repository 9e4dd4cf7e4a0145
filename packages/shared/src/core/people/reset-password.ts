import { everyRight } from "../access/decide-rights-change.ts";
import { applyDecision } from "../apply-decision.ts";
import type { OneUseTokenStore } from "../users/one-use-token-store.ts";
import type { UserStore } from "../users/user-store.ts";
import { usernameKey } from "../users/usernames.ts";
import type { Adding } from "./add-people.ts";
import { unknownUser } from "./change-user.ts";
import {
  makePasswordLink,
  noticeOfLink,
  type MadeLink,
  type PasswordLinkMeans,
} from "./password-links.ts";

/** Whoever runs the installation may do everything, and is no user of it. */
export const commandLine: Adding = { id: null, expected: [], ...everyRight };

/**
 * A link on which somebody chooses a password, asked for by whoever runs the installation.
 * @throws AppError `not_found`, `busy`
 */
export const resetPassword = async (
  dependencies: PasswordLinkMeans & {
    readonly stores: {
      readonly users: Pick<UserStore, "find">;
      readonly oneUseTokens: Pick<OneUseTokenStore, "replacePasswordLink">;
    };
    readonly now: () => number;
  },
  username: string,
): Promise<MadeLink["told"]> => {
  const { stores, now } = dependencies;
  const made = await applyDecision(
    async () => {
      const found = await stores.users.find(usernameKey(username));
      if (found === null) throw unknownUser();
      return found;
    },
    (found) => makePasswordLink(dependencies, found.id, null, now()),
    ({ id, epoch }, { stored, told }) =>
      stores.oneUseTokens.replacePasswordLink(
        stored,
        { users: [{ id, epoch }], roles: [] },
        {
          at: stored.createdAt,
          action: "user.makePasswordLink",
          result: "success",
          subjectType: "user",
          subjectId: id,
          detail: { by: "command line", linkExpiresAt: told.linkExpiresAt },
        },
        noticeOfLink(stored, null),
      ),
  );
  return made.told;
};
