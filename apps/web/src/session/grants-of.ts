import type { Client, Contract, ResponseBody } from "@sallyport/shared/client";
import { isWorthRetrying, retryDelayOf } from "@sallyport/shared/react";
import { useInfiniteQuery } from "@tanstack/react-query";

export type Grant = ResponseBody<Contract["GET /grants"]>["items"][number];

/** As grants name every section. */
export const everySection = "_all_";

/** Whose grants, or of which section. */
export type GrantsOf =
  | { readonly kind: "user" | "role"; readonly id: string; readonly name: string }
  | { readonly kind: "section"; readonly slug: string; readonly title: string };

const filterOf = (of: GrantsOf) =>
  of.kind === "section"
    ? { section: `${of.slug},${everySection}` }
    : of.kind === "user"
      ? { userId: of.id }
      : { roleId: of.id };

const grantsOfPage = 200;

/** The newest first, and further ones as they are asked for. */
export const useGrantsOf = (client: Client, of: GrantsOf) => {
  const query = { ...filterOf(of), limit: grantsOfPage };
  return useInfiniteQuery({
    queryKey: ["GET /grants", client.userId(), { query }, "list"] as const,
    queryFn: ({ pageParam, signal }) =>
      client.call(
        "GET /grants",
        { query: { ...query, ...(pageParam !== null && { cursor: pageParam }) } },
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    retry: isWorthRetrying,
    retryDelay: retryDelayOf,
  });
};

/** One grant as it is now; undefined once it is gone. */
export const readGrant = async (
  client: Client,
  { id, user, role, section }: Grant,
): Promise<Grant | undefined> => {
  const { items } = await client.call("GET /grants", {
    query: {
      section,
      ...(user ? { userId: user.id } : role && { roleId: role.id }),
    },
  });
  return items.find((one) => one.id === id);
};
