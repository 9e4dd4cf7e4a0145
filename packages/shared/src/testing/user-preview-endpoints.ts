import type { userPreviewEndpoints } from "../contract/user-previews.ts";
import { expectOutcome } from "./ask.ts";
import type { BehaviourTable } from "./behaviour.ts";
import { same } from "./differences.ts";
import { signInToAdminister } from "./orders.ts";
import { signIn } from "./steps.ts";

/** Of nobody: ids are random, so that a behaviour looks up whom it is about. */
const nobody = { userId: `usr_${"A".repeat(22)}` };

export const userPreviewBehaviours: Pick<BehaviourTable, keyof typeof userPreviewEndpoints> = {
  "GET /users/:userId/preview": {
    request: { params: nobody },
    wrong: { params: { userId: "mike" }, pointer: "/params/userId" },
    succeeds: {
      200: {
        name: "tells what they would see, and leaves it in the audit trail",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const { user } = await signIn(subject, "mike");
          const { id, username, displayName } = user;
          const { body } = await expectOutcome(
            subject,
            200,
            "GET /users/:userId/preview",
            { params: { userId: id } },
            mica,
          );
          const { sections, ...rest } = body as {
            readonly sections: readonly { readonly slug: string; readonly canOpen: boolean }[];
          };
          same(
            rest,
            {
              user: { id, username, displayName, active: true },
              roles: ["marketing"],
              permissions: [],
              isComplete: true,
            },
            "about mike",
          );
          same(
            sections.map(({ slug, canOpen }) => [slug, canOpen]),
            [
              ["welcome", true],
              ["marketing", true],
            ],
            "his sections",
          );
          const trail = await expectOutcome(
            subject,
            200,
            "GET /audit-events",
            { query: { action: "user.preview", subject: id } },
            mica,
          );
          const { items } = trail.body as { items: { actor: unknown; sessionId: unknown }[] };
          same(
            items.map(({ actor, sessionId }) => [actor, sessionId]),
            [[{ id: mica.user.id, name: "mica" }, mica.session.id]],
            "who looked, and by which session",
          );
        },
      },
    },
    fails: {
      not_found: {
        name: "knows nobody of another id",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          await expectOutcome(
            subject,
            "not_found",
            "GET /users/:userId/preview",
            { params: nobody },
            mica,
          );
        },
      },
    },
  },
};
