import type { Client } from "@sallyport/shared/client";
import { useClient } from "@sallyport/shared/react";
import { useMutation } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { failureOf, type Failure, type FailureWords } from "./failures.ts";

/**
 * A change that a screen asks the server for. Every form, dialog and button that changes something
 * there uses it, so that all of them wait and fail in the same way:
 *
 * ```tsx
 * const rename = useChange({
 *   call: (client, body: { title: string }) =>
 *     client.call("PATCH /widgets/:widgetId", { params, body }),
 *   words: { fields: ["title"], codes: { conflict: "Somebody else has renamed it." } },
 *   onDone: () => queryClient.invalidateQueries({ queryKey: ["GET /widgets"] }),
 * });
 * ```
 *
 * - `call` is `client.call`, or `client.changeSession` where the endpoint answers with the session:
 *   then every part of the page that shows something of it, and every other tab, has the new one
 *   before `onDone`, and there is no query to invalidate.
 * - `run` begins it; while it is under way, another `run` is nothing. It is given to TanStack's
 *   `useMutation`, and never repeated by itself.
 * - `pending` lasts until `onDone` is through, which invalidates the queries that the change has
 *   made untrue, by the key of their endpoint. It is for `loading` of a `Button`, or for
 *   `aria-disabled`: what is disabled loses the focus.
 * - `failure` has what to say at the fields (`fields`) and what to say of the whole (`message`,
 *   with the request's id), until the next `run`. `check` finds what need not be sent at all.
 */
export const useChange = <Output, Input = void, Field extends string = never>({
  call,
  check,
  words = {},
  onDone,
  onFailed,
}: {
  readonly call: (client: Client, input: Input) => Promise<Output>;
  readonly check?: (input: Input) => Failure<Field> | null;
  readonly words?: FailureWords<Field>;
  readonly onDone?: (output: Output) => unknown;
  /** The server's refusal, or its silence, after `failure` has been set. */
  readonly onFailed?: (error: Error, input: Input) => void;
}): {
  readonly run: (input: Input) => void;
  readonly pending: boolean;
  readonly isDone: boolean;
  readonly failure: Failure<Field> | null;
} => {
  const client = useClient();
  const [failure, setFailure] = useState<Failure<Field> | null>(null);
  // What `useMutation` says of it is there with the next drawing only.
  const isUnderWay = useRef(false);
  const { mutate, isPending, isSuccess } = useMutation<Output, Error, Input>({
    mutationFn: (input) => call(client, input),
    onSuccess: (output) => onDone?.(output),
    onError: (error, input) => {
      setFailure(failureOf(error, words, new Date()));
      onFailed?.(error, input);
    },
    onSettled: () => void (isUnderWay.current = false),
    // It keeps what it was given, a password say: not longer than its screen.
    gcTime: 0,
  });
  const run = (input: Input): void => {
    if (isUnderWay.current) return;
    const found = check?.(input) ?? null;
    setFailure(found);
    if (found !== null) return;
    isUnderWay.current = true;
    mutate(input);
  };
  return { run, pending: isPending, isDone: isSuccess, failure };
};
