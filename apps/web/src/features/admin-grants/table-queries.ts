/** What the table of grants is made of: people and roles, sections, and what is in its cells. */
import type { Client, Contract, ResponseBody } from "@sallyport/shared/client";
import {
  apiQuery,
  isWorthRetrying,
  retryDelayOf,
  useCan,
  useClient,
} from "@sallyport/shared/react";
import {
  keepPreviousData,
  queryOptions,
  useQueries,
  useQuery,
  type UseQueryResult,
} from "@tanstack/react-query";
import { useMemo } from "react";
import {
  everySection,
  indexGrants,
  type Column,
  type Grant,
  type GrantIndex,
  type Row,
} from "./cells.ts";

/** People on a page of the table; roles on theirs, where they are looked at alone. */
const rowsOfPage = 100;
/** Roles that stand above the first page of people. */
const rolesAbove = 50;
const mostColumns = 1_000;
/** Sections whose grants are asked for together: with all rows they fit in a few answers. */
export const blockOfColumns = 40;
/** Names in the address of one request. */
const mostHolders = 200;
/** As many grants as the API sends at once. */
const mostPerAnswer = 2_000;
/** Beyond that, whoever may read no people or roles finds them by searching. */
const mostKnownGrants = 5_000;

export type Shown = "all" | "roles" | "people";

const retrying = { retry: isWorthRetrying, retryDelay: retryDelayOf };

interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

const readPages = async <Item>(
  most: number,
  readPage: (cursor: string | undefined) => Promise<Page<Item>>,
): Promise<{ readonly items: readonly Item[]; readonly hasMore: boolean }> => {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<Item> = await readPage(cursor);
    items.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && items.length < most);
  return { items, hasMore: cursor !== undefined };
};

const rowOfUser = ({
  id,
  displayName,
  username,
  roles,
}: Pick<ResponseBody<Contract["GET /users"]>["items"][number], "id" | "displayName" | "username"> &
  Partial<Pick<Row, "roles">>): Row => ({
  kind: "user",
  id,
  name: displayName,
  note: username,
  roles: roles ?? [],
});

/** A query that was not asked counts as answered with nothing. */
interface Parts {
  readonly error: Error | null;
  readonly isFetching: boolean;
  readonly isOld: boolean;
  readonly askAgain: () => void;
}
const partsOf = (...results: readonly UseQueryResult[]): Parts => ({
  error: results.find(({ error }) => error !== null)?.error ?? null,
  isFetching: results.some(({ isFetching }) => isFetching),
  isOld: results.some(({ isPlaceholderData }) => isPlaceholderData),
  askAgain: () => results.forEach(({ error, refetch }) => error && void refetch()),
});

export interface Rows extends Parts {
  /** Undefined until all that is asked for has come. */
  readonly rows: readonly Row[] | undefined;
  readonly nextCursor: string | null;
  /** Of roles and of people, as many as match. */
  readonly totals: { readonly roles: number; readonly people: number };
  /** There are more roles than stand above the people. */
  readonly hasMoreRoles: boolean;
}

/**
 * Roles, then people. Whoever may read no list of people or of roles sees those that grants name,
 * since they may read grants.
 */
export const useRows = (
  q: string,
  shown: Shown,
  cursor: string | undefined,
  known: readonly Grant[] | undefined,
): Rows => {
  const client = useClient();
  const mayReadUsers = useCan({ permission: "users:read" });
  const mayReadRoles = useCan({ permission: "roles:read" });
  const text = q !== "" && { q };
  const wantsUsers = shown !== "roles";
  // Further pages are of people alone.
  const wantsRoles = shown === "roles" || (shown === "all" && cursor === undefined);
  const users = useQuery({
    ...apiQuery(client, "GET /users", {
      query: { limit: rowsOfPage, ...text, ...(cursor !== undefined && { cursor }) },
    }),
    enabled: mayReadUsers && wantsUsers,
    placeholderData: keepPreviousData,
  });
  const roles = useQuery({
    ...apiQuery(client, "GET /roles", {
      query: {
        limit: shown === "roles" ? rowsOfPage : rolesAbove,
        ...text,
        ...(shown === "roles" && cursor !== undefined && { cursor }),
      },
    }),
    enabled: mayReadRoles && wantsRoles,
    placeholderData: keepPreviousData,
  });
  const rows = useMemo((): readonly Row[] | undefined => {
    const sought = q.toLocaleLowerCase();
    const named = new Map<string, Row>();
    for (const { user, role } of known ?? []) {
      if (user && !mayReadUsers && wantsUsers) named.set(user.id, rowOfUser(user));
      if (role && !mayReadRoles && wantsRoles)
        named.set(role.id, { kind: "role", ...role, note: "", roles: [] });
    }
    const found = [...named.values()].filter(({ name, note }) =>
      `${name}\n${note}`.toLocaleLowerCase().includes(sought),
    );
    if (mayReadUsers && wantsUsers && !users.data) return undefined;
    if (mayReadRoles && wantsRoles && !roles.data) return undefined;
    if (!(mayReadUsers && mayReadRoles) && !known) return undefined;
    return [
      ...(wantsRoles && mayReadRoles
        ? (roles.data?.items ?? []).map(({ id, name, description }): Row => ({
            kind: "role",
            id,
            name,
            note: description,
            roles: [],
          }))
        : found.filter(({ kind }) => kind === "role")),
      ...(wantsUsers && mayReadUsers
        ? (users.data?.items ?? []).map(rowOfUser)
        : found.filter(({ kind }) => kind === "user")),
    ];
  }, [known, mayReadRoles, mayReadUsers, q, roles.data, users.data, wantsRoles, wantsUsers]);
  const paged = shown === "roles" ? roles : users;
  return {
    ...partsOf(...(wantsUsers ? [users] : []), ...(wantsRoles ? [roles] : [])),
    rows,
    nextCursor: paged.data?.nextCursor ?? null,
    totals: {
      roles: wantsRoles ? (roles.data?.total ?? 0) : 0,
      people: wantsUsers ? (users.data?.total ?? 0) : 0,
    },
    hasMoreRoles: shown === "all" && wantsRoles && (roles.data?.nextCursor ?? null) !== null,
  };
};

/** Every grant, for whoever may read neither all people, all roles nor all sections. */
export const useKnownGrants = (isNeeded: boolean): readonly Grant[] | undefined => {
  const client = useClient();
  const { data } = useQuery({
    queryKey: ["GET /grants", client.userId(), "known"] as const,
    queryFn: async ({ signal }) => {
      const { items } = await readPages(mostKnownGrants, (cursor) =>
        client.call(
          "GET /grants",
          { query: { limit: mostPerAnswer, ...(cursor !== undefined && { cursor }) } },
          { signal },
        ),
      );
      return items;
    },
    enabled: isNeeded,
    ...retrying,
  });
  return data;
};

export interface Columns extends Parts {
  readonly columns: readonly Column[] | undefined;
  /** There are more than a table has: a search finds them. */
  readonly hasMore: boolean;
}

type Section = Pick<
  ResponseBody<Contract["GET /sections"]>["items"][number],
  "slug" | "title" | "visibility"
>;

const allSectionsQuery = (client: Client, q: string) => {
  const query = { scope: "all", limit: 200, ...(q !== "" && { q }) } as const;
  return queryOptions({
    queryKey: ["GET /sections", client.userId(), { query }, "pages"] as const,
    queryFn: ({ signal }) =>
      readPages<Section>(mostColumns, (cursor) =>
        client.call(
          "GET /sections",
          { query: { ...query, ...(cursor !== undefined && { cursor }) } },
          { signal },
        ),
      ),
    ...retrying,
  });
};

/** Every section first, then each in the order of the navigation. */
export const useColumns = (q: string, known: readonly Grant[] | undefined): Columns => {
  const client = useClient();
  const mayReadAll = useCan({ permission: "sections:read" });
  const all = useQuery({
    ...allSectionsQuery(client, q),
    enabled: mayReadAll,
    placeholderData: keepPreviousData,
  });
  const own = useQuery({
    ...apiQuery(client, "GET /sections", { query: { limit: 200 } }),
    enabled: !mayReadAll,
  });
  const columns = useMemo((): readonly Column[] | undefined => {
    const sections = new Map<string, Section>();
    if (mayReadAll) {
      if (!all.data) return undefined;
      for (const section of all.data.items) sections.set(section.slug, section);
    } else {
      if (!own.data || !known) return undefined;
      const sought = q.toLocaleLowerCase();
      for (const section of own.data.items) sections.set(section.slug, section);
      for (const { section, title } of known)
        if (section !== everySection && !sections.has(section))
          sections.set(section, {
            slug: section,
            title: title ?? section,
            visibility: "restricted",
          });
      for (const [slug, { title }] of sections)
        if (!`${title}\n${slug}`.toLocaleLowerCase().includes(sought)) sections.delete(slug);
    }
    return [
      { section: everySection, title: "Every section", isPublic: false },
      ...[...sections.values()].map(({ slug, title, visibility }) => ({
        section: slug,
        title,
        isPublic: visibility === "public",
      })),
    ];
  }, [all.data, known, mayReadAll, own.data, q]);
  return {
    ...partsOf(mayReadAll ? all : own),
    columns,
    hasMore: mayReadAll && (all.data?.hasMore ?? false),
  };
};

interface Holders {
  readonly userIds: readonly string[];
  readonly roleIds: readonly string[];
}

/** Those of the rows, and the roles that people in them are in. */
const holdersOf = (rows: readonly Row[]): Holders => ({
  userIds: rows.filter(({ kind }) => kind === "user").map(({ id }) => id),
  roleIds: [
    ...new Set(
      rows.flatMap(({ kind, id, roles }) =>
        kind === "role" ? [id] : roles.map((role) => role.id),
      ),
    ),
  ],
});

const partsOfHolders = ({ userIds, roleIds }: Holders): Holders[] => {
  const all = [
    ...userIds.map((id) => ({ id, isUser: true })),
    ...roleIds.map((id) => ({ id, isUser: false })),
  ];
  const parts: Holders[] = [];
  for (let begin = 0; begin < all.length; begin += mostHolders) {
    const part = all.slice(begin, begin + mostHolders);
    parts.push({
      userIds: part.flatMap(({ id, isUser }) => (isUser ? [id] : [])),
      roleIds: part.flatMap(({ id, isUser }) => (isUser ? [] : [id])),
    });
  }
  return parts;
};

const readCells = async (
  client: Client,
  holders: Holders,
  sections: readonly string[],
  signal: AbortSignal,
): Promise<readonly Grant[]> => {
  const grants: Grant[] = [];
  for (const { userIds, roleIds } of partsOfHolders(holders)) {
    const query = {
      limit: mostPerAnswer,
      section: sections.join(","),
      ...(userIds.length > 0 && { userId: userIds.join(",") }),
      ...(roleIds.length > 0 && { roleId: roleIds.join(",") }),
    };
    const { items } = await readPages(Infinity, (cursor) =>
      client.call(
        "GET /grants",
        { query: { ...query, ...(cursor !== undefined && { cursor }) } },
        { signal },
      ),
    );
    grants.push(...items);
  }
  return grants;
};

export interface Cells extends Parts {
  readonly index: GrantIndex;
  /** Sections of which the grants of all rows are known. */
  readonly known: ReadonlySet<string>;
}

interface Block {
  readonly sections: readonly string[];
  readonly grants: readonly Grant[];
}

const combineBlocks = (results: readonly UseQueryResult<Block>[]): Cells => ({
  ...partsOf(...results),
  index: indexGrants(results.flatMap(({ data }) => data?.grants ?? [])),
  known: new Set(results.flatMap(({ data }) => data?.sections ?? [])),
});

/** The cells of these blocks of columns; those of every section are always among them. */
export const useCells = (
  rows: readonly Row[],
  columns: readonly Column[],
  blocks: readonly number[],
): Cells => {
  const client = useClient();
  const holders = useMemo(() => holdersOf(rows), [rows]);
  const wanted = blocks
    .map((block) => columns.slice(block * blockOfColumns, (block + 1) * blockOfColumns))
    .map((some) => some.map(({ section }) => section))
    .filter((sections) => sections.length > 0);
  const groups = [[everySection], ...wanted];
  return useQueries({
    queries: groups.map((sections) => ({
      queryKey: ["GET /grants", client.userId(), { holders, sections }] as const,
      queryFn: async ({ signal }: { readonly signal: AbortSignal }): Promise<Block> => ({
        sections,
        grants: await readCells(client, holders, sections, signal),
      }),
      enabled: rows.length > 0,
      ...retrying,
    })),
    combine: combineBlocks,
  });
};
