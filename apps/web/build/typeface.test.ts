import { expect, test } from "vitest";
import { charactersOf } from "./typeface.ts";

test("a stylesheet's range of characters is read as those characters", () => {
  expect(charactersOf("U+0041-0043,U+0131, U+20AC")).toBe("ABCı€");
});
