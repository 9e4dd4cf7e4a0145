import { expectOutcome, type Input } from "./ask.ts";
import type { Shown } from "./behaviour.ts";
import { same } from "./differences.ts";
import type { ContractKey } from "../contract/contract.ts";

/** Of what is the same for everybody, as long as the installation is. */
export const showUnchanged = (key: ContractKey, input: Input = {}): Shown => ({
  name: "sends nothing again to whoever has it already",
  run: async (subject) => {
    const { headers } = await expectOutcome(subject, 200, key, input);
    const tag = headers.get("etag") as string;
    const known = await expectOutcome(subject, 304, key, {
      ...input,
      headers: { "if-none-match": tag },
    });
    same(known.headers.get("etag"), tag, "ETag");
    await expectOutcome(subject, 200, key, { ...input, headers: { "if-none-match": '"another"' } });
  },
});
