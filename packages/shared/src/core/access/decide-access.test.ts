import { describe, expect, it } from "vitest";
import { permissions, type SimpleAccess } from "../../contract/contract.ts";
import { decideAccess, maySeeSection } from "./decide-access.ts";

const visitor = { sections: null, permissions: [] };
const nobodySpecial = { sections: [], permissions: [] };
const section: SimpleAccess = { section: "slug" };

describe("the decision who may do what", () => {
  it.each(["public", "public-or-signed-in", "refresh-token", "one-use-token"] as const)(
    "leaves %s to everybody",
    (access) => {
      expect(decideAccess(access, visitor, null)).toBeNull();
      expect(decideAccess(access, nobodySpecial, null)).toBeNull();
    },
  );

  it("wants a visitor to sign in before anything else", () => {
    expect(decideAccess("signed-in", visitor, null)).toBe("token_missing");
    expect(decideAccess({ permission: "sections:read" }, visitor, null)).toBe("token_missing");
    expect(decideAccess(section, visitor, { slug: "marketing", visibility: "restricted" })).toBe(
      "token_missing",
    );
    expect(decideAccess("signed-in", nobodySpecial, null)).toBeNull();
  });

  it.each(permissions)(
    "gives %s to its holder and to nobody who holds all the others",
    (permission) => {
      expect(
        decideAccess({ permission }, { sections: [], permissions: [permission] }, null),
      ).toBeNull();
      expect(
        decideAccess(
          { permission },
          { sections: ["_all_"], permissions: permissions.filter((other) => other !== permission) },
          null,
        ),
      ).toBe("forbidden");
    },
  );

  it("gives what needs two permissions to nobody who holds one of them", () => {
    const both = { permission: "sections:write", andPermission: "datasets:read" } as const;
    for (const held of ["sections:write", "datasets:read"])
      expect(decideAccess(both, { sections: ["_all_"], permissions: [held] }, null)).toBe(
        "forbidden",
      );
    expect(
      decideAccess(both, { sections: [], permissions: ["datasets:read", "sections:write"] }, null),
    ).toBeNull();
  });

  it("opens a section by its grant, by the wildcard, or because it is public", () => {
    const marketing = { slug: "marketing", visibility: "restricted" } as const;
    expect(
      decideAccess(section, { sections: ["marketing"], permissions: [] }, marketing),
    ).toBeNull();
    expect(decideAccess(section, { sections: ["_all_"], permissions: [] }, marketing)).toBeNull();
    expect(
      decideAccess(
        section,
        { sections: ["finance", "marketing2", "market"], permissions: [...permissions] },
        marketing,
      ),
    ).toBe("section_forbidden");
    expect(decideAccess(section, visitor, { slug: "welcome", visibility: "public" })).toBeNull();
    expect(
      decideAccess(section, nobodySpecial, { slug: "welcome", visibility: "public" }),
    ).toBeNull();
  });

  it("answers for a section that does not exist as for one that is not granted", () => {
    const unknown = { slug: "nowhere", visibility: null };
    expect(decideAccess(section, nobodySpecial, unknown)).toBe("section_forbidden");
    expect(decideAccess(section, { sections: ["nowhere"], permissions: [] }, unknown)).toBe(
      "section_forbidden",
    );
    expect(decideAccess(section, { sections: ["_all_"], permissions: [] }, unknown)).toBe(
      "section_forbidden",
    );
    expect(decideAccess(section, visitor, unknown)).toBe("token_missing");
    expect(decideAccess(section, nobodySpecial, null)).toBe("section_forbidden");
  });

  it("does not take the wildcard for a slug", () => {
    expect(maySeeSection(["marketing"], "_all_", null)).toBe(false);
    expect(maySeeSection(["marketing"], "_all_", "restricted")).toBe(false);
  });
});
