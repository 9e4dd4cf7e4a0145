/**
 * Lists of users. The statements are raw: each condition that is left out costs nothing then.
 *
 * What is looked for may be rare or common, and the way to a page is another then. Walking through
 * everybody in the list's order finds the first fifty of many at once; of few it reads every row,
 * in an order that is not that of the table. So those who are meant are looked for first, up to a
 * number, in an index that holds all that is compared. Where there are no more, a page is read from
 * them.
 */
import { getTableColumns } from "drizzle-orm";
import type { User, UserOrder, UserPlace, UserStore } from "@sallyport/shared/core";
import { columnsOf } from "./columns.ts";
import type { Parts } from "./parts.ts";
import { users } from "./schema.ts";

/** Sessions that have been purged are told of by the user's own row. */
export const lastSeen = (alias: string): string =>
  `nullif(max(coalesce(${alias}.last_seen_at, 0), coalesce((SELECT max(last_used_at) FROM sessions WHERE user_id = ${alias}.id), 0)), 0)`;

/** Up to so many are few: sorting them costs less than a walk. */
const mostFew = 1_000;

const columns = getTableColumns(users);
const keyOf = {
  username: columns.usernameKey.name,
  displayName: columns.displayNameKey.name,
  createdAt: columns.createdAt.name,
} as const satisfies Record<UserOrder["by"], string>;

type Row = Omit<typeof users.$inferSelect, "active" | "emailVerified"> & {
  readonly active: 0 | 1;
  readonly emailVerified: 0 | 1;
  readonly seenAt: number | null;
};
const valueOf = (row: Row, by: UserOrder["by"]): string | number =>
  ({ username: row.usernameKey, displayName: row.displayNameKey, createdAt: row.createdAt })[by];

const asUser = (row: Row): User => ({
  id: row.id,
  username: row.username,
  email: row.email,
  emailVerified: row.emailVerified === 1,
  displayName: row.displayName,
  passwordHash: row.passwordHash,
  active: row.active === 1,
  epoch: row.epoch,
  version: row.version,
});

export const prepareUserList = ({
  sqlite,
  memory,
}: Pick<Parts, "sqlite" | "memory">): UserStore["list"] => {
  const rolesOf = sqlite.prepare<
    [string],
    { readonly userId: string; readonly id: string; readonly name: string }
  >(
    `SELECT user_roles.user_id AS userId, roles.id, roles.name FROM user_roles JOIN roles ON roles.id = user_roles.role_id
     WHERE user_roles.user_id IN (SELECT value FROM json_each(?)) ORDER BY roles.name`,
  );

  return ({ text, roleId, active }, { by, descending }, after, limit) => {
    const conditions: string[] = [];
    const values: (string | number)[] = [];
    if (text !== null && text !== "") {
      conditions.push(
        "(instr(u.username_key, ?) OR instr(u.display_name_key, ?) OR instr(u.email_key, ?))",
      );
      values.push(text, text, text);
    }
    if (roleId !== null) {
      conditions.push("u.id IN (SELECT user_id FROM user_roles WHERE role_id = ?)");
      values.push(roleId);
    }
    if (active !== null) {
      conditions.push("u.active = ?");
      values.push(active ? 1 : 0);
    }
    const where = (more: readonly string[]): string =>
      more.length === 0 ? "" : ` WHERE ${more.join(" AND ")}`;
    const key = keyOf[by];
    const direction = descending ? "DESC" : "ASC";

    // Both are kept until something changes, which costs less than looking for each page.
    const asked = JSON.stringify([text, roleId, active]);
    const few =
      conditions.length === 0
        ? null
        : memory.recall(`few users ${asked}`, () =>
            sqlite
              .prepare<unknown[], string>(`SELECT u.id FROM users u${where(conditions)} LIMIT ?`)
              .pluck()
              .all(...values, mostFew + 1),
          );
    const areFew = few !== null && few.length <= mostFew;
    const total = areFew
      ? few.length
      : memory.recall(`users ${asked}`, () =>
          sqlite
            .prepare<unknown[], number>(`SELECT count(*) FROM users u${where(conditions)}`)
            .pluck()
            .get(...values),
        );
    return sqlite.transaction(() => {
      const rows = sqlite
        .prepare<unknown[], Row>(
          `SELECT ${columnsOf(users, "u")}, ${lastSeen("u")} AS seenAt FROM users u${where([
            ...(areFew ? ["u.id IN (SELECT value FROM json_each(?))"] : conditions),
            ...(after ? [`(u.${key}, u.id) ${descending ? "<" : ">"} (?, ?)`] : []),
          ])} ORDER BY u.${key} ${direction}, u.id ${direction} LIMIT ?`,
        )
        .all(...(areFew ? [JSON.stringify(few)] : values), ...(after ?? []), limit);
      const isIn = rolesOf.all(JSON.stringify(rows.map(({ id }) => id)));
      return {
        items: rows.map((row) => ({
          user: asUser(row),
          isIn: isIn
            .filter(({ userId }) => userId === row.id)
            .map(({ id, name }) => ({ id, name })),
          createdAt: row.createdAt,
          lastSeenAt: row.seenAt,
          place: [valueOf(row, by), row.id] satisfies UserPlace,
        })),
        total: total ?? 0,
      };
    })();
  };
};
