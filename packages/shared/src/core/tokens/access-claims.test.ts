import { describe, expect, it } from "vitest";
import { clockToleranceSeconds } from "../defaults.ts";
import { isAccessTokenOver, lifeOfAccessToken } from "./access-claims.ts";

const ttlSeconds = 300;
const end = Date.UTC(2026, 10, 22, 12);

describe("the life of an access token", () => {
  it.each([0, 0.4, 1, 60, 299, 300, 302, 304, 305, 305.9])(
    "is over when the rights end that it was issued %d s before",
    (secondsBefore) => {
      const life = lifeOfAccessToken(end - secondsBefore * 1000, ttlSeconds, end);
      expect(isAccessTokenOver(life, ttlSeconds, end)).toBe(true);
    },
  );

  it.each([306, 400, 100_000])(
    "is whole when the rights end only %d s after it began",
    (secondsBefore) => {
      const now = end - secondsBefore * 1000;
      expect(lifeOfAccessToken(now, ttlSeconds, end)).toEqual(lifeOfAccessToken(now, ttlSeconds));
    },
  );

  it("is prolonged by what clocks may differ by where the rights have no end", () => {
    const life = lifeOfAccessToken(end, ttlSeconds);
    const over = end + (ttlSeconds + clockToleranceSeconds) * 1000;
    expect(isAccessTokenOver(life, ttlSeconds, over - 1)).toBe(false);
    expect(isAccessTokenOver(life, ttlSeconds, over)).toBe(true);
  });
});
