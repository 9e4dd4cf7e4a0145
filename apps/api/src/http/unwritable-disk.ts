/**
 * A disk that cannot be written, mostly because it is full: an outcome of whatever writes, and no
 * fault of ours.
 */
import { AppError } from "@sallyport/shared/core";

/** How SQLite and the file system say it. A quota that is used up comes as a failed write. */
const codes =
  /^(SQLITE_FULL|SQLITE_IOERR_(WRITE|FSYNC|TRUNCATE|SHMSIZE|SHMOPEN)|SQLITE_READONLY.*|ENOSPC|EDQUOT|EROFS|EIO)$/;

/** Is that why it failed, or why what caused it failed? */
export const isUnwritableDisk = (error: unknown): boolean =>
  error instanceof Error &&
  (("code" in error && codes.test(String(error.code))) || isUnwritableDisk(error.cause));

/**
 * What the caller is told. Whatever was refused so is rolled back as a whole, and can be sent again
 * as it is.
 */
export const diskUnwritable = (cause?: unknown): AppError =>
  new AppError("busy", {
    detail: "The server's disk is full or cannot be written. Nothing was changed.",
    retryAfterSeconds: 30,
    cause,
  });

/**
 * What the caller is told when the disk failed after the change was made. It is seen by everybody,
 * and may be lost when the power is cut before the disk takes it after all.
 */
export const diskFailed = (cause: unknown): AppError =>
  new AppError("busy", {
    detail:
      "The server's disk has failed while it took the change. It may have been made: sent again with the same Idempotency-Key, it is not made twice; without one, look whether it was made.",
    retryAfterSeconds: 30,
    cause,
  });
