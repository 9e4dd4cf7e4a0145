import { same } from "../differences.ts";
import { bytes, promisesOn } from "./promise.ts";

const { promise } = promisesOn<"oneUseTokens">();

export const ofOneUseTokens = [
  promise("a one-use token works until it expires", async (subject) => {
    const { oneUseTokens } = subject.stores;
    const token = {
      purpose: "setup",
      userId: null,
      madeBy: null,
      createdAt: subject.now,
      expiresAt: subject.now + 10,
    } as const;
    await oneUseTokens.add({ ...token, tokenHash: bytes(9) });
    same(
      [
        await oneUseTokens.isUsable(bytes(9), subject.now + 9),
        await oneUseTokens.isUsable(bytes(9), subject.now + 10),
        await oneUseTokens.isUsable(bytes(10), subject.now),
      ],
      [true, false, false],
      "what is usable",
    );
  }),
];
