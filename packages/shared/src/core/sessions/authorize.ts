import type { Access } from "../../contract/contract.ts";
import { accessAsked, decideAccess } from "../access/decide-access.ts";
import type { Caller } from "../answering/endpoint.ts";
import { AppError } from "../answering/errors.ts";
import type { Awaitable } from "../awaitable.ts";
import type { SectionStore } from "../sections/section-store.ts";
import type { UserStore } from "../users/user-store.ts";

export type Authorize = (
  access: Access,
  caller: (Pick<Caller, "sections"> & Partial<Pick<Caller, "userId">>) | null,
  params: Readonly<Record<string, string>>,
  query: Readonly<Record<string, string | string[]>>,
) => Awaitable<void>;

/**
 * The result reads what the decision needs, and no more. It throws what the caller is told who may
 * not.
 */
export const createAuthorize = ({
  users,
  sections,
}: {
  readonly users: Pick<UserStore, "readRights">;
  readonly sections: Pick<SectionStore, "locate">;
}): Authorize => {
  return (access, caller, params, query) => {
    const needed = accessAsked(access, query);
    const decide = (
      permissions: readonly string[],
      section: Parameters<typeof decideAccess>[2],
    ): void => {
      const refusal = decideAccess(
        needed,
        { sections: caller?.sections ?? null, permissions },
        section,
      );
      if (refusal !== null) throw new AppError(refusal);
    };
    if (typeof needed === "string") return decide([], null);
    return (async () => {
      const slug = "section" in needed ? (params[needed.section] ?? "") : null;
      const permissions =
        "permission" in needed && caller?.userId !== undefined
          ? ((await users.readRights(caller.userId))?.permissions ?? [])
          : [];
      decide(
        permissions,
        // By its slug of now: grants are named by that in the token.
        slug === null ? null : ((await sections.locate(slug)) ?? { slug, visibility: null }),
      );
    })();
  };
};
