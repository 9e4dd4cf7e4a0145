import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emailKey, usernameKey } from "./usernames.ts";

describe("the key of a user name", () => {
  it.each([
    ["mike", "MIKE"],
    ["mike", "ｍｉｋｅ"],
    ["mike", " mike "],
    ["mike", "𝓶𝓲𝓴𝓮"],
    ["kelvin", "\u212aelvin"],
    ["åsa", "A\u030aSA"],
    ["file", "ﬁle"],
    ["straße", "STRAẞE"],
    ["νικοσ", "ΝΙΚΟΣ"],
    ["νικοσ", "νικος"],
    ["νικοσ", "νικοσ"],
    ["νικοσ", "νικο\u03f2"],
  ])("is %j for %j as well", (key, username) => {
    expect(usernameKey(username)).toBe(key);
  });

  it("folds the case of addresses in the same way", () => {
    for (const email of ["ΝΙΚΟΣ@example.com", "νικος@EXAMPLE.com", "νικοσ@example.com"])
      expect(emailKey(email)).toBe("νικοσ@example.com");
  });

  it("tells look-alikes of other scripts apart", () => {
    expect(usernameKey("mike")).not.toBe(usernameKey("m\u0456ke"));
  });

  it("does not change when it is taken twice, so that no spelling slips past a check made before", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(usernameKey(usernameKey(text))).toBe(usernameKey(text));
        expect(emailKey(emailKey(text))).toBe(emailKey(text));
      }),
    );
    for (let code = 0; code < 0x2ffff; code += 1) {
      const text = String.fromCodePoint(code);
      if (usernameKey(usernameKey(text)) !== usernameKey(text))
        throw new Error(`U+${code.toString(16)} has two keys`);
    }
  });
});
