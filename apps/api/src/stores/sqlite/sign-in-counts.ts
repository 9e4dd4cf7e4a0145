/**
 * In the memory of this process, and not in the database: one process serves it, and each commit
 * would be one that whoever attacks chooses the number of. It is gone when the process ends.
 */
import { createHmac, randomBytes } from "node:crypto";
import {
  createFailureColumns,
  createFailureTable,
  type FailureTable,
} from "@sallyport/shared/core";

const size = { accounts: 65_536, sets: 16_384 };
const arrayOf = { time: Float64Array, mark: Uint32Array, count: Uint16Array };

/** @param secret of this process alone: the counts last no longer */
export const createSignInCountStore = (
  secret: Buffer = randomBytes(32),
): FailureTable & { readonly bytes: number } => {
  const columns = createFailureColumns(size, (kind, places) => new arrayOf[kind](places));
  return {
    ...createFailureTable(
      () => columns,
      size,
      (key) => {
        const hash = createHmac("sha256", secret).update(key).digest();
        return [hash.readUInt32LE(0), hash.readUInt32LE(4)];
      },
    ),
    bytes: Object.values(columns).reduce((sum, { byteLength }) => sum + byteLength, 0),
  };
};
