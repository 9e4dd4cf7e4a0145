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
const rights = fc.record({
  permissions: fc.subarray([...permissions, "of:later"]),
  sections: fc.oneof(fc.subarray(slugs), fc.constant([everySection])),
});
const nothing: Rights = { permissions: [], sections: [] };
const joined = (one: Rights, other: Rights): Rights => ({
  permissions: [...one.permissions, ...other.permissions],
  sections: [...one.sections, ...other.sections],
});

/** The rule again, right by right, as a person would check it. */
const mayGive = (actor: Rights, right: string): boolean => {
  const has = (one: string): boolean =>
    actor.permissions.includes(one) || actor.sections.includes(one);
  if (right.includes(":")) return right === "of:later" || has(right);
  return has(right) || has(everySection) || has("sections:write");
};

describe("the decision who may give what to whom", () => {
  it("is the one of the plain rule, whatever the rights", () => {
    fc.assert(
      fc.property(rights, rights, rights, (actor, of, given) => {
        const all = ({ permissions, sections }: Rights): boolean =>
          [...permissions, ...sections].every((right) => mayGive(actor, right));
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
          [...one.permissions, ...one.sections].every((right) => right === "of:later")
            ? null
            : "actsOn",
        );
      }),
    );
  });

  it("takes a permission for one that is held, and never for another", () => {
    for (const permission of permissions) {
      const others = permissions.filter((other) => other !== permission);
      const actor = { permissions: others, sections: [everySection] };
      expect(rightsBeyond(actor, { permissions, sections: [everySection] })).toEqual({
        permissions: [permission],
        sections: [],
      });
    }
  });

  it("gives every section to whoever has every one, or may change sections, and to nobody else", () => {
    const all: Rights = { permissions: [], sections: [everySection] };
    expect(coversRights({ permissions: [], sections: slugs }, all)).toBe(false);
    expect(coversRights({ permissions: ["sections:read"], sections: slugs }, all)).toBe(false);
    expect(coversRights({ permissions: ["sections:write"], sections: [] }, all)).toBe(true);
    expect(coversRights(all, { permissions: [], sections: slugs })).toBe(true);
  });

  it("names no section to who is refused", () => {
    const refused = (): void =>
      requireRights(nothing, { actsOn: [{ permissions: [], sections: ["secret-project"] }] });
    expect(refused).toThrow(/rights/);
    expect(refused).not.toThrow(/secret/);
    expect(() => requireRights(nothing, { gives: [nothing] })).not.toThrow();
  });
});
