import { expect, test } from "vitest";
import { nestHeadings } from "./nest-headings.ts";

const nested = (...levels: number[]): (string | undefined)[] => {
  const children = levels.map((level) => ({ type: "element", tagName: `h${level}` }));
  nestHeadings({ type: "root", children });
  return children.map((child) => child.tagName);
};

test("headings begin below the panel's own, whatever the author began with", () => {
  expect(nested(1, 2, 2, 1)).toEqual(["h3", "h4", "h4", "h3"]);
  expect(nested(2, 3)).toEqual(["h3", "h4"]);
});

test("no level is left out, and none is beyond six", () => {
  expect(nested(1, 4, 6, 2)).toEqual(["h3", "h4", "h5", "h4"]);
  expect(nested(3, 1)).toEqual(["h3", "h3"]);
  expect(nested(1, 2, 3, 4, 5, 6)).toEqual(["h3", "h4", "h5", "h6", "h6", "h6"]);
});
