import { isApiError, type Client } from "@sallyport/shared/client";
import { useClient } from "@sallyport/shared/react";
import { useState } from "react";
import type { Failure, FailureWords } from "./failures.ts";
import { useChange } from "./use-change.ts";

interface Versioned {
  readonly etag: string;
}

/** What two people have changed: how it is now, and what this one wanted. */
export interface Conflict<Current, Input> {
  readonly theirs: Current;
  readonly input: Input;
}

/**
 * `useChange` for something that has a version: what somebody else has changed since `current` was
 * read is not overwritten unseen. Then `conflict` has both, for a `ConflictDialog`, and `overwrite`
 * saves this one's after all, on the version that was shown.
 */
export const useVersionedChange = <
  Current extends Versioned,
  Output,
  Input = void,
  Field extends string = never,
>({
  current,
  read,
  call,
  check,
  words,
  onDone,
}: {
  /** As the page has it; another version may arrive while the form is open. */
  readonly current: Current;
  /** How it is now. */
  readonly read: (client: Client) => Promise<Current>;
  /** @param on what is overwritten: as the form began, or as a conflict has shown it */
  readonly call: (client: Client, input: Input, ifMatch: string, on: Current) => Promise<Output>;
  readonly check?: (input: Input) => Failure<Field> | null;
  readonly words?: FailureWords<Field>;
  readonly onDone?: (output: Output) => unknown;
}): {
  readonly run: (input: Input) => void;
  readonly pending: boolean;
  readonly failure: Failure<Field> | null;
  readonly conflict: Conflict<Current, Input> | null;
  /** Somebody else's change has arrived on the page meanwhile: saving will lead to a conflict. */
  readonly isOutdated: boolean;
  readonly overwrite: () => void;
  /** Closes the dialog about it; the next `run` is about what was shown there. */
  readonly settle: () => void;
} => {
  const client = useClient();
  // What the form began with, or what a dialog about a conflict has shown since. What arrives on
  // the page meanwhile has not been looked at by whoever is typing.
  const [seen, setSeen] = useState<Current>(current);
  const [conflict, setConflict] = useState<Conflict<Current, Input> | null>(null);
  // The refusal is what the dialog is about, and is not said a second time.
  const [isRefused, setRefused] = useState(false);
  const change = useChange<Output, { input: Input; on: Current }, Field>({
    call: async (caller, { input, on }) => {
      try {
        return await call(caller, input, on.etag, on);
      } catch (error) {
        if (isApiError(error, "precondition_failed")) {
          const theirs = await read(client);
          setSeen(theirs);
          setRefused(true);
          setConflict({ theirs, input });
        }
        throw error;
      }
    },
    ...(check && { check: ({ input }: { input: Input }) => check(input) }),
    ...(words && { words }),
    onDone: (output) => {
      setConflict(null);
      return onDone?.(output);
    },
  });
  const run = (input: Input, on: Current): void => {
    setRefused(false);
    change.run({ input, on });
  };
  return {
    run: (input) => run(input, seen),
    pending: change.pending,
    failure: isRefused ? null : change.failure,
    conflict,
    isOutdated: current.etag !== seen.etag,
    overwrite: () => conflict && run(conflict.input, conflict.theirs),
    settle: () => setConflict(null),
  };
};
