import { expect, test } from "vitest";
import { changesOf, inWords, memberInWords, restOf } from "./audit-words.ts";

test("a change is told member by member, and what stayed the same is left out", () => {
  const detail = {
    before: { title: "Old", icon: "map", roles: ["a", "b"] },
    after: { title: "New", icon: "map", roles: [], visibility: "public" },
    by: "tool",
    count: 3,
  };
  expect(changesOf({ detail })).toEqual([
    { name: "title", before: "Old", after: "New" },
    { name: "roles", before: "a, b", after: "–" },
    { name: "visibility", before: "–", after: "public" },
  ]);
  expect(restOf({ detail })).toEqual([
    ["by", "tool"],
    ["count", "3"],
  ]);
});

test("what is made has no before, what is a single value no name", () => {
  expect(changesOf({ detail: { after: { title: "New" } } })).toEqual([
    { name: "title", before: "–", after: "New" },
  ]);
  expect(changesOf({ detail: { before: ["a", "b"], after: ["b", "a"] } })).toEqual([
    { name: "", before: "a, b", after: "b, a" },
  ]);
});

test("an action that this page does not know is told by its name", () => {
  expect(inWords("grant.add")).toBe("Section granted");
  expect(inWords("later.added")).toBe("later.added");
});

test("members are called as on the screens, and others by their name taken apart", () => {
  expect(["displayName", "roles", "linkExpiresAt", "constructor"].map(memberInWords)).toEqual([
    "Name",
    "Roles",
    "Link expires at",
    "Constructor",
  ]);
});
