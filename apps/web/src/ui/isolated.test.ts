import { expect, it } from "vitest";
import { isolated } from "./isolated.ts";

it("leaves a text alone that turns nothing, and shuts in one that does, without its own marks", () => {
  expect(isolated("Orders of 2026 😀 é")).toBe("Orders of 2026 😀 é");
  expect(isolated("a\u202Eb\u2066c")).toBe("\u2068abc\u2069");
  expect(isolated("مبيعات")).toBe("\u2068مبيعات\u2069");
});
