/** What somebody else would see: looked at, and never entered. */
import * as z from "zod";
import { endpoint } from "./define-endpoint.ts";
import { userId } from "./people.ts";
import { permissions } from "./permissions.ts";

export const userPreviewEndpoints = {
  "GET /users/:userId/preview": endpoint({
    summary: "What a person would see",
    description:
      "Their sections in order, as their navigation lists them, and their permissions. What a section shows is the same for everybody who may open it: look at it with `GET /sections/{slug}`, where `canOpen` says that you may. A section that you may not open yourself is named only where you hold `sections:read`. Nobody becomes that person by it, and each look is in the audit trail.",
    tag: "Users",
    access: { permission: "users:read", andPermission: "grants:read" },
    params: z.object({ userId }),
    responses: {
      200: z
        .object({
          user: z.object({
            id: userId,
            username: z.string(),
            displayName: z.string(),
            active: z
              .boolean()
              .meta({ description: "Otherwise they cannot sign in, and see none of it." }),
          }),
          roles: z.array(z.string()).meta({ description: "Names, in order." }),
          permissions: z.array(z.enum(permissions)),
          sections: z.array(
            z.object({
              slug: z.string(),
              title: z.string(),
              icon: z.string(),
              position: z.int(),
              canOpen: z.boolean().meta({ description: "May you open it yourself?" }),
            }),
          ),
          isComplete: z.boolean().meta({
            description: "Otherwise they see sections besides that you may not know of.",
          }),
        })
        .meta({ id: "UserPreview" }),
    },
    errors: ["not_found"],
  }),
};
