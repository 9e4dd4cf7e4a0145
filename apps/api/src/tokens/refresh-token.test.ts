import { createHmac, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RefreshToken } from "@sallyport/shared/core";
import { chance, digests, newId } from "./chance.ts";
import { deriveMasterSecrets } from "./master-secret.ts";
import { createRefreshTokens } from "./refresh-token.ts";

const secrets = deriveMasterSecrets(randomBytes(32), []);
const tokens = createRefreshTokens(secrets);
const write = (token: RefreshToken): string => tokens.write(token, tokens.masterSecretId);
const next = (token: RefreshToken, salt: Uint8Array): RefreshToken | null =>
  tokens.next(token, salt, tokens.masterSecretId);
const first = (): { token: RefreshToken; salt: Uint8Array } => ({
  token: { sessionId: newId("ses"), generation: 1, secret: chance.secret() },
  salt: chance.secret(),
});

describe("refresh tokens", () => {
  it("are sid.generation.secret.tag, all of fixed width, whatever the generation", () => {
    const { token } = first();
    for (const generation of [1, 9_999_999_999]) {
      const text = write({ ...token, generation });
      expect(text).toMatch(
        /^ses_[A-Za-z0-9_-]{22}\.[0-9]{10}\.[A-Za-z0-9_-]{43}\.[A-Za-z0-9_-]{43}$/,
      );
      expect(text).toHaveLength(26 + 10 + 43 + 43 + 3);
    }
  });

  it("can be read back under the secret that wrote them", () => {
    const { token } = first();
    expect(tokens.read(write(token))).toEqual(token);
  });

  it("can be read under an older listed secret, and not once it is dropped", () => {
    const [old, young] = [randomBytes(32), randomBytes(32)];
    const { token } = first();
    const before = createRefreshTokens(deriveMasterSecrets(old, []));
    const text = before.write(token, before.masterSecretId);
    const both = createRefreshTokens(deriveMasterSecrets(young, [old]));
    expect(both.read(text)).toEqual(token);
    expect(both.write(token, before.masterSecretId)).toBe(text);
    const dropped = createRefreshTokens(deriveMasterSecrets(young, []));
    expect(dropped.read(text)).toBeNull();
    expect(dropped.next(token, randomBytes(32), before.masterSecretId)).toBeNull();
    expect(() => dropped.write(token, before.masterSecretId)).toThrow("no listed secret");
  });

  it("derive the next secret as HMAC(K_refresh, rt/v1/next ‖ sid ‖ n+1 ‖ salt ‖ secret(n))", () => {
    const { token, salt } = first();
    const expected = createHmac("sha256", secrets.current.key.refresh)
      .update("rt/v1/next")
      .update(token.sessionId)
      .update("0000000002")
      .update(salt)
      .update(token.secret)
      .digest();
    expect(next(token, salt)).toEqual({
      sessionId: token.sessionId,
      generation: 2,
      secret: expected,
    });
  });

  it("carry the tag HMAC(K_tag, rt/v1/tag ‖ sid ‖ generation ‖ secret)", () => {
    const { token } = first();
    const expected = createHmac("sha256", secrets.current.key.tag)
      .update("rt/v1/tag")
      .update(token.sessionId)
      .update("0000000001")
      .update(token.secret)
      .digest("base64url");
    expect(write(token).split(".")[3]).toBe(expected);
  });

  it("give the holder of one generation the same successor every time, and another session or salt another one", () => {
    const { token, salt } = first();
    const second = next(token, salt);
    expect(second).toMatchObject({ generation: 2 });
    expect(next(token, salt)).toEqual(second);
    for (const other of [
      next(token, randomBytes(32)),
      next({ ...token, sessionId: newId("ses") }, salt),
      next({ ...token, generation: 7 }, salt),
    ]) {
      expect(other?.secret).toHaveLength(32);
      expect(other?.secret).not.toEqual(second?.secret);
    }
  });

  it("are refused when any one character is changed", () => {
    const text = write(first().token);
    fc.assert(
      fc.property(
        fc.nat(text.length - 1),
        fc.constantFrom(..."ABCabc019_-.= \n\0é"),
        (at, character) => {
          fc.pre(text[at] !== character);
          expect(tokens.read(text.slice(0, at) + character + text.slice(at + 1))).toBeNull();
        },
      ),
    );
  });

  it("are refused in every other spelling of the last character of secret or tag", () => {
    const text = write(first().token);
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (const at of [text.lastIndexOf(".") - 1, text.length - 1]) {
      const accepted = [...alphabet].filter(
        (character) => tokens.read(text.slice(0, at) + character + text.slice(at + 1)) !== null,
      );
      expect(accepted).toEqual([text[at]]);
    }
  });

  it("are refused with anything before, after or missing, without throwing", () => {
    const text = write(first().token);
    for (const other of [
      `${text}\n`,
      ` ${text}`,
      `${text}.`,
      text.slice(1),
      text.slice(0, -1),
      "",
      ".",
      "...",
      text.replaceAll(".", ""),
      text.toUpperCase(),
    ])
      expect(tokens.read(other)).toBeNull();
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (garbage) => tokens.read(garbage) === null),
    );
  });

  it("do not contain what the database stores", () => {
    const { token } = first();
    const text = write(token);
    expect(text).not.toContain(Buffer.from(digests.hash(token.secret)).toString("base64url"));
  });
});
