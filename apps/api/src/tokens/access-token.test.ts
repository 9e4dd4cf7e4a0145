import { createHmac, generateKeyPairSync, randomBytes, sign, verify } from "node:crypto";
import {
  CompactEncrypt,
  CompactSign,
  compactVerify,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  importJWK,
} from "jose";
import { describe, expect, it } from "vitest";
import { clockToleranceSeconds, AppError } from "@sallyport/shared/core";
import type {
  AccessClaims,
  AccessTokens,
  AccessTokenUse,
  Awaitable,
  SigningKeyRow,
  SigningKeyStore,
  Stores,
} from "@sallyport/shared/core";
import { createAccessTokens } from "./access-token.ts";
import { deriveMasterSecrets } from "./master-secret.ts";
import {
  jwksLifeSeconds,
  openSigningKeys,
  signingKeySchedule,
  type SigningKeys,
} from "./signing-keys.ts";

const now = Date.parse("2026-11-22T09:00:00Z");
const issuer = "https://api.example.com";
const secrets = deriveMasterSecrets(randomBytes(32), []);
const given = {
  sub: "usr_mike",
  sid: "ses_one",
  epoch: 3,
  sections: ["marketing"],
  amr: ["pwd"],
  auth_time: now / 1000,
} as const;

const cookieKid = "own-secret";
/** A ring of one key for each use whose private and secret halves the test holds, so that it can sign whatever it likes. */
const createOwnRing = async () => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const secret = randomBytes(32);
  const verifies = await crypto.subtle.importKey(
    "raw",
    secret,
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["verify"],
  );
  const bearer = { kid: "own", use: "bearer", algorithm: "EdDSA", key: publicKey } as const;
  const cookie = { kid: cookieKid, use: "cookie", algorithm: "HS256", key: verifies } as const;
  const keys: SigningKeys = {
    sign: (use) => ({
      ...(use === "bearer" ? bearer : cookie),
      signature: (data) =>
        use === "bearer"
          ? sign(null, Buffer.from(data), privateKey)
          : createHmac("sha256", secret).update(data).digest(),
    }),
    find: (kid) => [bearer, cookie].find((key) => key.kid === kid) ?? null,
    jwks: () => ({ keys: [] }),
    maintain: async () => {},
    rotate: async () => [],
  };
  return { keys, publicKey, privateKey, secret };
};
const { keys, publicKey, privateKey, secret } = await createOwnRing();
/** Access tokens of one use: those that programs bear, where a test says nothing else. */
const create = (
  options: {
    use?: AccessTokenUse;
    encrypted?: boolean;
    audience?: string;
    issuer?: string;
    keys?: SigningKeys;
    secrets?: typeof secrets;
  } = {},
) => {
  const { use = "bearer", ...rest } = options;
  const tokens = createAccessTokens({
    keys,
    secrets,
    issuer,
    audience: issuer,
    ttlSeconds: 300,
    encrypted: false,
    ...rest,
  });
  type Arguments<K extends keyof AccessTokens> =
    Parameters<AccessTokens[K]> extends [unknown, ...infer Others] ? Others : never;
  return {
    tokens,
    issue: (...given: Arguments<"issue">) => tokens.issue(use, ...given),
    verify: (...given: Arguments<"verify">) => tokens.verify(use, ...given),
    verifyKnown: (...given: Arguments<"verifyKnown">) => tokens.verifyKnown(use, ...given),
  };
};

const segment = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const claims = {
  ...given,
  iss: issuer,
  aud: issuer,
  jti: "x",
  iat: now / 1000,
  exp: now / 1000 + 300,
};
const ownHeader = { alg: "EdDSA", typ: "at+jwt", kid: "own" };
/** A token that our own key has signed, whatever it says. */
const signed = (header: object, payload: object | string = claims): string => {
  const data = `${segment(header)}.${typeof payload === "string" ? Buffer.from(payload).toString("base64url") : segment(payload)}`;
  return `${data}.${sign(null, Buffer.from(data), privateKey).toString("base64url")}`;
};

const codeOf = async (verified: Awaitable<unknown>): Promise<string> => {
  try {
    await verified;
    return "accepted";
  } catch (error) {
    return error instanceof AppError ? error.code : `thrown: ${String(error)}`;
  }
};
const check = (token: string, at = now): Promise<string> => codeOf(create().verify(token, at));

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

const day = 24 * 60 * 60 * 1000;

/** A store of signing keys only; what stands behind it is proven with the whole app. */
const createRing = async (start = now, ringSecrets = secrets, rows: SigningKeyRow[] = []) => {
  const clock = { time: start, now: () => clock.time };
  const signingKeys: SigningKeyStore = {
    list: () => rows.toSorted((a, b) => a.activatesAt - b.activatesAt),
    change: async ({ add, update, removedBefore }) => {
      for (const row of update)
        rows.splice(
          rows.findIndex(({ kid }) => kid === row.kid),
          1,
          row,
        );
      rows.push(...add);
      rows.splice(
        0,
        rows.length,
        ...rows.filter((row) => row.removedAt === null || row.removedAt >= removedBefore),
      );
    },
  };
  const audit: Stores["audit"] = { add: () => Promise.resolve(), purge: () => 0 };
  return { clock, rows, ring: await openSigningKeys({ signingKeys, audit }, ringSecrets, clock) };
};
const rowsOf = (rows: readonly SigningKeyRow[], use: AccessTokenUse): SigningKeyRow[] =>
  rows.filter((row) => row.use === use);

describe.each(["bearer", "cookie"] as const)("the key ring of %s tokens", (use) => {
  it("makes a key and the next one at first", async () => {
    const { ring, rows } = await createRing();
    const own = rowsOf(rows, use);
    expect(own.map(({ activatesAt }) => activatesAt)).toEqual([now, now + 30 * day]);
    expect(ring.sign(use, now).kid).toBe(own[0]?.kid);
  });

  it("signs with its oldest key when the clock has been set back to before any of them", async () => {
    const { ring } = await createRing();
    expect(ring.sign(use, now - day).kid).toBe(ring.sign(use, now).kid);
  });

  it("keeps what signs encrypted under the master secret, bound to its key id and its use", async () => {
    const { rows } = await createRing();
    const [row] = rowsOf(rows, use) as [SigningKeyRow];
    expect(Buffer.from(row.encryptedPrivateJwk).toString("latin1")).not.toMatch(/"d"|"k"|kty/);
    const elsewhere = [{ ...row, kid: "another" }];
    await expect(createRing(now, secrets, elsewhere)).rejects.toThrow(/authenticate/);
    const forOther = [{ ...row, use: use === "cookie" ? "bearer" : "cookie" } as const];
    await expect(createRing(now, secrets, forOther)).rejects.toThrow(/authenticate/);
  });

  it("has each key long before it signs, and keeps the retired one a day after", async () => {
    const { clock, ring, rows } = await createRing();
    const kids = (): string[] => rowsOf(rows, use).map(({ kid }) => kid);
    const [first = "", second] = kids();
    expect(ring.sign(use, now).kid).toBe(first);

    clock.time = now + 30 * day;
    await ring.maintain();
    expect(ring.sign(use, clock.time).kid).toBe(second);
    expect(kids()).toEqual([first, second, expect.any(String)]);
    const third = kids()[2];

    clock.time = now + 31 * day + 1;
    await ring.maintain();
    expect(ring.find(first)).toBeNull();
    expect(kids()).toEqual([second, third]);
  });

  it("has a key for an hour and what copies may live before it signs, also by command", async () => {
    const { clock, ring, rows } = await createRing();
    const kids = (): string[] => rowsOf(rows, use).map(({ kid }) => kid);
    const rotate = async () => (await ring.rotate()).filter((rotated) => rotated.use === use);
    const [first, second] = kids();
    const longest = signingKeySchedule.publishedBeforeMilliseconds;
    expect(longest).toBe(3_600_000 + jwksLifeSeconds * 1000);

    clock.time = now + 60_000;
    expect(await rotate()).toEqual([{ use, kid: second, signsFrom: now + longest }]);
    expect([
      ring.sign(use, clock.time).kid,
      ring.sign(use, now + longest - 1).kid,
      ring.sign(use, now + longest).kid,
    ]).toEqual([first, first, second]);
    // Asking again changes nothing.
    clock.time = now + 120_000;
    expect(await rotate()).toEqual([{ use, kid: second, signsFrom: now + longest }]);

    clock.time = now + day;
    await ring.maintain();
    const third = kids()[2];
    clock.time += longest;
    expect(await rotate()).toEqual([{ use, kid: third, signsFrom: clock.time }]);
    expect(ring.sign(use, clock.time).kid).toBe(third);
    expect(kids()).toHaveLength(4);
  });

  it("trusts no key of before once they have leaked, and has a next one again", async () => {
    const { clock, ring, rows } = await createRing();
    const before = rows.map(({ kid }) => kid);
    clock.time = now + 60_000;
    const rotated = (await ring.rotate({ leaked: true })).find((one) => one.use === use);
    expect(rotated).toEqual({
      use,
      kid: ring.sign(use, clock.time).kid,
      signsFrom: clock.time,
    });
    for (const old of before) expect(ring.find(old)).toBeNull();
    expect(rowsOf(rows, use).map(({ activatesAt }) => activatesAt)).toEqual([
      clock.time,
      clock.time + 30 * day,
    ]);
  });

  it("switches to the next key on time even when nothing maintains it", async () => {
    const { clock, ring } = await createRing();
    const first = ring.sign(use, now).kid;
    clock.time = now + 29 * day;
    await ring.maintain();
    expect(ring.sign(use, now + 32 * day).kid).not.toBe(first);
  });

  it("accepts tokens of the old key after each rotation, by schedule and by command", async () => {
    const { clock, ring } = await createRing();
    const tokens = create({ use, keys: ring });
    const { token } = await tokens.issue(given, now);
    clock.time = now + 2 * 3_600_000;
    const kid = (await ring.rotate()).find((rotated) => rotated.use === use)?.kid;
    expect(ring.sign(use, clock.time).kid).toBe(kid);
    expect(await codeOf(tokens.verify(token, now))).toBe("accepted");
    const late = await tokens.issue(given, (clock.time = now + 30 * day));
    clock.time = now + 30 * day + 2 * 3_600_000;
    await ring.maintain();
    expect(ring.sign(use, clock.time).kid).not.toBe(kid);
    expect(await codeOf(tokens.verify(late.token, now + 30 * day))).toBe("accepted");
  });

  it("signs on after a change of the master secret, and moves its keys to the new one", async () => {
    const [old, young] = [randomBytes(32), randomBytes(32)];
    const { rows, ring } = await createRing(now, deriveMasterSecrets(old, []));
    const { kid } = ring.sign(use, now);
    const both = await createRing(now, deriveMasterSecrets(young, [old]), rows);
    expect(both.ring.sign(use, now).kid).toBe(kid);
    const youngOnly = await createRing(now, deriveMasterSecrets(young, []), rows);
    expect(youngOnly.ring.sign(use, now).kid).toBe(kid);
  });

  it("makes a new key when the old secret is gone", async () => {
    const { rows, ring } = await createRing(now, deriveMasterSecrets(randomBytes(32), []));
    const { kid } = ring.sign(use, now);
    const other = await createRing(now + 1, deriveMasterSecrets(randomBytes(32), []), rows);
    expect(other.ring.sign(use, now + 1).kid).not.toBe(kid);
    // What has a public half is still verified by it. A secret that cannot be read is good for nothing.
    expect(other.ring.find(kid) !== null).toBe(use === "bearer");
  });
});

describe("the published keys", () => {
  it("are the public halves of those for programs, and nothing of those for cookies", async () => {
    const { ring, rows } = await createRing();
    expect(ring.jwks().keys).toEqual(
      rowsOf(rows, "bearer").map(({ kid }) => ({
        kty: "OKP",
        crv: "Ed25519",
        x: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/) as string,
        kid,
        alg: "EdDSA",
        use: "sig",
      })),
    );
    expect(rowsOf(rows, "cookie")).toHaveLength(2);
    expect(JSON.stringify(ring.jwks())).not.toMatch(/"d"|"k"/);
  });

  it("name each key for longer than anybody may keep them before it signs, and a retired one for a day", async () => {
    const { clock, ring } = await createRing();
    const kids = (): unknown[] => ring.jwks().keys.map(({ kid }) => kid);
    const [first, second] = kids();
    clock.time = now + 30 * day;
    await ring.maintain();
    expect(kids()).toEqual([first, second, expect.any(String)]);
    const third = kids()[2];
    clock.time = now + 31 * day + 1;
    await ring.maintain();
    expect(kids()).toEqual([second, third]);
  });

  it("are chosen anew after a command: no key of cookies comes in among them", async () => {
    const { clock, ring, rows } = await createRing();
    for (const leaked of [false, true, false]) {
      clock.time += 2 * 3_600_000;
      await ring.rotate({ leaked });
      expect(ring.jwks().keys.map(({ kid }) => kid)).toEqual(
        rowsOf(rows, "bearer")
          .toSorted((a, b) => a.activatesAt - b.activatesAt)
          .map(({ kid }) => kid),
      );
    }
  });
});
