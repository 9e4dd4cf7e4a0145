import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readBasicCredentials, readBearerToken } from "./credentials.ts";

const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;

describe("Basic credentials", () => {
  it.each([
    ["mike:secret", { username: "mike", password: "secret" }],
    ["mike:with:colons:", { username: "mike", password: "with:colons:" }],
    ["mike:", { username: "mike", password: "" }],
    ["Åsa:pæsswörd ✓", { username: "Åsa", password: "pæsswörd ✓" }],
    ["mike: spaces ", { username: "mike", password: " spaces " }],
  ])("of %j are read as UTF-8, split at the first colon", (text, expected) => {
    expect(readBasicCredentials(basic(text))).toEqual(expected);
  });

  it("may be written in any case of the scheme's name", () => {
    expect(readBasicCredentials(basic("mike:x").replace("Basic", "bAsIc"))).toEqual({
      username: "mike",
      password: "x",
    });
  });

  it.each([
    "",
    "Basic",
    "Basic ",
    basic(":no user"),
    basic("no colon"),
    "Basic !!!!",
    "Basic bWlrZTp4 x",
    "Bearer bWlrZTp4",
    "bWlrZTp4",
    `Basic ${Buffer.from([0x6d, 0x3a, 0xff, 0xfe]).toString("base64")}`,
  ])("that are malformed are none: %j", (header) => {
    expect(readBasicCredentials(header)).toBeNull();
  });

  it("come back whatever they are", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", minLength: 1 }),
        fc.string({ unit: "grapheme" }),
        (username, password) => {
          fc.pre(!username.includes(":"));
          expect(readBasicCredentials(basic(`${username}:${password}`))).toEqual({
            username,
            password,
          });
        },
      ),
    );
  });
});

describe("a bearer token", () => {
  it.each([
    [undefined, undefined],
    ["Bearer abc.def-_~+/", "abc.def-_~+/"],
    ["bearer   abc==", "abc=="],
    ["Bearer", null],
    ["Bearer ", null],
    ["Bearer a b", null],
    ["Bearer =", null],
    ["Basic abc", null],
    ["Bearerabc", null],
    ["Bearer é", null],
    ["", null],
  ])("in %j is %j", (authorization, expected) => {
    expect(readBearerToken(() => authorization)).toBe(expected);
  });
});
