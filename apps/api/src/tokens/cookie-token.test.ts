import type { AccessTokenUse } from "@sallyport/shared/core";
import { CompactSign, compactVerify, exportJWK, exportSPKI } from "jose";
import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  claims,
  codeOf,
  cookieKid,
  create,
  given,
  now,
  ownHeader,
  publicKey,
  secret,
  segment,
  signed,
} from "../../test/own-tokens.ts";

describe("an access token in a cookie", () => {
  const header = { alg: "HS256", typ: "at+jwt", kid: cookieKid };
  const authenticated = (
    given: object,
    key: string | Buffer = secret,
    payload: object = claims,
  ): string => {
    const data = `${segment(given)}.${segment(payload)}`;
    return `${data}.${createHmac("sha256", key).update(data).digest("base64url")}`;
  };
  const checkFrom = (use: AccessTokenUse, token: string): Promise<string> =>
    codeOf(create({ use }).verify(token, now));

  it("has a MAC by a key that no verifier of others has, and is accepted as issued", async () => {
    const tokens = create({ use: "cookie" });
    const { token } = await tokens.issue(given, now);
    expect(JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString())).toEqual(
      header,
    );
    expect(await tokens.verify(token, now)).toMatchObject(given);
    expect(tokens.verifyKnown(token, now)).toMatchObject(given);
  });

  it("made by node:crypto is verified by jose, and made by jose is accepted", async () => {
    const { token } = await create({ use: "cookie" }).issue(given, now);
    const { protectedHeader } = await compactVerify(token, secret, { algorithms: ["HS256"] });
    expect(protectedHeader).toEqual(header);
    const byJose = await new CompactSign(Buffer.from(JSON.stringify(claims)))
      .setProtectedHeader(header)
      .sign(secret);
    expect(byJose).toBe(authenticated(header));
    expect(await checkFrom("cookie", byJose)).toBe("accepted");
  });

  it("is none that a program may bear, nor is one that has been seen in a cookie", async () => {
    const { tokens } = create();
    const { token } = await tokens.issue("cookie", given, now);
    expect(await codeOf(tokens.verify("bearer", token, now))).toBe("token_invalid");
    expect(await codeOf(tokens.verify("cookie", token, now))).toBe("accepted");
    expect(tokens.verifyKnown("cookie", token, now)).toMatchObject(given);
    expect(tokens.verifyKnown("bearer", token, now)).toBeNull();
    expect(await codeOf(tokens.verify("bearer", token, now))).toBe("token_invalid");
  });

  it("may be one of before there were keys for cookies, signed like those of programs", async () => {
    expect(await checkFrom("cookie", signed(ownHeader))).toBe("accepted");
  });

  it("is refused where key and algorithm are of two kinds, whichever of both the signature fits", async () => {
    for (const use of ["cookie", "bearer"] as const)
      for (const token of [
        authenticated({ ...header, kid: "own" }),
        authenticated({ ...header, alg: "EdDSA" }),
        authenticated({ ...header, alg: "EdDSA", kid: "own" }),
        signed({ ...ownHeader, kid: cookieKid }),
        signed({ ...ownHeader, alg: "HS256" }),
        signed({ ...ownHeader, alg: "HS256", kid: cookieKid }),
        authenticated({ ...header, kid: undefined }),
      ])
        expect(await checkFrom(use, token)).toBe("token_invalid");
  });

  it("is refused with what everybody knows as its secret: the public key, in each of its forms", async () => {
    const spki = await exportSPKI(publicKey);
    const raw = Buffer.from((await exportJWK(publicKey)).x ?? "", "base64url");
    const jwk = JSON.stringify(await exportJWK(publicKey));
    for (const known of [spki, spki.trim(), raw, jwk, "", cookieKid, "own"])
      for (const kid of [cookieKid, "own"])
        for (const use of ["cookie", "bearer"] as const)
          expect(await checkFrom(use, authenticated({ ...header, kid }, known))).toBe(
            "token_invalid",
          );
  });

  it.each(["none", "None", "HS384", "HS512", "hs256", ""])(
    "may name no other algorithm than its key's: %j",
    async (alg) => {
      const data = `${segment({ ...header, alg })}.${segment(claims)}`;
      for (const token of [
        authenticated({ ...header, alg }),
        `${data}.`,
        `${data}.AA`,
        `${data}.${createHmac("sha384", secret).update(data).digest("base64url")}`,
        `${data}.${createHmac("sha512", secret).update(data).digest("base64url")}`,
      ])
        expect(await checkFrom("cookie", token)).toBe("token_invalid");
    },
  );

  it("needs its whole MAC: none that is cut short or goes on is enough, however it begins", async () => {
    const token = authenticated(header);
    const [head, body, mac] = token.split(".") as [string, string, string];
    const bytes = Buffer.from(mac, "base64url");
    for (let length = 0; length < 64; length += 1) {
      const cut = Buffer.concat([bytes, Buffer.alloc(32)]).subarray(0, length);
      expect(await checkFrom("cookie", `${head}.${body}.${cut.toString("base64url")}`)).toBe(
        length === 32 ? "accepted" : "token_invalid",
      );
    }
  });

  it("has one spelling: the three others of its last character, which decode to the same MAC, are refused", async () => {
    const token = authenticated(header);
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const spellings = [...alphabet].map((last) => token.slice(0, -1) + last);
    const bytes = Buffer.from(token.split(".")[2] ?? "", "base64url");
    expect(
      spellings.filter((one) => Buffer.from(one.split(".")[2] ?? "", "base64url").equals(bytes)),
    ).toHaveLength(4);
    const tokens = create({ use: "cookie" });
    const codes = await Promise.all(spellings.map((one) => codeOf(tokens.verify(one, now))));
    expect(spellings.filter((_, index) => codes[index] === "accepted")).toEqual([token]);
  });

  it("is checked like any other for its type, its claims, its issuer, its audience and its time", async () => {
    for (const [token, code] of [
      [authenticated({ ...header, typ: "JWT" }), "token_invalid"],
      [authenticated(header, secret, { ...claims, sub: "mike" }), "token_invalid"],
      [authenticated(header, secret, { ...claims, iss: "https://evil.example" }), "token_invalid"],
      [authenticated(header, secret, { ...claims, aud: "https://evil.example" }), "token_invalid"],
      [authenticated(header, secret, { ...claims, exp: now / 1000 - 5 }), "token_expired"],
      [authenticated(header), "accepted"],
    ] as const)
      expect(await checkFrom("cookie", token)).toBe(code);
  });

  it("is encrypted where access tokens are, with the same checks inside", async () => {
    const { tokens } = create({ encrypted: true });
    const { token } = await tokens.issue("cookie", given, now);
    expect(token.split(".")).toHaveLength(5);
    expect(await codeOf(tokens.verify("bearer", token, now))).toBe("token_invalid");
    expect(await codeOf(tokens.verify("cookie", token, now))).toBe("accepted");
    expect(await codeOf(tokens.verify("bearer", token, now))).toBe("token_invalid");
  });
});
