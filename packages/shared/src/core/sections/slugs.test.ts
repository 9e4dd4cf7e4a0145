import { expect, test } from "vitest";
import fc from "fast-check";
import { slug } from "../../contract/contract.ts";
import { reservedSlug, suggestSlugs } from "./slugs.ts";

test.each([
  ["Marketing", "marketing"],
  ["  Sales & Returns (EU) 2026 ", "sales-returns-eu-2026"],
  ["Übersicht Größen", "ubersicht-grossen"],
  ["Łódź, Tromsø, Đà Nẵng", "lodz-tromso-da-nang"],
  ["ﬁgures", "figures"],
  ["販売", "section"],
  ["مبيعات", "section"],
  ["🎉", "section"],
  ["New", "new-2"],
  ["x".repeat(100), "x".repeat(64)],
])("%j suggests %j", (title, expected) => {
  expect(suggestSlugs(title)[0]).toBe(expected);
});

test("whatever a title is, all that it suggests are slugs, each another, and none is reserved", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 100 }), (title) => {
      const suggested = suggestSlugs(title);
      expect(new Set(suggested).size).toBe(suggested.length);
      for (const one of suggested) {
        expect(slug.safeParse(one).success).toBe(true);
        expect(reservedSlug(one)).toEqual([]);
      }
    }),
  );
});
