import { describe, expect, it } from "vitest";
import {
  cellKey,
  cellsChanged,
  indexGrants,
  reasonsOf,
  type Column,
  type Grant,
  type Row,
} from "./cells.ts";
import {
  collect,
  insist,
  isOutdated,
  problemsByCell,
  requestOf,
  stillWanted,
  toggle,
  undo,
  type Collection,
} from "./collected.ts";

const mike: Row = {
  kind: "user",
  id: "usr_mike",
  name: "Mike",
  note: "mike",
  roles: [{ id: "rol_press", name: "press" }],
};
const press: Row = { kind: "role", id: "rol_press", name: "press", note: "", roles: [] };
const finance: Column = { section: "finance", title: "Finance", isPublic: false };
const welcome: Column = { section: "welcome", title: "Welcome", isPublic: true };
const end = "2027-02-01T00:00:00Z";

const grantOf = (row: Row, section: string, expiresAt: string | null = null): Grant => ({
  id: `grt_${row.name}_${section}`,
  user: row.kind === "user" ? { id: row.id, username: row.note, displayName: row.name } : null,
  role: row.kind === "role" ? { id: row.id, name: row.name } : null,
  section,
  title: section,
  expiresAt,
  createdAt: "2026-11-27T00:00:00.000Z",
  etag: `"${expiresAt === null ? 0 : Date.parse(expiresAt)}"`,
});
const none: Collection = new Map();
const key = "usr_mike finance";

it("cells that somebody else has changed are found, and those that have only come are none", () => {
  const all = { isKnown: () => true };
  const [given, kept, gone] = ["finance", "people", "sales"].map((section) =>
    grantOf(mike, section),
  ) as [Grant, Grant, Grant];
  const before = { ...all, index: indexGrants([kept, gone]) };
  const now = { ...all, index: indexGrants([given, grantOf(mike, "people", end)]) };
  const keys = ["finance", "people", "sales"].map((section) => cellKey("usr_mike", section));
  expect([...cellsChanged(before, now)].sort()).toEqual(keys);
  expect(cellsChanged(before, before)).toEqual([]);
  const scrolled = { ...before, isKnown: (key: string) => key !== keys[0] };
  expect([...cellsChanged(scrolled, now)].sort()).toEqual(keys.slice(1));
});

describe("changes that are collected", () => {
  it("give what is not there, and are gone once they are taken back", () => {
    const given = toggle(none, mike, finance, undefined);
    expect(requestOf(given).body).toEqual({
      add: [{ userId: "usr_mike", section: "finance", expiresAt: null, etag: null }],
      remove: [],
    });
    expect(toggle(given, mike, finance, undefined).size).toBe(0);
    expect(undo(given, key).size).toBe(0);
  });

  it("take what is there as it was seen, and keep its end when they are taken back", () => {
    const grant = grantOf(press, "finance", end);
    const taken = toggle(none, press, finance, grant);
    expect(requestOf(taken).body).toEqual({
      add: [],
      remove: [{ id: grant.id, etag: grant.etag }],
    });
    expect(toggle(taken, press, finance, grant).size).toBe(0);
  });

  it("change an end, and change nothing where it is the same moment", () => {
    const grant = grantOf(mike, "finance", "2027-02-01T00:00:00.000Z");
    expect(collect(none, mike, finance, grant, { expiresAt: end }).size).toBe(0);
    const forGood = collect(none, mike, finance, grant, { expiresAt: null });
    expect(requestOf(forGood).body.add).toEqual([
      { userId: "usr_mike", section: "finance", expiresAt: null, etag: grant.etag },
    ]);
    // Pressed again, it is taken.
    expect(requestOf(toggle(forGood, mike, finance, grant)).body.remove).toHaveLength(1);
  });

  it("know when somebody else was there, and go over it only when told to", () => {
    const given = collect(none, mike, finance, undefined, { expiresAt: end });
    const theirs = grantOf(mike, "finance");
    const [mine] = given.values();
    expect(mine && isOutdated(mine, undefined)).toBe(false);
    expect(mine && isOutdated(mine, theirs)).toBe(true);
    const kept = insist(given, key, theirs);
    expect(requestOf(kept).body.add[0]?.etag).toBe(theirs.etag);
    // What they have done as it was wanted is done.
    const all = stillWanted(
      toggle(none, mike, finance, undefined),
      indexGrants([theirs]),
      () => true,
    );
    expect(all.size).toBe(0);
    expect(stillWanted(given, indexGrants([theirs]), () => true).size).toBe(1);
  });

  it("find the cells that a refusal points at", () => {
    const both = toggle(
      toggle(none, mike, finance, undefined),
      press,
      finance,
      grantOf(press, "finance"),
    );
    const errors = [
      { pointer: "/remove/0", detail: "Too far." },
      { pointer: "/add/0/section", detail: "Gone." },
      { pointer: "/add/7", detail: "Of nothing." },
    ];
    expect([...problemsByCell(errors, requestOf(both).keys)]).toEqual([
      ["rol_press finance", "Too far."],
      [key, "Gone."],
    ]);
  });
});

describe("a cell", () => {
  it("says where a right comes from: of their own, by roles, of every section, open to everybody", () => {
    const index = indexGrants([
      grantOf(mike, "finance", end),
      grantOf(press, "_all_"),
      grantOf(press, "finance"),
    ]);
    expect(reasonsOf(mike, finance, index)).toEqual([
      { kind: "user", name: "Mike", everySection: false, expiresAt: end },
      { kind: "role", name: "press", everySection: false },
      { kind: "role", name: "press", everySection: true },
    ]);
    expect(reasonsOf(press, welcome, index)).toEqual([
      { kind: "role", name: "press", everySection: true },
      { kind: "public", name: "", everySection: false },
    ]);
    expect(reasonsOf(mike, welcome, new Map())).toHaveLength(1);
  });
});
