import { describe, expect, it } from "vitest";
import { checkPassword } from "./password-policy.ts";

const codeOf = (password: string, context: string[] = []): string | undefined =>
  checkPassword(password, context, (text) => text === "correct horse battery")?.code;

describe("the password policy", () => {
  it("wants 15 to 128 characters, counted as people count them", () => {
    expect(codeOf("xkq vbz mwj rty")).toBeUndefined();
    expect(codeOf("xkq vbz mwj rt")).toBe("password_too_short");
    expect(codeOf("😀😃😄😁😆😅🤣😂🙂🙃😉😊😇")).toBe("password_too_short");
    const long = Array.from({ length: 64 }, (_, index) => (index * index * 37 + 11).toString(36))
      .join(" ")
      .slice(0, 128);
    expect(codeOf(long)).toBeUndefined();
    expect(codeOf(`${long}x`)).toBe("password_too_long");
    // Two keyboards may compose one letter differently: é in one piece, or e and an accent.
    expect(codeOf("é pâté brûlé là".normalize("NFD").slice(0, -2))).toBe("password_too_short");
    expect(codeOf(`é${long.slice(1)}`.normalize("NFD"))).toBeUndefined();
  });

  it("asks for no digits, capitals or signs", () => {
    expect(codeOf("nothing but plain small words")).toBeUndefined();
  });

  it.each([
    "aaaaaaaaaaaaaaaaaa",
    "abcabcabcabcabcabc",
    "abcdefghijklmnopqrstuvwxyz",
    "zyxwvutsrqponmlkj",
    "1234567890123456789012345",
    "horse-horse-hors",
    "111111111111111",
  ])("refuses repetition and sequence: %s", (password) => {
    expect(codeOf(password)).toBeDefined();
  });

  it("refuses what is made of the user's own name or address", () => {
    expect(
      codeOf("mike.lindqvist@example.com", [
        "mike",
        "Mike Lindqvist",
        "mike.lindqvist@example.com",
      ]),
    ).toBe("password_about_you");
    expect(codeOf("MIKE-LINDQVIST-1984", ["mike", "Mike Lindqvist"])).toBe("password_about_you");
    expect(codeOf("sallyport-sallyport-1", [])).toBe("password_about_you");
    expect(codeOf("mike likes long walks by the sea", ["mike"])).toBeUndefined();
  });

  it("refuses what is tried first, whatever stands before and after it", () => {
    expect(codeOf("Correct Horse Battery")).toBe("password_common");
    expect(codeOf("1984correct horse battery!")).toBe("password_common");
    expect(codeOf("correct horse battery staple")).toBeUndefined();
  });

  it("points at the password", () => {
    expect(checkPassword("short", [], () => false)).toMatchObject({ pointer: "/password" });
  });
});
