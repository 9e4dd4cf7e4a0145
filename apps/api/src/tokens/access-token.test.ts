import { clockToleranceSeconds, type AccessClaims } from "@sallyport/shared/core";
import {
  CompactSign,
  compactVerify,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  importJWK,
} from "jose";
import { createHmac, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  check,
  claims,
  codeOf,
  create,
  given,
  issuer,
  keys,
  now,
  ownHeader,
  privateKey,
  publicKey,
  segment,
  signed,
} from "../../test/own-tokens.ts";

describe("an access token", () => {
  it("holds exactly the claims of the protocol and no name or e-mail address", async () => {
    const { token, expiresAt } = await create().issue(given, now);
    const [header, payload] = token
      .split(".")
      .map((part) => Buffer.from(part, "base64url").toString());
    expect(JSON.parse(header ?? "")).toEqual(ownHeader);
    expect(Object.keys(JSON.parse(payload ?? "") as object).sort()).toEqual([
      "amr",
      "aud",
      "auth_time",
      "epoch",
      "exp",
      "iat",
      "iss",
      "jti",
      "sections",
      "sid",
      "sub",
    ]);
    expect(expiresAt).toBe(now + 300_000);
  });

  it("is accepted as issued, each time with an id of its own", async () => {
    const tokens = create();
    const [one, other] = await Promise.all([tokens.issue(given, now), tokens.issue(given, now)]);
    expect(one.token).not.toBe(other.token);
    expect(await tokens.verify(one.token, now)).toMatchObject(given);
  });

  it("signed by node:crypto is verified by jose", async () => {
    const { token } = await create().issue(given, now);
    const { protectedHeader } = await compactVerify(token, publicKey, { algorithms: ["EdDSA"] });
    expect(protectedHeader).toEqual(ownHeader);
    const imported = await importJWK(await exportJWK(publicKey), "EdDSA");
    await expect(compactVerify(token, imported)).resolves.toBeDefined();
  });

  it("signed by jose is verified by node:crypto and accepted", async () => {
    const token = await new CompactSign(Buffer.from(JSON.stringify(claims)))
      .setProtectedHeader(ownHeader)
      .sign(privateKey);
    const [header, payload, signature] = token.split(".") as [string, string, string];
    expect(
      verify(
        null,
        Buffer.from(`${header}.${payload}`),
        publicKey,
        Buffer.from(signature, "base64url"),
      ),
    ).toBe(true);
    expect(await check(token)).toBe("accepted");
  });

  it.each([
    "",
    ".",
    "..",
    "a.b",
    "a.b.c",
    "a.b.c.d",
    "a..c",
    `${segment(ownHeader)}.${segment(claims)}.`,
    "é.é.é",
    "\0",
  ])("is refused when its shape is wrong: %j", async (token) => {
    expect(await check(token)).toBe("token_invalid");
  });

  it("is refused in all 63 other spellings of the last character, 15 of which decode to the same signature", async () => {
    const { token } = await create().issue(given, now);
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const spellings = [...alphabet].map((last) => token.slice(0, -1) + last);
    const bytes = Buffer.from(token.split(".")[2] ?? "", "base64url");
    expect(
      spellings.filter((one) => Buffer.from(one.split(".")[2] ?? "", "base64url").equals(bytes)),
    ).toHaveLength(16);
    const tokens = create();
    const codes = await Promise.all(spellings.map((one) => codeOf(tokens.verify(one, now))));
    expect(spellings.filter((_, index) => codes[index] === "accepted")).toEqual([token]);
    expect(new Set(codes)).toEqual(new Set(["accepted", "token_invalid"]));
  });

  it("is refused with padding, plain base64 or line breaks in a segment", async () => {
    const { token } = await create().issue(given, now);
    const [header, payload, signature] = token.split(".") as [string, string, string];
    for (const other of [
      `${token}=`,
      `${token}==`,
      `${token}\n`,
      ` ${token}`,
      `${header}=.${payload}.${signature}`,
      `${header}.${payload}\n.${signature}`,
    ])
      expect(await check(other)).toBe("token_invalid");
  });

  it("is refused when one character of any segment is changed", async () => {
    const { token } = await create().issue(given, now);
    for (let at = 0; at < token.length; at += 7) {
      const other = token[at] === "A" ? "B" : "A";
      expect(await check(token.slice(0, at) + other + token.slice(at + 1))).toBe("token_invalid");
    }
  });

  it.each(["none", "None", "nOnE", ""])(
    "with the algorithm %j and no signature is refused",
    async (alg) => {
      const data = `${segment({ ...ownHeader, alg })}.${segment(claims)}`;
      expect(await check(`${data}.`)).toBe("token_invalid");
      expect(await check(`${data}.AA`)).toBe("token_invalid");
      expect(await check(signed({ ...ownHeader, alg }))).toBe("token_invalid");
    },
  );

  it("signed by HS256 with our public key as the secret is refused (key confusion)", async () => {
    const spki = await exportSPKI(publicKey);
    const raw = Buffer.from((await exportJWK(publicKey)).x ?? "", "base64url");
    for (const secret of [spki, spki.trim(), raw]) {
      const data = `${segment({ ...ownHeader, alg: "HS256" })}.${segment(claims)}`;
      expect(
        await check(`${data}.${createHmac("sha256", secret).update(data).digest("base64url")}`),
      ).toBe("token_invalid");
    }
  });

  it("may name no other algorithm than its key's, however valid the signature", async () => {
    for (const alg of ["Ed25519", "ES256", "RS256", "PS256", "eddsa"])
      expect(await check(signed({ ...ownHeader, alg }))).toBe("token_invalid");
  });

  it("brings no key of its own: jwk, jku and x5u in the header are ignored", async () => {
    const foreign = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
    const jwk = await exportJWK(foreign.publicKey);
    for (const extra of [
      { jwk },
      { jku: "https://evil.example/jwks.json" },
      { x5u: "https://evil.example/x.pem" },
      { x5c: ["AAAA"] },
    ]) {
      const token = await new CompactSign(Buffer.from(JSON.stringify(claims)))
        .setProtectedHeader({ ...ownHeader, ...extra })
        .sign(foreign.privateKey);
      expect(await check(token)).toBe("token_invalid");
      expect(await check(signed({ ...ownHeader, ...extra }))).toBe("accepted");
    }
  });

  it("is refused with an unknown, a missing or a non-string key id", async () => {
    for (const kid of ["other", undefined, 7, ["own"], null])
      expect(await check(signed({ ...ownHeader, kid }))).toBe("token_invalid");
  });

  it("is refused with a critical header that we do not know (RFC 7515, 4.1.11)", async () => {
    expect(await check(signed({ ...ownHeader, crit: ["x"], x: 1 }))).toBe("token_invalid");
  });

  it.each(["JWT", "jwt", "AT+JWT", "application/at+jwt", undefined])(
    "of type %j is refused, though we signed it",
    async (typ) => {
      expect(await check(signed({ ...ownHeader, typ }))).toBe("token_invalid");
    },
  );

  it("of another issuer is refused", async () => {
    for (const iss of ["https://evil.example", `${issuer}/`, undefined, [issuer]])
      expect(await check(signed(ownHeader, { ...claims, iss }))).toBe("token_invalid");
  });

  it("for another audience is refused, also when ours is one of several", async () => {
    for (const aud of [
      "https://other.example",
      undefined,
      [issuer],
      [issuer, "https://other.example"],
    ])
      expect(await check(signed(ownHeader, { ...claims, aud }))).toBe("token_invalid");
  });

  it("whose payload is no JSON object is refused", async () => {
    for (const payload of ["", "null", "[]", "7", '"text"', "{"])
      expect(await check(signed(ownHeader, payload))).toBe("token_invalid");
  });

  it("expires five seconds after exp, to the millisecond", async () => {
    const token = signed(ownHeader);
    const end = (claims.exp + clockToleranceSeconds) * 1000;
    expect(clockToleranceSeconds).toBe(5);
    expect(await check(token, end - 1)).toBe("accepted");
    expect(await check(token, end)).toBe("token_expired");
  });

  it("is invalid where a claim is missing or of another type or shape, though we signed it", async () => {
    const odd = {
      text: [undefined, null, "", 7, true, [], {}, ["x"]],
      id: [undefined, null, "", 7, {}, ["usr_mike"], "mike", "usr_", "usr_a b", "usr_\n"],
      count: [undefined, null, "7", "never", 7.5, -1, 1e300, true, [7], {}],
      texts: [null, "marketing", 7, {}, [7], [null], [["marketing"]], [""]],
    };
    const wrong: Record<string, readonly unknown[]> = {
      jti: odd.text,
      sub: odd.id,
      sid: odd.id,
      iat: odd.count,
      exp: [...odd.count, Number.MAX_SAFE_INTEGER, 253_402_300_800],
      epoch: odd.count,
      auth_time: odd.count,
      amr: [...odd.texts, undefined, []],
      sections: [...odd.texts, ["_all_", "marketing"]],
    };
    for (const [name, values] of Object.entries(wrong))
      for (const value of values)
        expect(
          await check(signed(ownHeader, { ...claims, [name]: value })),
          `${name} is ${JSON.stringify(value)}`,
        ).toBe("token_invalid");
    expect(await check(signed(ownHeader, { ...claims, sections: undefined }))).toBe("accepted");
  });

  it("gives nothing that is no claim of ours", async () => {
    const verified = await create().verify(
      signed(ownHeader, { ...claims, isAdmin: true, constructor: "x" }),
      now,
    );
    expect(Object.keys(verified).toSorted()).toEqual(Object.keys(claims).toSorted());
  });

  it("that is expired and for another audience is invalid, not expired: the checks have an order", async () => {
    expect(
      await check(signed(ownHeader, { ...claims, aud: "https://other.example" }), now + 3_600_000),
    ).toBe("token_invalid");
    expect(await check(signed({ ...ownHeader, typ: "JWT" }), now + 3_600_000)).toBe(
      "token_invalid",
    );
  });

  it("may be expired, and nothing else, where the caller says so", async () => {
    const tokens = create();
    expect(
      await tokens.verify(signed(ownHeader), now + 3_600_000, { expiredToo: true }),
    ).toMatchObject({ sid: "ses_one" });
    expect(
      await codeOf(
        tokens.verify(signed(ownHeader, { ...claims, aud: "x" }), now, { expiredToo: true }),
      ),
    ).toBe("token_invalid");
  });

  it("over 8 KiB is refused unread", async () => {
    expect(await check(signed(ownHeader, { ...claims, padding: "x".repeat(8_000) }))).toBe(
      "token_invalid",
    );
  });

  it.each([
    ["signed", false, issuer],
    ["encrypted", true, issuer],
    [
      "signed, by an issuer with a long name",
      false,
      `https://${"long-name.".repeat(20)}example.com`,
    ],
    [
      "encrypted, by an issuer with a long name",
      true,
      `https://${"long-name.".repeat(20)}example.com`,
    ],
  ])(
    "%s leaves its sections out where they would make it longer than 2 KiB, and only there",
    async (_, encrypted, longIssuer) => {
      const tokens = create({ issuer: longIssuer, audience: longIssuer, encrypted });
      const carriedIn: number[] = [];
      let leftOut = 0;
      for (let length = 1; length <= 1_400; length += 7) {
        // A section's name in letters that JSON and UTF-8 make longer than they look.
        const sections = [`é${"x".repeat(length)}`];
        const { token } = await tokens.issue({ ...given, sections }, now);
        expect(token.length).toBeLessThanOrEqual(2_048);
        const read = await tokens.verify(token, now);
        if (read.sections === undefined) leftOut += 1;
        else {
          expect(read.sections).toEqual(sections);
          carriedIn.push(token.length);
        }
      }
      expect(leftOut).toBeGreaterThan(0);
      // Every one that fits is carried: the longest comes close.
      expect(Math.max(...carriedIn)).toBeGreaterThan(2_048 - 32);
    },
  );
});

describe("a token seen before", () => {
  it("is known only after its signature has been verified, and by its whole text", async () => {
    const tokens = create();
    const { token } = await tokens.issue(given, now);
    expect(tokens.verifyKnown(token, now)).toBeNull();
    await tokens.verify(token, now);
    expect(tokens.verifyKnown(token, now)).toMatchObject(given);
    expect(
      tokens.verifyKnown(`${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`, now),
    ).toBeNull();
  });

  it("is not remembered when it was refused", async () => {
    const tokens = create();
    const token = signed(ownHeader, { ...claims, aud: "x" });
    await codeOf(tokens.verify(token, now));
    expect(tokens.verifyKnown(token, now)).toBeNull();
  });

  it("still expires", async () => {
    const tokens = create();
    const token = signed(ownHeader);
    await tokens.verify(token, now);
    expect(() => tokens.verifyKnown(token, (claims.exp + 5) * 1000)).toThrow(
      expect.objectContaining({ code: "token_expired" }) as Error,
    );
    expect(await codeOf(tokens.verify(token, (claims.exp + 5) * 1000))).toBe("token_expired");
  });

  it("is forgotten with the key that signed it", async () => {
    let known = true;
    const tokens = create({ keys: { ...keys, find: (kid) => (known ? keys.find(kid) : null) } });
    const { token } = await tokens.issue(given, now);
    await tokens.verify(token, now);
    known = false;
    expect(tokens.verifyKnown(token, now)).toBeNull();
    expect(await codeOf(tokens.verify(token, now))).toBe("token_invalid");
  });

  it("gives frozen claims, so that no request can change another's", async () => {
    const tokens = create();
    const { token } = await tokens.issue(given, now);
    const read = (await tokens.verify(token, now)) as {
      -readonly [K in keyof AccessClaims]: AccessClaims[K];
    };
    for (const change of [
      () => (read.sub = "usr_other"),
      () => (read.sections as string[]).push("finance"),
      () => ((read.amr as string[])[0] = "mfa"),
    ])
      expect(change).toThrow(TypeError);
    expect(tokens.verifyKnown(token, now)).toMatchObject(given);
  });
});
