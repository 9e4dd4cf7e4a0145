/** What the stores on SQLite are made of. */
import type { Database } from "./connection.ts";
import type { ReadMemory } from "./read-memory.ts";
import type { Writer } from "./writer.ts";

export interface Parts extends Database {
  readonly writer: Writer;
  /** Rotations and sign-ins tell it what they change, so that they leave the rest as it is. */
  readonly memory: ReadMemory;
}
