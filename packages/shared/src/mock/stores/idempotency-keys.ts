import {
  decodeBase64Url,
  encodeBase64Url,
  type IdempotencyKeyStore,
  type KeyUse,
} from "../../core/core.ts";
import type { MockKeyUse } from "../state.ts";
import type { Parts } from "./parts.ts";

/** All of the state is kept after each request, in a storage that takes a few megabytes. */
const keptKeys = 50;

export const createIdempotencyKeyStore = ({ state }: Parts): IdempotencyKeyStore => {
  const isOf = (one: MockKeyUse, callerId: string, keyHash: Uint8Array): boolean =>
    one.callerId === callerId && one.keyHash === encodeBase64Url(keyHash);
  const held = ({ callerId, keyHash, requestId }: KeyUse): MockKeyUse | undefined =>
    state().keyUses.find((one) => isOf(one, callerId, keyHash) && one.requestId === requestId);
  return {
    find: (callerId, keyHash) => {
      const found = state().keyUses.find((one) => isOf(one, callerId, keyHash));
      return found === undefined
        ? null
        : {
            ...found,
            requestHash: decodeBase64Url(found.requestHash),
            hasChanged: state().audit.some(
              ({ requestId, result }) => requestId === found.requestId && result === "success",
            ),
          };
    },
    claim: async (use, found, most) => {
      const { callerId, keyHash, requestHash, usedAt } = use;
      const all = state();
      const now = all.keyUses.find((one) => isOf(one, callerId, keyHash));
      if (now?.requestId !== found?.requestId || now?.heldUntil !== found?.heldUntil)
        return "changed";
      const others = all.keyUses.filter((one) => one !== now);
      const own = others.filter((one) => one.callerId === callerId);
      const over = new Set(
        own
          .slice(0, Math.max(0, own.length + 1 - Math.min(most, keptKeys)))
          .filter(({ heldUntil }) => heldUntil === null || heldUntil <= usedAt),
      );
      all.keyUses = [
        ...others.filter((one) => !over.has(one)),
        {
          ...use,
          keyHash: encodeBase64Url(keyHash),
          requestHash: encodeBase64Url(requestHash),
          answer: null,
        },
      ];
      return "applied";
    },
    keep: async (use, answer, heldUntil) =>
      void Object.assign(held(use) ?? {}, { answer, heldUntil }),
    hold: async (uses, until) => {
      for (const use of uses) {
        const one = held(use);
        if (one && one.heldUntil !== null) one.heldUntil = until;
      }
    },
    purge: (before) => {
      const all = state();
      const kept = all.keyUses.filter(({ usedAt }) => usedAt >= before);
      const purged = all.keyUses.length - kept.length;
      all.keyUses = kept;
      return purged;
    },
  };
};
