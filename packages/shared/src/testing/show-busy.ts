import type { ContractKey, Session } from "../contract/contract.ts";
import { expectOutcome, type Input } from "./ask.ts";
import { holds } from "./differences.ts";
import type { Shown } from "./behaviour.ts";
import type { Subject } from "./subject.ts";

/**
 * Answers busy while what the endpoint needs is taken.
 * @param prepare what has to be there first; it gives what to send
 */
export const showBusy = (
  key: ContractKey,
  prepare: (subject: Subject) => Promise<{ readonly input?: Input; readonly as?: Session | null }>,
): Shown => ({
  name: "is busy, and says when to come again, while what it needs is taken",
  run: async (subject) => {
    const { input, as } = await prepare(subject);
    await subject.arrange({ kind: "busy", endpoint: key });
    const { headers } = await expectOutcome(subject, "busy", key, input, as);
    holds(
      Number(headers.get("retry-after")) <= 10,
      "a caller who finds the server busy is sent away for long",
    );
  },
});
