import { pbkdf2Sync, scryptSync } from "node:crypto";
import { hash as argon2Hash } from "@node-rs/argon2";
import { hash as bcryptHash } from "@node-rs/bcrypt";
import { describe, expect, it } from "vitest";
import { AppError } from "@sallyport/shared/core";
import { createPasswords } from "./passwords.ts";

const cheap = { memoryCost: 8, timeCost: 1, parallelism: 1 };
const codeOf = (error: unknown): string => (error instanceof AppError ? error.code : String(error));
const b64 = (bytes: Buffer): string => bytes.toString("base64").replaceAll("=", "");

describe("a new hash", () => {
  it("is argon2id with m = 19456 KiB, t = 2, p = 1, salted, and verifies its password alone", async () => {
    const passwords = await createPasswords({ concurrency: 2, queueLimit: 8 });
    const [one, other] = await Promise.all([
      passwords.hash("the long words"),
      passwords.hash("the long words"),
    ]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(other);
    expect(await passwords.verify(one, "the long words")).toBe(true);
    for (const wrong of ["the long word", "the long words ", "The long words", ""])
      expect(await passwords.verify(one, wrong)).toBe(false);
    expect(passwords.isOutdated(one)).toBe(false);
  });

  it("matches the same password in another Unicode form", async () => {
    const passwords = await createPasswords({ concurrency: 1, queueLimit: 0 });
    expect(
      await passwords.verify(
        await passwords.hash("caf\u00e9 au lait, s'il vous pla\u00eet"),
        "cafe\u0301 au lait, s'il vous plai\u0302t",
      ),
    ).toBe(true);
  });

  it("truncates nothing: passwords that differ only in their last character are different", async () => {
    const passwords = await createPasswords({ concurrency: 2, queueLimit: 8 });
    for (const length of [60, 72, 73, 128]) {
      const password = "x".repeat(length);
      const hashed = await argon2Hash(password, cheap);
      expect(await passwords.verify(hashed, password)).toBe(true);
      expect(await passwords.verify(hashed, `${password.slice(0, -1)}y`)).toBe(false);
      expect(await passwords.verify(hashed, `${password}y`)).toBe(false);
    }
  });
});

describe("an imported hash", () => {
  const password = "the imported words";
  const imported = async (): Promise<[name: string, hash: string][]> => {
    const salt = Buffer.from("sixteen bytes !!");
    return [
      ["bcrypt", await bcryptHash(password, { cost: 4 })],
      ["bcrypt of PHP", await bcryptHash(password, { cost: 4, version: "2y" })],
      [
        "scrypt",
        `$scrypt$ln=10,r=8,p=1$${b64(salt)}$${b64(scryptSync(password, salt, 32, { N: 1024, r: 8, p: 1 }))}`,
      ],
      [
        "PBKDF2-SHA-256",
        `$pbkdf2-sha256$i=1000$${b64(salt)}$${b64(pbkdf2Sync(password, salt, 1000, 32, "sha256"))}`,
      ],
      [
        "PBKDF2-SHA-512",
        `$pbkdf2-sha512$i=1000$${b64(salt)}$${b64(pbkdf2Sync(password, salt, 1000, 64, "sha512"))}`,
      ],
      [
        "PBKDF2 of passlib",
        `$pbkdf2-sha256$1000$${b64(salt).replaceAll("+", ".")}$${b64(pbkdf2Sync(password, salt, 1000, 32, "sha256")).replaceAll("+", ".")}`,
      ],
      ["a cheaper argon2id", await argon2Hash(password, cheap)],
    ];
  };

  it("of each kind verifies its password, refuses another, and is outdated", async () => {
    const passwords = await createPasswords({ concurrency: 2, queueLimit: 8 });
    for (const [name, hashed] of await imported()) {
      expect([name, await passwords.verify(hashed, password)]).toEqual([name, true]);
      expect([name, await passwords.verify(hashed, `${password}.`)]).toEqual([name, false]);
      expect([name, passwords.isOutdated(hashed)]).toEqual([name, true]);
    }
  });

  it("of bcrypt never matches a password beyond the 72 bytes that bcrypt reads", async () => {
    const passwords = await createPasswords({ concurrency: 2, queueLimit: 8 });
    const hashed = await bcryptHash("x".repeat(72), { cost: 4 });
    expect(await passwords.verify(hashed, "x".repeat(72))).toBe(true);
    expect(await passwords.verify(hashed, "x".repeat(73))).toBe(false);
    expect(
      await passwords.verify(await bcryptHash("é".repeat(36), { cost: 4 }), `${"é".repeat(36)}!`),
    ).toBe(false);
  });

  it("of an unknown kind never matches, and is refused as slowly as a wrong password", async () => {
    const passwords = await createPasswords({ concurrency: 2, queueLimit: 8 });
    for (const hashed of [
      "",
      "the imported words",
      "$1$salt$hash",
      "{SSHA}abc",
      "$scrypt$ln=10$a$b",
    ])
      expect(await passwords.verify(hashed, password)).toBe(false);
  });
});

describe("the pool", () => {
  it("has room and a turn for one network, however many hashes another asks for", async () => {
    const passwords = await createPasswords({ concurrency: 1, queueLimit: 6 });
    const hashed = await argon2Hash("the long words", cheap);
    const order: string[] = [];
    const ask = (key: string): Promise<unknown> =>
      passwords.verify(hashed, "the long words", { kind: "visitor", key }).then(
        () => order.push(key),
        (error: AppError) => order.push(`${key} ${error.code}`),
      );
    await Promise.all([
      ...Array.from({ length: 20 }, () => ask("192.0.2.1")),
      ask("198.51.100.7"),
      ask("198.51.100.7"),
    ]);
    expect(order.filter((one) => one === "198.51.100.7")).toHaveLength(2);
    // One was under way; then they take turns.
    expect(order.filter((one) => !one.endsWith("busy")).slice(0, 5)).toEqual([
      "192.0.2.1",
      "192.0.2.1",
      "198.51.100.7",
      "192.0.2.1",
      "198.51.100.7",
    ]);
  });

  it("runs no more hashes at once than it may, queues a few, and refuses the rest at once with busy", async () => {
    const passwords = await createPasswords({ concurrency: 1, queueLimit: 2 });
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, () =>
        passwords.hash("the long words").then(() => "hashed", codeOf),
      ),
    );
    expect(outcomes).toEqual(["hashed", "hashed", "hashed", "busy", "busy", "busy"]);
    expect(await passwords.hash("the long words").then(() => "hashed", codeOf)).toBe("hashed");
  });

  it("gives its place back when a stored hash cannot be read", async () => {
    const passwords = await createPasswords({ concurrency: 1, queueLimit: 0 });
    for (let time = 0; time < 3; time += 1)
      expect(await passwords.verify("$argon2id$nonsense", "x")).toBe(false);
    expect(await passwords.verify(await argon2Hash("x", cheap), "x")).toBe(true);
  });

  it("hashes for an unknown user as well, with today's parameters", async () => {
    const passwords = await createPasswords({ concurrency: 1, queueLimit: 0 });
    const first = passwords.verify(null, "x");
    expect(await passwords.verify(null, "x").then(String, codeOf)).toBe("busy");
    expect(await first).toBe(false);
    expect(await passwords.verify(null, "the password of nobody")).toBe(false);
  });
});
