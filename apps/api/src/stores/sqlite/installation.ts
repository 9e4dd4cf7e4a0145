import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { sql } from "drizzle-orm";
import { AppError, type InstallationStore } from "@sallyport/shared/core";
import { diskUnwritable } from "../../http/unwritable-disk.ts";
import type { Parts } from "./parts.ts";
import { installation } from "./schema.ts";

/** With less room than this, a log of writes that has to grow soon finds none. */
const leastFreeBytes = 4 * 1024 * 1024;

export const createInstallationStore = ({ sqlite, orm, writer }: Parts): InstallationStore => {
  /** Reads a page of the file, which `SELECT 1` does not. */
  const checkSchema = sqlite.prepare("SELECT count(*) FROM sqlite_schema");

  /** Only while the disk has failed, and once for all who ask meanwhile. */
  let tryingToWrite: Promise<void> | undefined;
  const tryToWrite = (): Promise<void> =>
    writer
      .write(
        () =>
          void orm
            .insert(installation)
            .values({ name: "room", value: "1" })
            .onConflictDoUpdate({
              target: installation.name,
              set: { value: sql`1 - ${installation.value}` },
            })
            .run(),
      )
      .finally(() => {
        tryingToWrite = undefined;
      });

  return {
    check: async () => {
      try {
        checkSchema.get();
      } catch (error) {
        throw new AppError("busy", {
          detail: "The database does not answer.",
          retryAfterSeconds: 5,
          cause: error,
        });
      }
      // The last write has failed: whether there is room again, only another one can tell.
      if (!writer.isDiskWritable()) await (tryingToWrite ??= tryToWrite());
      if (sqlite.memory) return;
      const { bavail, bsize } = await statfs(dirname(sqlite.name));
      if (bavail * bsize < leastFreeBytes) throw diskUnwritable();
    },
  };
};
