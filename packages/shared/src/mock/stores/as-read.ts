import type { ExpectedRights } from "../../core/core.ts";
import type { MockState } from "../state.ts";
import { userOf } from "../world.ts";

/** May each of these users do what they could when it was decided, and does each role give it? */
export const areAsRead = (state: MockState, { users, roles }: ExpectedRights): boolean =>
  users.every(({ id, epoch }) => userOf(state, id)?.epoch === epoch) &&
  roles.every(({ id, epoch }) =>
    state.roles.some((role) => role.id === id && role.epoch === epoch),
  );
