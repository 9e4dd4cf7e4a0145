import { everySection } from "../../contract/permissions.ts";
import type { GrantStore } from "../../core/core.ts";
import type { MockGrant } from "../state.ts";
import { changeRights, userOf } from "../world.ts";
import { addEvent } from "./audit.ts";
import type { Parts } from "./parts.ts";

export const createGrantStore = (parts: Parts): GrantStore => ({
  change: async ({ add, holder, section }, audit) => {
    const state = parts.state();
    const username = "userId" in holder && userOf(state, holder.userId)?.username;
    const role = "roleId" in holder && state.roles.find(({ id }) => id === holder.roleId)?.name;
    const to = username ? { username } : role ? { role } : null;
    if (!to) return "noHolder";
    if (
      section !== everySection &&
      !state.sections.some(({ definition }) => definition.slug === section)
    )
      return "noSection";
    const isSame = (grant: MockGrant): boolean =>
      grant.section === section && JSON.stringify(grant.to) === JSON.stringify(to);
    if (state.grants.some(isSame) === add) return "unchanged";
    changeRights({ state, now: parts.now }, () => {
      state.grants = add
        ? [...state.grants, { to, section }]
        : state.grants.filter((grant) => !isSame(grant));
    });
    addEvent(parts, audit);
    return "changed";
  },
});
