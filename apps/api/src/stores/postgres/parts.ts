/** What the stores on PostgreSQL are made of. */
import type { Database } from "./connection.ts";
import type { Writer } from "./writer.ts";

export interface Parts extends Database {
  readonly writer: Writer;
}
