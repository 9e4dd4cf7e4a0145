/** Once for a whole run: the sample data in a database that `createTestApp` copies. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    readonly sampleDatabase: {
      readonly file: string;
      /** When it was loaded, in milliseconds since 1970. */
      readonly at: number;
    };
  }
}

const script = fileURLToPath(new URL("make-sample-database.ts", import.meta.url));

/** @returns what removes it again */
export const provideSampleDatabase = async (
  { provide }: Pick<TestProject, "provide">,
  at: number,
): Promise<() => Promise<void>> => {
  const directory = await mkdtemp(join(tmpdir(), "sallyport-sample-"));
  const file = join(directory, "sallyport.db");
  // In a process of its own: what runs before the tests finds no package by its sources.
  const given = ["--conditions=sallyport-source", script, file, String(at)];
  await promisify(execFile)(process.execPath, given);
  provide("sampleDatabase", { file, at });
  return () => rm(directory, { recursive: true, force: true });
};

/** When the clocks of most tests begin. */
export const testStart = Date.parse("2026-11-22T09:00:00Z");

export default (project: TestProject): Promise<() => Promise<void>> =>
  provideSampleDatabase(project, testStart);
