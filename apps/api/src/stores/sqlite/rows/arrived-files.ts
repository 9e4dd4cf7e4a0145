/** Rows that have arrived and are not in the database yet, each in a file of its own. */
import { randomBytes } from "node:crypto";
import { createWriteStream, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { diskUnwritable, isUnwritableDisk } from "../../../http/unwritable-disk.ts";
import type { Imports } from "../../imports.ts";

/** Another process may have had the same number before. */
const ownFiles = `rows-${process.pid}-${randomBytes(4).toString("hex")}-`;

const isAlive = (processId: number): boolean => {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};

export interface ArrivedFiles extends Pick<Imports, "receive" | "discard"> {
  /** The files of processes that are gone. */
  removeLeft(): void;
}

/** @param folder is made where it is missing, and is the owner's alone */
export const openArrivedFiles = (folder: string): ArrivedFiles => {
  const openFolder = (): void => void mkdirSync(folder, { recursive: true, mode: 0o700 });
  return {
    receive: async (bytes) => {
      const file = join(folder, `${ownFiles}${randomBytes(16).toString("hex")}`);
      try {
        openFolder();
        await pipeline(Readable.from(bytes), createWriteStream(file, { mode: 0o600, flags: "wx" }));
        return { file, bytes: statSync(file).size };
      } catch (error) {
        rmSync(file, { force: true });
        throw isUnwritableDisk(error) ? diskUnwritable(error) : error;
      }
    },
    discard: ({ file }) => rmSync(file, { force: true }),
    removeLeft: () => {
      openFolder();
      for (const name of readdirSync(folder)) {
        const owner = /^rows-(\d+)-/.exec(name)?.[1];
        if (
          owner !== undefined &&
          !name.startsWith(ownFiles) &&
          (Number(owner) === process.pid || !isAlive(Number(owner)))
        )
          rmSync(join(folder, name), { force: true });
      }
    },
  };
};
