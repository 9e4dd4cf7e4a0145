import { same } from "../differences.ts";
import { bytes, promisesOn } from "./promise.ts";

const { promise } = promisesOn<"signingKeys">();

export const ofSigningKeys = [
  promise(
    "signing keys come in the order in which they sign, and leave when they were removed",
    async (subject) => {
      const { signingKeys } = subject.stores;
      const key = (kid: string, activatesAt: number) => ({
        kid,
        use: "bearer" as const,
        algorithm: "EdDSA",
        publicJwk: { kty: "OKP" },
        encryptedPrivateJwk: bytes(4),
        masterSecretId: "one",
        createdAt: subject.now,
        activatesAt,
        removedAt: null,
      });
      // Long after the installation's own.
      const late = subject.now * 2;
      await signingKeys.change({
        add: [key("b", late + 2), key("a", late + 1)],
        update: [],
        removedBefore: 0,
      });
      const own = async () =>
        (await signingKeys.list()).filter(({ activatesAt }) => activatesAt > late);
      same(
        (await own()).map(({ kid }) => kid),
        ["a", "b"],
        "in order",
      );
      await signingKeys.change({
        add: [],
        update: [{ ...key("a", late + 1), removedAt: 5 }],
        removedBefore: 6,
      });
      same(
        (await own()).map(({ kid }) => kid),
        ["b"],
        "what is left",
      );
    },
  ),
];
