import type { SigningKeyRow, SigningKeyStore } from "../../core/core.ts";

/** The mock signs nothing; who does may keep its keys here, as long as this store lasts. */
export const createSigningKeyStore = (): SigningKeyStore => {
  let keys: SigningKeyRow[] = [];
  return {
    list: () => keys.toSorted((one, other) => one.activatesAt - other.activatesAt),
    change: async ({ add, update, removedBefore }) => {
      const changed = new Map(update.map((key) => [key.kid, key]));
      keys = [...keys.map((key) => changed.get(key.kid) ?? key), ...add].filter(
        ({ removedAt }) => removedAt === null || removedAt >= removedBefore,
      );
    },
  };
};
