import { CompactEncrypt } from "jose";
import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { deriveMasterSecrets } from "./master-secret.ts";
import {
  check,
  claims,
  codeOf,
  create,
  given,
  now,
  ownHeader,
  secrets,
  segment,
  signed,
} from "../../test/own-tokens.ts";

describe("an encrypted access token", () => {
  const tokens = create({ encrypted: true });

  it("is accepted as issued, and its claims cannot be read", async () => {
    const { token } = await tokens.issue(given, now);
    expect(token.split(".")).toHaveLength(5);
    for (const part of token.split("."))
      expect(Buffer.from(part, "base64url").toString("latin1")).not.toMatch(
        /usr_mike|marketing|ses_one/,
      );
    expect(await tokens.verify(token, now)).toMatchObject(given);
  });

  it("is accepted under an older listed secret and refused once that is dropped", async () => {
    const [old, young] = [randomBytes(32), randomBytes(32)];
    const { token } = await create({
      encrypted: true,
      secrets: deriveMasterSecrets(old, []),
    }).issue(given, now);
    expect(
      await codeOf(
        create({ encrypted: true, secrets: deriveMasterSecrets(young, [old]) }).verify(token, now),
      ),
    ).toBe("accepted");
    expect(
      await codeOf(
        create({ encrypted: true, secrets: deriveMasterSecrets(young, []) }).verify(token, now),
      ),
    ).toBe("token_invalid");
  });

  it("is refused in every other spelling of any segment's last character", async () => {
    const { token } = await tokens.issue(given, now);
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const parts = token.split(".");
    for (const index of [0, 2, 3, 4]) {
      const others = [...alphabet]
        .filter((last) => !parts[index]?.endsWith(last))
        .map((last) =>
          parts.map((part, at) => (at === index ? part.slice(0, -1) + last : part)).join("."),
        );
      const codes = await Promise.all(others.map((other) => codeOf(tokens.verify(other, now))));
      expect(new Set(codes)).toEqual(new Set(["token_invalid"]));
    }
  });

  it("is not interchangeable with a signed one: each mode takes its own kind only", async () => {
    const { token: encrypted } = await tokens.issue(given, now);
    const { token: plain } = await create().issue(given, now);
    expect(await codeOf(tokens.verify(plain, now))).toBe("token_invalid");
    expect(await check(encrypted)).toBe("token_invalid");
  });

  it("is checked inside like any other: signature, type, issuer, audience and expiry", async () => {
    const wrap = (inner: string): Promise<string> =>
      new CompactEncrypt(Buffer.from(inner))
        .setProtectedHeader({ alg: "dir", enc: "A256GCM" })
        .encrypt(secrets.current.key.jwe);
    expect(await codeOf(tokens.verify(await wrap(signed(ownHeader)), now))).toBe("accepted");
    expect(
      await codeOf(tokens.verify(await wrap(`${signed(ownHeader).slice(0, -10)}AAAAAAAAAA`), now)),
    ).toBe("token_invalid");
    expect(await codeOf(tokens.verify(await wrap(signed({ ...ownHeader, typ: "JWT" })), now))).toBe(
      "token_invalid",
    );
    expect(
      await codeOf(tokens.verify(await wrap(signed(ownHeader, { ...claims, aud: "x" })), now)),
    ).toBe("token_invalid");
    expect(await codeOf(tokens.verify(await wrap(signed(ownHeader)), now + 3_600_000))).toBe(
      "token_expired",
    );
    expect(await codeOf(tokens.verify(await wrap(JSON.stringify(claims)), now))).toBe(
      "token_invalid",
    );
  });

  it("with a hostile header is refused at once: no key derivation, no inflation, no foreign algorithm", async () => {
    const headers = [
      { alg: "PBES2-HS512+A256KW", enc: "A256GCM", p2c: 2_000_000_000, p2s: "AAAAAAAA" },
      { alg: "dir", enc: "A256GCM", zip: "DEF" },
      { alg: "RSA-OAEP", enc: "A256GCM" },
      { alg: "ECDH-ES", enc: "A256GCM", epk: { kty: "EC", crv: "P-521" } },
      { alg: "dir", enc: "A128CBC-HS256" },
      { alg: "none", enc: "A256GCM" },
    ];
    const started = performance.now();
    for (const header of headers)
      expect(
        await codeOf(
          tokens.verify(`${segment(header)}..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA`, now),
        ),
      ).toBe("token_invalid");
    expect(await codeOf(tokens.verify(".....", now))).toBe("token_invalid");
    expect(await codeOf(tokens.verify("....", now))).toBe("token_invalid");
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
