import { createHmac, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newId } from "../database/identifier.ts";
import { deriveMasterSecrets } from "./master-secret.ts";
import {
  deriveNext,
  hashSecret,
  readRefreshToken,
  startFamily,
  writeRefreshToken,
  type RefreshToken,
} from "./refresh-token.ts";

const secrets = deriveMasterSecrets(randomBytes(32), []);
const first = (): { token: RefreshToken; salt: Buffer } => {
  const { secret, salt } = startFamily();
  return { token: { sessionId: newId("ses"), generation: 1, secret }, salt };
};

describe("refresh tokens", () => {
  it("are sid.generation.secret.tag, all of fixed width, whatever the generation", () => {
    const { token } = first();
    for (const generation of [1, 9_999_999_999]) {
      const text = writeRefreshToken(secrets.current, { ...token, generation });
      expect(text).toMatch(
        /^ses_[A-Za-z0-9_-]{22}\.[0-9]{10}\.[A-Za-z0-9_-]{43}\.[A-Za-z0-9_-]{43}$/,
      );
      expect(text).toHaveLength(26 + 10 + 43 + 43 + 3);
    }
  });

  it("can be read back under the secret that wrote them", () => {
    const { token } = first();
    expect(readRefreshToken(secrets, writeRefreshToken(secrets.current, token))).toEqual(token);
  });

  it("can be read under an older listed secret, and not once it is dropped", () => {
    const [old, young] = [randomBytes(32), randomBytes(32)];
    const { token } = first();
    const text = writeRefreshToken(deriveMasterSecrets(old, []).current, token);
    expect(readRefreshToken(deriveMasterSecrets(young, [old]), text)).toEqual(token);
    expect(readRefreshToken(deriveMasterSecrets(young, []), text)).toBeNull();
  });

  it("derive the next secret as HMAC(K_refresh, rt/v1/next ‖ sid ‖ n+1 ‖ salt ‖ secret(n))", () => {
    const { token, salt } = first();
    const next = deriveNext(secrets.current, token, salt);
    const expected = createHmac("sha256", secrets.current.key.refresh)
      .update("rt/v1/next")
      .update(token.sessionId)
      .update("0000000002")
      .update(salt)
      .update(token.secret)
      .digest();
    expect(next).toEqual({ sessionId: token.sessionId, generation: 2, secret: expected });
  });

  it("carry the tag HMAC(K_tag, rt/v1/tag ‖ sid ‖ generation ‖ secret)", () => {
    const { token } = first();
    const expected = createHmac("sha256", secrets.current.key.tag)
      .update("rt/v1/tag")
      .update(token.sessionId)
      .update("0000000001")
      .update(token.secret)
      .digest("base64url");
    expect(writeRefreshToken(secrets.current, token).split(".")[3]).toBe(expected);
  });

  it("give the holder of one generation the same successor every time, and another family or salt another one", () => {
    const { token, salt } = first();
    const next = deriveNext(secrets.current, token, salt);
    expect(deriveNext(secrets.current, token, salt)).toEqual(next);
    expect(deriveNext(secrets.current, token, randomBytes(32)).secret).not.toEqual(next.secret);
    expect(
      deriveNext(secrets.current, { ...token, sessionId: newId("ses") }, salt).secret,
    ).not.toEqual(next.secret);
    expect(deriveNext(secrets.current, { ...token, generation: 7 }, salt).secret).not.toEqual(
      next.secret,
    );
  });

  it("are refused when any one character is changed", () => {
    const text = writeRefreshToken(secrets.current, first().token);
    fc.assert(
      fc.property(
        fc.nat(text.length - 1),
        fc.constantFrom(..."ABCabc019_-.= \n\0é"),
        (at, character) => {
          fc.pre(text[at] !== character);
          expect(
            readRefreshToken(secrets, text.slice(0, at) + character + text.slice(at + 1)),
          ).toBeNull();
        },
      ),
    );
  });

  it("are refused in every other spelling of the last character of secret or tag", () => {
    const text = writeRefreshToken(secrets.current, first().token);
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (const at of [text.lastIndexOf(".") - 1, text.length - 1]) {
      const accepted = [...alphabet].filter(
        (character) =>
          readRefreshToken(secrets, text.slice(0, at) + character + text.slice(at + 1)) !== null,
      );
      expect(accepted).toEqual([text[at]]);
    }
  });

  it("are refused with anything before, after or missing, without throwing", () => {
    const text = writeRefreshToken(secrets.current, first().token);
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
      expect(readRefreshToken(secrets, other)).toBeNull();
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        (garbage) => readRefreshToken(secrets, garbage) === null,
      ),
    );
  });

  it("do not contain what the database stores", () => {
    const { token } = first();
    const text = writeRefreshToken(secrets.current, token);
    expect(text).not.toContain(hashSecret(token.secret).toString("base64url"));
  });
});
