/** What the stores on SQLite are made of. */
import type { Database } from "./connection.ts";
import type { ReadMemory } from "./read-memory.ts";
import type { Writer } from "./writer.ts";

export interface Parts extends Database {
  /** The time that rights are read by. */
  readonly now: () => number;
  readonly writer: Writer;
  /** Rotations and sign-ins tell it what they change, so that they leave the rest as it is. */
  readonly memory: ReadMemory;
}
