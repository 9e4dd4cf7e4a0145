import { everySection } from "../../contract/permissions.ts";
import type { GrantStore } from "../../core/core.ts";
import type { MockGrant } from "../state.ts";
import { changeRights, findUser } from "../world.ts";
import { addEvent } from "./audit.ts";
import type { Parts } from "./parts.ts";

export const createGrantStore = (parts: Parts): GrantStore => ({
  change: async ({ add, subject, section, at }) => {
    const state = parts.state();
    const user = "username" in subject ? findUser(state, subject.username) : undefined;
    const role =
      "role" in subject ? state.roles.find(({ name }) => name === subject.role) : undefined;
    if (!user && !role) return "noSubject";
    if (
      section !== everySection &&
      !state.sections.some(({ definition }) => definition.slug === section)
    )
      return "noSection";
    const to = user ? { username: user.username } : { role: role?.name ?? "" };
    const isSame = (grant: MockGrant): boolean =>
      grant.section === section && JSON.stringify(grant.to) === JSON.stringify(to);
    if (state.grants.some(isSame) === add) return "unchanged";
    changeRights({ state, now: parts.now }, () => {
      state.grants = add
        ? [...state.grants, { to, section }]
        : state.grants.filter((grant) => !isSame(grant));
    });
    addEvent(parts, {
      at,
      action: add ? "grant.add" : "grant.remove",
      result: "success",
      subjectType: user ? "user" : "role",
      subjectId: user?.id ?? role?.name ?? null,
      detail: { section, by: "command line" },
    });
    return "changed";
  },
});
