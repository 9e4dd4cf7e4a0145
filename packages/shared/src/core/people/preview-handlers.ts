import { permissions as everyPermission } from "../../contract/permissions.ts";
import type { userPreviewEndpoints } from "../../contract/user-previews.ts";
import { readActor } from "../access/acting.ts";
import { maySeeSection } from "../access/decide-access.ts";
import { recordOf, type Handlers } from "../answering/endpoint.ts";
import type { AuditStore } from "../audit/audit-store.ts";
import type { SectionStore } from "../sections/section-store.ts";
import type { UserStore } from "../users/user-store.ts";
import { unknownUser } from "./change-user.ts";

interface Dependencies {
  readonly stores: {
    readonly audit: Pick<AuditStore, "add">;
    readonly sections: Pick<SectionStore, "listLinks">;
    readonly users: Pick<UserStore, "readRights">;
  };
  readonly now: () => number;
}

/**
 * The handler that tells what somebody else would see. It takes as decided that the caller may
 * read users and grants. It uses no session but the caller's, and shows no section by name that
 * they neither may open nor list.
 */
export const createUserPreviewHandlers = ({
  stores: { audit, sections, users },
  now,
}: Dependencies): Pick<Handlers, keyof typeof userPreviewEndpoints> => ({
  "GET /users/:userId/preview": async ({ params: { userId }, context, ok }) => {
    const actor = await readActor(users, context);
    const rights = await users.readRights(userId);
    if (rights === null) throw unknownUser();
    const links = await sections.listLinks(rights.sections);
    const seen = links.map(({ slug, title, icon, position, visibility }) => ({
      slug,
      title,
      icon,
      position,
      canOpen: maySeeSection(actor.sections, slug, visibility),
    }));
    const mayList = actor.permissions.includes("sections:read");
    const named = seen.filter(({ canOpen }) => canOpen || mayList);
    // Before it is answered: nobody looks without its being known.
    await audit.add({
      ...recordOf(context),
      at: now(),
      action: "user.preview",
      result: "success",
      subjectType: "user",
      subjectId: userId,
    });
    const { id, username, displayName, active } = rights.user;
    return ok(200, {
      user: { id, username, displayName, active },
      roles: [...rights.roles],
      permissions: everyPermission.filter((one) => rights.permissions.includes(one)),
      sections: named,
      isComplete: named.length === seen.length,
    });
  },
});
