/**
 * Changes of grants that are collected before they are saved together. Each remembers what it was
 * decided on, so that what somebody else has done meanwhile is not overwritten unseen. Pure.
 */
import { isSameEnd } from "../../session/grant-end.ts";
import { cellKey, type Column, type Grant, type Row } from "./cells.ts";

/** How the grant of a cell shall be: none, or one until then. */
export type Wish = "none" | { readonly expiresAt: string | null };

export interface Collected {
  readonly key: string;
  readonly row: Pick<Row, "kind" | "id" | "name">;
  readonly column: Pick<Column, "section" | "title">;
  readonly wish: Wish;
  /** The grant as it was when this was decided; null where there was none. */
  readonly seen: Pick<Grant, "id" | "etag" | "expiresAt"> | null;
}

export type Collection = ReadonlyMap<string, Collected>;

/** As many as one request takes. */
export const mostCollected = 1_000;

const isSo = (wish: Wish, grant: Pick<Grant, "expiresAt"> | null): boolean =>
  wish === "none" ? grant === null : grant !== null && isSameEnd(wish.expiresAt, grant.expiresAt);

const seenOf = (grant: Grant | undefined): Collected["seen"] =>
  grant ? { id: grant.id, etag: grant.etag, expiresAt: grant.expiresAt } : null;

const without = (collection: Collection, key: string): Collection => {
  const next = new Map(collection);
  next.delete(key);
  return next;
};

/** The same for what would change nothing, and for one more than there may be. */
export const collect = (
  collection: Collection,
  row: Row,
  column: Column,
  current: Grant | undefined,
  wish: Wish,
): Collection => {
  const key = cellKey(row.id, column.section);
  const known = collection.get(key);
  const seen = known ? known.seen : seenOf(current);
  if (isSo(wish, seen)) return without(collection, key);
  if (!known && collection.size >= mostCollected) return collection;
  const { kind, id, name } = row;
  const { section, title } = column;
  return new Map(collection).set(key, {
    key,
    row: { kind, id, name },
    column: { section, title },
    wish,
    seen,
  });
};

/** Gives what is not there, takes what is, and takes back what has been collected of it. */
export const toggle = (
  collection: Collection,
  row: Row,
  column: Column,
  current: Grant | undefined,
): Collection => {
  const known = collection.get(cellKey(row.id, column.section));
  const isThere = known ? known.wish !== "none" : current !== undefined;
  const was = known ? known.seen : seenOf(current);
  const wish = isThere ? "none" : { expiresAt: was?.expiresAt ?? null };
  return collect(collection, row, column, current, wish);
};

export const undo = without;

/** Has somebody else changed the grant since this was decided? */
export const isOutdated = ({ seen }: Collected, current: Grant | undefined): boolean =>
  (current?.etag ?? null) !== (seen?.etag ?? null) || (current?.id ?? null) !== (seen?.id ?? null);

/** It shall be so all the same, over what is there by now. */
export const insist = (
  collection: Collection,
  key: string,
  current: Grant | undefined,
): Collection => {
  const known = collection.get(key);
  return known ? new Map(collection).set(key, { ...known, seen: seenOf(current) }) : collection;
};

/** Leaves out what somebody else has brought about by now, where it is known how it is. */
export const stillWanted = (
  collection: Collection,
  index: ReadonlyMap<string, Grant>,
  isKnown: (key: string) => boolean,
): Collection => {
  const done = [...collection.values()].filter(
    ({ key, wish }) => isKnown(key) && isSo(wish, index.get(key) ?? null),
  );
  if (done.length === 0) return collection;
  const next = new Map(collection);
  for (const { key } of done) next.delete(key);
  return next;
};

/** The one request that saves all of it, and which of its entries is which cell. */
export const requestOf = (collection: Collection) => {
  const all = [...collection.values()];
  const giving = all.filter(({ wish }) => wish !== "none");
  const taking = all.filter(({ wish, seen }) => wish === "none" && seen !== null);
  return {
    body: {
      add: giving.map(({ row, column, wish, seen }) => ({
        ...(row.kind === "user" ? { userId: row.id } : { roleId: row.id }),
        section: column.section,
        expiresAt:
          wish === "none" || wish.expiresAt === null
            ? null
            : wish.expiresAt.replace(/\.\d+Z$/, "Z"),
        etag: seen?.etag ?? null,
      })),
      remove: taking.flatMap(({ seen }) => (seen ? [{ id: seen.id, etag: seen.etag }] : [])),
    },
    keys: { add: giving.map(({ key }) => key), remove: taking.map(({ key }) => key) },
  };
};

/** What a refusal says, by the cells that it is about. */
export const problemsByCell = (
  errors: readonly { readonly pointer: string; readonly detail: string }[],
  keys: ReturnType<typeof requestOf>["keys"],
): ReadonlyMap<string, string> => {
  const problems = new Map<string, string>();
  for (const { pointer, detail } of errors) {
    const [, list, place] = /^\/(add|remove)\/(\d+)/.exec(pointer) ?? [];
    const key = list === "add" || list === "remove" ? keys[list][Number(place)] : undefined;
    if (key !== undefined && !problems.has(key)) problems.set(key, detail);
  }
  return problems;
};
