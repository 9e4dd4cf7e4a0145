/**
 * Password hashes: argon2id for new ones (RFC 9106), a bounded number at a time, and what was
 * imported until its owner signs in.
 */
import { pbkdf2, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { hash as argon2Hash, verify as argon2Verify } from "@node-rs/argon2";
import { verify as bcryptVerify } from "@node-rs/bcrypt";
import {
  AppError,
  createFairQueue,
  ours,
  type Passwords,
  type QueueCaller,
} from "@sallyport/shared/core";
import { loadCommonPasswords } from "./common-passwords.ts";

const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** One password typed on two keyboards is one password (NIST SP 800-63B-4, 3.1.1.2). */
const normalize = (password: string): string => password.normalize("NFKC");

const derive = {
  scrypt: promisify<string, Buffer, number, object, Buffer>(scrypt),
  pbkdf2: promisify(pbkdf2),
};
const equal = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);
const decode = (text: string): Buffer => Buffer.from(text.replaceAll(".", "+"), "base64");

/**
 * Hashes of other systems, in PHC notation: `$2b$…`, `$scrypt$ln=…,r=…,p=…$salt$hash`,
 * `$pbkdf2-sha256$i=…$salt$hash`.
 * @returns null for a format that is not known
 */
const verifyImported = async (passwordHash: string, password: string): Promise<boolean | null> => {
  // bcrypt reads no further than 72 bytes: a longer password never matches, rather than any that
  // starts alike. It is hashed all the same, so that time does not tell whose password is still a
  // bcrypt hash.
  if (/^\$2[aby]\$/.test(passwordHash))
    return (await bcryptVerify(password, passwordHash)) && Buffer.byteLength(password) <= 72;
  const scryptParts =
    /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/.]+)\$([A-Za-z0-9+/.]+)$/.exec(
      passwordHash,
    );
  if (scryptParts) {
    const [, ln, r, p, salt = "", expected = ""] = scryptParts;
    const wanted = decode(expected);
    const options = { N: 2 ** Number(ln), r: Number(r), p: Number(p), maxmem: 512 * 1024 * 1024 };
    return equal(await derive.scrypt(password, decode(salt), wanted.length, options), wanted);
  }
  const pbkdf2Parts =
    /^\$pbkdf2-sha(256|512)\$(?:i=)?(\d{1,8})\$([A-Za-z0-9+/.]+)\$([A-Za-z0-9+/.]+)$/.exec(
      passwordHash,
    );
  if (pbkdf2Parts) {
    const [, size, iterations, salt = "", expected = ""] = pbkdf2Parts;
    const wanted = decode(expected);
    return equal(
      await derive.pbkdf2(password, decode(salt), Number(iterations), wanted.length, `sha${size}`),
      wanted,
    );
  }
  return null;
};

/** @returns null for a hash that cannot be read */
const verifyStored = async (passwordHash: string, password: string): Promise<boolean | null> => {
  try {
    return passwordHash.startsWith("$argon2")
      ? await argon2Verify(passwordHash, normalize(password))
      : await verifyImported(passwordHash, password);
  } catch {
    return null;
  }
};

/**
 * @param options.concurrency hashes at one time; each holds a thread and 19 MiB
 * @param options.queueLimit hashes that may wait; beyond it the last of whoever asks for the most
 * is refused
 */
export const createPasswords = async ({
  concurrency,
  queueLimit,
}: {
  readonly concurrency: number;
  readonly queueLimit: number;
}): Promise<Passwords> => {
  const dummyHash = await argon2Hash("the password of nobody", parameters);
  const waiting = createFairQueue<{ go(): void; refuse(error: AppError): void }>(queueLimit);
  let running = 0;

  const pooled = async <T>(caller: QueueCaller, work: () => Promise<T>): Promise<T> => {
    if (running >= concurrency)
      await new Promise<void>((go, refuse) => {
        waiting.add(caller, { go, refuse })?.refuse(
          new AppError("busy", {
            retryAfterSeconds: 2,
            detail: "Too many people are signing in at this moment.",
          }),
        );
      });
    else running += 1;
    try {
      return await work();
    } finally {
      // The place is handed on, so that nobody who comes now overtakes those who wait.
      const next = waiting.next();
      if (next) next.go();
      else running -= 1;
    }
  };

  return {
    hash: (password, caller = ours) =>
      pooled(caller, () => argon2Hash(normalize(password), parameters)),
    verify: (passwordHash, password, caller = ours) =>
      pooled(caller, async () => {
        const matches = passwordHash === null ? null : await verifyStored(passwordHash, password);
        if (matches !== null) return matches;
        await argon2Verify(dummyHash, password);
        return false;
      }),
    loadCommon: loadCommonPasswords,
    isOutdated: (passwordHash) => {
      const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$/.exec(passwordHash);
      return (
        !match || Number(match[1]) < parameters.memoryCost || Number(match[2]) < parameters.timeCost
      );
    },
  };
};
