import { expect, it } from "vitest";
import { faultOf, placeOf } from "./places-in-file.ts";

const text = `{
  "title": "a \\"b\\" {",
  "panels": [
    { "kind": "metric",
      "a/b": [1, 2,
        { "c": null }] }, {}
  ]
}`;

it("finds the line of a member, or of what is nearest around it", () => {
  const lineOf = (pointer: string): number => placeOf(text, pointer).line;
  expect(lineOf("")).toBe(1);
  expect(lineOf("/title")).toBe(2);
  expect(lineOf("/panels/0/kind")).toBe(4);
  expect(lineOf("/panels/0/a~1b/2/c")).toBe(6);
  expect(lineOf("/panels/1/query/dataset")).toBe(6);
  expect(lineOf("/slug")).toBe(1);
  expect(placeOf(text, "/title").lines.map(({ number }) => number)).toEqual([1, 2, 3]);
});

it("finds the line on which a text stops being JSON", () => {
  const broken = '{\n  "a": 1,\n  b\n}';
  let found: Error | null = null;
  try {
    JSON.parse(broken);
  } catch (error) {
    found = error as Error;
  }
  expect(found && faultOf(broken, found)?.line).toBe(3);
});
