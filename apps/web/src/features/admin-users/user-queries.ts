import type { Client, Contract, ResponseBody } from "@sallyport/shared/client";
import { useCan, useClient } from "@sallyport/shared/react";
import { useQuery, type QueryClient } from "@tanstack/react-query";
import type { Tagged } from "../../session/tagged-query.ts";

export type UserInList = ResponseBody<Contract["GET /users"]>["items"][number];
export type User = Tagged<ResponseBody<Contract["GET /users/:userId"]>>;
export type RoleInList = ResponseBody<Contract["GET /roles"]>["items"][number];

/** As many as an installation is made for. */
const mostPages = 10;

const readAllRoles = async (client: Client, signal: AbortSignal): Promise<RoleInList[]> => {
  const roles: RoleInList[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < mostPages; page++) {
    const found: ResponseBody<Contract["GET /roles"]> = await client.call(
      "GET /roles",
      { query: { limit: 200, ...(cursor !== null && { cursor }) } },
      { signal },
    );
    roles.push(...found.items);
    cursor = found.nextCursor;
    if (cursor === null) break;
  }
  return roles;
};

/** The roles that a person can be given, for whoever may read them. */
export const useRoleChoices = (): readonly RoleInList[] => {
  const client = useClient();
  const mayRead = useCan({ permission: "roles:read" });
  const { data } = useQuery({
    queryKey: ["GET /roles", client.userId(), "all"],
    queryFn: ({ signal }) => readAllRoles(client, signal),
    enabled: mayRead,
  });
  return data ?? [];
};

/** Whatever shows users or what they may do is asked for anew. */
export const usersChanged = async (queryClient: QueryClient): Promise<void> => {
  await queryClient.invalidateQueries({
    predicate: ({ queryKey: [key] }) =>
      typeof key === "string" && /^GET \/(?:users|roles)\b/.test(key),
  });
};
