import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { everySection, permissions } from "../../contract/permissions.ts";
import {
  coversRights,
  decideRightsChange,
  everyRight,
  requireRights,
  rightsBeyond,
  type Rights,
} from "./decide-rights-change.ts";

const slugs = ["finance", "marketing", "operations", "people"];
const grants = fc.uniqueArray(
  fc.record({
    section: fc.constantFrom(...slugs, everySection),
    expiresAt: fc.constantFrom(null, 60_000, 60_400, 120_000),
  }),
  { selector: ({ section }) => section },
);
const rights = fc.record({
  permissions: fc.subarray([...permissions, "of:later"]),
  grants,
});
const forGood = (sections: readonly string[]): Rights["grants"] =>
  sections.map((section) => ({ section, expiresAt: null }));
const nothing: Rights = { permissions: [], grants: [] };
const joined = (one: Rights, other: Rights): Rights => ({
  permissions: [...one.permissions, ...other.permissions],
  grants: [...one.grants, ...other.grants],
});

/** The rule again, right by right and second by second, as a person would check it. */
const mayGiveAll = (actor: Rights, given: Rights): boolean => {
  const has = (permission: string): boolean =>
    permission === "of:later" || actor.permissions.includes(permission);
  const sees = (one: Rights, slug: string, at: number): boolean =>
    one.grants.some(
      ({ section, expiresAt }) =>
        [slug, everySection].includes(section) &&
        (expiresAt === null || Math.floor(expiresAt / 1000) > at),
    );
  return (
    given.permissions.every(has) &&
    // Of a section that nobody has named, too.
    [...slugs, "another"].every((slug) =>
      [0, 59, 60, 119, 120, 1e9].every(
        (at) => !sees(given, slug, at) || sees(actor, slug, at) || has("sections:write"),
      ),
    )
  );
};

describe("the decision who may give what to whom", () => {
  it("is the one of the plain rule, whatever the rights", () => {
    fc.assert(
      fc.property(rights, rights, rights, (actor, of, given) => {
        const all = (one: Rights): boolean => mayGiveAll(actor, one);
        expect(decideRightsChange(actor, { actsOn: [of], gives: [given] })).toBe(
          all(of) ? (all(given) ? null : "gives") : "actsOn",
        );
      }),
    );
  });

  it("lets nobody come to more than they have: what is given adds nothing that they could not do", () => {
    fc.assert(
      fc.property(rights, rights, rights, (actor, given, wanted) => {
        fc.pre(coversRights(actor, given) && !coversRights(actor, wanted));
        // Whoever may change sections could have shown themselves every one before, too.
        expect(coversRights(joined(actor, given), wanted)).toBe(false);
      }),
    );
  });

  it("lets everybody act on themselves, and somebody with every right on everybody", () => {
    fc.assert(
      fc.property(rights, (one) => {
        expect(decideRightsChange(one, { actsOn: [one], gives: [one] })).toBeNull();
        expect(decideRightsChange(everyRight, { actsOn: [one], gives: [one] })).toBeNull();
        expect(decideRightsChange(one, {})).toBeNull();
        expect(decideRightsChange(nothing, { actsOn: [one] })).toBe(
          one.grants.length === 0 && one.permissions.every((right) => right === "of:later")
            ? null
            : "actsOn",
        );
      }),
    );
  });

  it("takes a permission for one that is held, and never for another", () => {
    for (const permission of permissions) {
      const others = permissions.filter((other) => other !== permission);
      const actor = { permissions: others, grants: forGood([everySection]) };
      expect(rightsBeyond(actor, { permissions, grants: forGood([everySection]) })).toEqual({
        permissions: [permission],
        sections: [],
      });
    }
  });

  it("gives every section to whoever has every one, or may change sections, and to nobody else", () => {
    const all: Rights = { permissions: [], grants: forGood([everySection]) };
    expect(coversRights({ permissions: [], grants: forGood(slugs) }, all)).toBe(false);
    expect(coversRights({ permissions: ["sections:read"], grants: forGood(slugs) }, all)).toBe(
      false,
    );
    expect(coversRights({ permissions: ["sections:write"], grants: [] }, all)).toBe(true);
    expect(coversRights(all, { permissions: [], grants: forGood(slugs) })).toBe(true);
  });

  it("lets nobody give a section for longer than they have it, nor act on who has it longer", () => {
    const until = (expiresAt: number | null, section = "finance"): Rights => ({
      permissions: [],
      grants: [{ section, expiresAt }],
    });
    for (const [held, wanted, covered] of [
      [until(60_000), until(60_000), true],
      [until(60_000), until(59_000), true],
      [until(60_000), until(61_000), false],
      [until(60_000), until(null), false],
      [until(null), until(60_000), true],
      [until(60_000, everySection), until(60_000), true],
      [until(60_000, everySection), until(null), false],
      [joined(until(60_000, everySection), until(null)), until(null), true],
      [{ permissions: ["sections:write"], grants: [] }, until(null), true],
    ] as const) {
      expect(decideRightsChange(held, { gives: [wanted] })).toBe(covered ? null : "gives");
      expect(decideRightsChange(held, { actsOn: [wanted] })).toBe(covered ? null : "actsOn");
    }
  });

  it("names no section to who is refused", () => {
    const refused = (): void =>
      requireRights(nothing, {
        actsOn: [{ permissions: [], grants: forGood(["secret-project"]) }],
      });
    expect(refused).toThrow(/rights/);
    expect(refused).not.toThrow(/secret/);
    expect(() => requireRights(nothing, { gives: [nothing] })).not.toThrow();
  });
});
