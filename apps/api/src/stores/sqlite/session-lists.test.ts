/** How lists of sessions are read, and that a rotation writes into none of their indexes. */
import { expect, it } from "vitest";
import { createTestApp } from "../../../test/test-app.ts";
import { databaseOf } from "./testing/by-hand.ts";

it("sessions are listed by indexes that give them in order, and in which nothing stands that a rotation writes", async () => {
  const app = await createTestApp();
  const { sqlite } = databaseOf(app);
  const prepared: string[] = [];
  const { prepare } = sqlite;
  sqlite.prepare = (text) => {
    prepared.push(text);
    return prepare.call(sqlite, text) as never;
  };
  const { list } = app.dependencies.stores.sessions;
  await list({}, 1, null, 50);
  await list({ userId: "usr_a", words: ["firefox"] }, 1, null, 50);
  sqlite.prepare = prepare;
  expect(
    prepared.map((text) =>
      sqlite
        .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${text}`)
        .all(...Array.from({ length: text.split("?").length - 1 }, () => 1))
        .map(({ detail }) => detail)
        .filter((detail) => / s |TEMP/.test(detail)),
    ),
  ).toEqual([
    ["SEARCH s USING INDEX sessions_begun (created_at<?)"],
    ["SEARCH s USING INDEX sessions_user (user_id=? AND created_at<?)"],
  ]);

  const indexed = app
    .runSql<{ name: string }>("SELECT name FROM pragma_index_list('sessions')")
    .flatMap(({ name }) =>
      app
        .runSql<{ name: string }>(`SELECT name FROM pragma_index_info('${name}')`)
        .map((column) => column.name),
    );
  expect(new Set(indexed)).toEqual(new Set(["id", "user_id", "created_at"]));
});
