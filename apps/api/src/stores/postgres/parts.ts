/** What the stores on PostgreSQL are made of. */
import type { Database } from "./connection.ts";
import type { Writer } from "./writer.ts";

export interface Parts extends Database {
  /** The time that rights are read by. */
  readonly now: () => number;
  readonly writer: Writer;
}
