import { describe, expect, it } from "vitest";
import type { AppError } from "./errors.ts";
import { createOrigins } from "./origins.ts";

const refused = (check: () => void): boolean => {
  try {
    check();
    return false;
  } catch (error) {
    expect((error as AppError).code).toBe("origin_forbidden");
    return true;
  }
};

describe("origins", () => {
  const apart = createOrigins(["https://app.example.com"], "https://api.example.com");
  const together = createOrigins(["https://api.example.com"], "https://api.example.com");

  it("let an unsafe request without an Origin pass, and a foreign one never", () => {
    expect(refused(() => apart.requireNotForeign(undefined))).toBe(false);
    expect(refused(() => apart.requireNotForeign("https://app.example.com"))).toBe(false);
    for (const origin of [
      "null",
      "",
      "https://api.example.com",
      "https://app.example.com.evil.example",
    ])
      expect(refused(() => apart.requireNotForeign(origin))).toBe(true);
  });

  it("for cookies want an Origin, or a same-origin fetch of a page that the API itself serves", () => {
    expect(refused(() => apart.requireForCookies(undefined, undefined))).toBe(true);
    expect(refused(() => apart.requireForCookies(undefined, "same-origin"))).toBe(true);
    expect(refused(() => together.requireForCookies(undefined, "same-origin"))).toBe(false);
    expect(refused(() => together.requireForCookies(undefined, "cross-site"))).toBe(true);
    expect(refused(() => together.requireForCookies("https://evil.example", "same-origin"))).toBe(
      true,
    );
  });
});
