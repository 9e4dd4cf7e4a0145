/**
 * The whole API on a migrated database in a directory of its own, with a clock that a test moves.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino, type Logger } from "pino";
import type { Passwords } from "@sallyport/shared/core";
import { inject } from "vitest";
import { createApp } from "../src/app.ts";
import { parseConfig } from "../src/config.ts";
import type { Clock } from "../src/clock.ts";
import { createDependencies, type Dependencies, type Overrides } from "../src/dependencies.ts";
import { createDatabaseByHand, type DatabaseByHand } from "../src/stores/sqlite/testing/by-hand.ts";
import { createPasswords } from "../src/users/passwords.ts";
import { plainPasswords } from "./plain-passwords.ts";
import { testStart } from "./sample-database.ts";

// Whatever a test does to a database by hand, it does by these.
export {
  createDatabaseByHand,
  openElsewhere,
  type DatabaseByHand,
} from "../src/stores/sqlite/testing/by-hand.ts";

export interface TestClock extends Clock {
  advance(milliseconds: number): void;
}

/** Starts at a fixed time. Waiting takes no time: it yields once and moves the clock. */
export const createTestClock = (start: number = testStart): TestClock => {
  let time = start;
  const repeated = new Set<{ readonly every: number; readonly run: () => void; due: number }>();
  return {
    now: () => time,
    every: (milliseconds, run) => {
      const entry = { every: milliseconds, run, due: time + milliseconds };
      repeated.add(entry);
      return () => repeated.delete(entry);
    },
    wait: async (milliseconds) => {
      time += milliseconds;
      await new Promise((resolve) => setImmediate(resolve));
    },
    advance: (milliseconds) => {
      time += milliseconds;
      for (const entry of repeated) {
        if (entry.due > time) continue;
        // However far the clock has moved, once: as after a sleep.
        entry.due = time + entry.every;
        entry.run();
      }
    },
  };
};

export interface TestApp extends DatabaseByHand {
  readonly app: ReturnType<typeof createApp>;
  readonly dependencies: Dependencies;
  readonly clock: TestClock;
  readonly dataDirectory: string;
  /** What the API thought was its own fault; a test that expects none asserts that it is empty. */
  readonly faults: readonly unknown[];
  close(): Promise<void>;
}

/** The sample, where it is as if it had just been loaded. */
const sampleLoadedAt = (now: number): string | undefined => {
  const { file, at } = inject("sampleDatabase");
  const age = now - at;
  return age >= 0 && age < 60 * 60 * 1000 ? file : undefined;
};

/**
 * @param options.environment settings, as in the environment; sample data is on unless it says
 * otherwise
 * @param options.realPasswords argon2id instead of the stand-in
 * @param options.passwords a stand-in of the test's own
 * @param options.openLog a thread that waits for the disk, or what stands for one
 * @param options.dataDirectory an existing one, which is kept when the app closes
 */
export const createTestApp = async (
  options: {
    environment?: Record<string, string>;
    clock?: TestClock;
    realPasswords?: boolean;
    passwords?: Passwords;
    dataDirectory?: string;
    log?: Logger;
    openLog?: Overrides["openLog"];
  } = {},
): Promise<TestApp> => {
  const clock = options.clock ?? createTestClock();
  const dataDirectory = options.dataDirectory ?? mkdtempSync(join(tmpdir(), "sallyport-test-"));
  const faults: unknown[] = [];
  const config = parseConfig({
    SALLYPORT_DATA_DIR: dataDirectory,
    SALLYPORT_SAMPLE_DATA: "1",
    SALLYPORT_LOG_LEVEL: "silent",
    ...options.environment,
  });
  const { open, byHand } = createDatabaseByHand(
    config.sampleData && !options.realPasswords && !options.passwords
      ? sampleLoadedAt(clock.now())
      : undefined,
  );
  const dependencies = await createDependencies(config, {
    clock,
    openDatabase: open,
    log: options.log ?? pino({ level: "silent" }),
    passwords:
      options.passwords ??
      (options.realPasswords
        ? await createPasswords({ concurrency: 2, queueLimit: 8 })
        : plainPasswords),
    ...(options.openLog && { openLog: options.openLog }),
    reportFault: (error) => void faults.push(error),
  });
  return {
    ...byHand,
    app: createApp(dependencies),
    dependencies,
    clock,
    dataDirectory,
    faults,
    close: async () => {
      await dependencies.close();
      if (options.dataDirectory === undefined)
        rmSync(dataDirectory, { recursive: true, force: true });
    },
  };
};
