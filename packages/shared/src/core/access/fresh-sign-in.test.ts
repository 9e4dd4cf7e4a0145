import { describe, expect, it } from "vitest";
import { isFreshSignIn, wantsFreshSignIn } from "./fresh-sign-in.ts";

describe("a fresh sign-in", () => {
  it("is one of less than five minutes ago, and one that a clock set back has yet to come", () => {
    const now = Date.UTC(2026, 10, 22);
    expect([299_999, 300_000, -60_000].map((ago) => isFreshSignIn(now - ago, now))).toEqual([
      true,
      false,
      true,
    ]);
  });

  it("is wanted by what gives something, and by nothing that only takes", () => {
    const ofUsers = { roleIds: "given", email: "given", active: "given" } as const;
    for (const body of [{ roleIds: ["rol_1"] }, { email: "a@b.example" }, { active: true }])
      expect([body, wantsFreshSignIn(ofUsers, body)]).toEqual([body, true]);
    for (const body of [
      undefined,
      {},
      { displayName: "Ada" },
      { roleIds: [], email: null, active: false },
    ])
      expect([body, wantsFreshSignIn(ofUsers, body)]).toEqual([body, false]);
  });

  it("is wanted by one of several values, or by every request", () => {
    const ofChanges = { change: ["activate", "addRole"] };
    expect(
      ["addRole", "removeRole"].map((change) => wantsFreshSignIn(ofChanges, { change })),
    ).toEqual([true, false]);
    expect(wantsFreshSignIn(true, undefined)).toBe(true);
  });
});
