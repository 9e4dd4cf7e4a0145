/**
 * Argon2id and nothing else, as many at a time as the API runs: what a sign-in could reach at most.
 */
import { availableParallelism } from "node:os";
import { createPasswords } from "../src/users/passwords.ts";

const passwords = await createPasswords({
  concurrency: Math.max(1, availableParallelism() - 1),
  queueLimit: 64,
});
const stored = await passwords.hash("a passphrase of nobody");

process.on("message", ({ seconds, connections }: { seconds: number; connections: number }) => {
  const until = performance.now() + seconds * 1000;
  let count = 0;
  const work = async (): Promise<void> => {
    for (; performance.now() < until; count += 1)
      await passwords.verify(stored, "a passphrase of nobody");
  };
  const startedAt = performance.now();
  void Promise.all(Array.from({ length: connections }, work)).then(() =>
    process.send?.(count / ((performance.now() - startedAt) / 1000)),
  );
});
process.on("disconnect", () => process.exit());
process.send?.("ready");
