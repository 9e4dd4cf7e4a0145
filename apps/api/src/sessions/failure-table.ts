/**
 * The table of failed sign-ins, of one process: made once, and indexed under a key that nobody else
 * has.
 */
import { createHmac, randomBytes } from "node:crypto";
import { countInTable, createFailureColumns, type SignInCounts } from "@sallyport/shared/core";

const size = { accounts: 65_536, sets: 16_384 };
const arrayOf = { time: Float64Array, mark: Uint32Array, count: Uint16Array };

/** @param secret of this process alone: the counts last no longer */
export const createFailureTable = (
  secret: Buffer = randomBytes(32),
): SignInCounts & { readonly bytes: number } => {
  const columns = createFailureColumns(size, (kind, places) => new arrayOf[kind](places));
  return {
    ...countInTable(columns, size, (key) => {
      const hash = createHmac("sha256", secret).update(key).digest();
      return [hash.readUInt32LE(0), hash.readUInt32LE(4)];
    }),
    bytes: Object.values(columns).reduce((sum, { byteLength }) => sum + byteLength, 0),
  };
};
