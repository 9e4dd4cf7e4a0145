import { expect, test } from "vitest";
import { setupTokenOf } from "./setup-token.ts";

test("the token is read from the fragment, whatever else is in it", () => {
  expect(setupTokenOf("#token=abc_-123")).toBe("abc_-123");
  expect(setupTokenOf("#a=b&token=x%2By")).toBe("x+y");
  expect(setupTokenOf("#token=")).toBeNull();
  expect(setupTokenOf("#elsewhere")).toBeNull();
  expect(setupTokenOf("")).toBeNull();
});
