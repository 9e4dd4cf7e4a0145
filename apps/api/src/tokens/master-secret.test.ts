import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { deriveMasterSecrets, parseMasterSecret } from "./master-secret.ts";

describe("the master secret", () => {
  it("is 32 bytes in base64url", () => {
    const bytes = randomBytes(32);
    expect(parseMasterSecret(bytes.toString("base64url"))).toEqual(bytes);
  });

  it.each([
    ["empty", ""],
    ["with a space in it", `${randomBytes(31).toString("base64url")} A`],
    ["in the alphabet of plain base64", "+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/8"],
  ])("is refused %s", (_, text) => {
    expect(parseMasterSecret(text)).toBe("is not base64url");
  });

  it("is refused when shorter than 32 bytes, and when longer", () => {
    expect(parseMasterSecret(randomBytes(31).toString("base64url"))).toMatch(/31 bytes/);
    expect(parseMasterSecret(randomBytes(33).toString("base64url"))).toMatch(/33 bytes/);
  });

  it.each([
    ["all zero", Buffer.alloc(32)],
    ["one byte over and over", Buffer.alloc(32, 0x5a)],
    ["two bytes in turn", Buffer.alloc(32, "ab")],
    ["typed words", Buffer.from("my very long secret for sallyport")],
    ["a placeholder", Buffer.from("changeme-changeme-changeme-12345")],
    ["the alphabet", Buffer.from("abcdefghijklmnopqrstuvwxyzABCDEF")],
    ["the digits", Buffer.from("0123456789zyxwvutsrqponmlkjihgfe")],
    // Typed as text: it is the text that is guessable, not the bytes that it happens to spell.
    ["words", Buffer.from("changeme-changeme-changeme-changeme-changem", "base64url")],
    ["a sentence", Buffer.from("this-is-my-super-secret-password-please-chg", "base64url")],
    [
      "the key of RFC 7520",
      Buffer.from("hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg", "base64url"),
    ],
  ])("is refused as guessable when it is %s", (_, bytes) => {
    expect(parseMasterSecret(bytes.subarray(0, 32).toString("base64url"))).toMatch(/guessable/);
  });

  it("gives each purpose a key of its own, and another secret gives others", () => {
    const one = deriveMasterSecrets(randomBytes(32), []).current;
    const other = deriveMasterSecrets(randomBytes(32), []).current;
    const keys = [...Object.values(one.key), ...Object.values(other.key)].map((key) =>
      key.toString("hex"),
    );
    expect(keys).toHaveLength(14);
    expect(new Set(keys).size).toBe(14);
    expect(keys.every((key) => key.length === 64)).toBe(true);
  });

  it("is named in rows by an id that tells nothing of it and stays the same", () => {
    const bytes = randomBytes(32);
    const { id } = deriveMasterSecrets(bytes, []).current;
    expect(deriveMasterSecrets(bytes, [randomBytes(32)]).current.id).toBe(id);
    expect(bytes.toString("base64url")).not.toContain(id);
  });

  it("is listed once when it stands among the older ones as well", () => {
    const [current, old] = [randomBytes(32), randomBytes(32)];
    expect(deriveMasterSecrets(current, [old, current]).all).toHaveLength(2);
  });
});
