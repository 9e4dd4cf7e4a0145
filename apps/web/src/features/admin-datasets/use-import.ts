import {
  isApiError,
  NetworkError,
  type CallerInput,
  type Contract,
  type ResponseBody,
} from "@sallyport/shared/client";
import { apiQuery, useClient } from "@sallyport/shared/react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { sendWith } from "../../session/uploads.ts";
import { useChange } from "../../session/use-change.ts";
import type { Failure } from "../../session/failures.ts";
import { rowsTypeOf } from "./rows-file.ts";
import { sendWithProgress } from "./send-with-progress.ts";

export type NewImport = CallerInput<Contract["POST /imports"]>["body"];
export type ReadingOptions = NonNullable<
  CallerInput<Contract["PUT /imports/:importId/rows"]>["query"]
>;
export type ImportStatus = ResponseBody<Contract["GET /imports/:importId"]>;

interface Order {
  readonly file: File;
  readonly plan: NewImport;
  readonly reading: ReadingOptions;
}

export interface RunningImport {
  readonly run: (order: Order) => void;
  readonly cancel: () => void;
  /** Back to what is to be imported: another attempt is another import. */
  readonly forget: () => void;
  /** Sending, reading, or over; null while nothing has been sent. */
  readonly phase: "sending" | "storing" | "done" | "failed" | null;
  /** How much of the file has gone, from 0 to 1. */
  readonly sent: number;
  readonly status: ImportStatus | undefined;
  /** Why it could not even begin, or has been lost sight of. */
  readonly failure: Failure | null;
  /** The panels that it would break, in words. */
  readonly refusals: readonly string[];
}

const lookEveryMilliseconds = 500;

/** From the plan of an import to its end: it is planned, sent, and looked at until it is over. */
export const useImport = (): RunningImport => {
  const client = useClient();
  const queryClient = useQueryClient();
  const [importId, setImportId] = useState<string>();
  const [hasArrived, setArrived] = useState(false);
  const [sent, setSent] = useState(0);
  const [isGivenUp, setGivenUp] = useState(false);
  const [refusals, setRefusals] = useState<readonly string[]>([]);
  const giveUp = useRef(new AbortController());

  const change = useChange({
    call: async (caller, { file, plan, reading }: Order) => {
      giveUp.current = new AbortController();
      const { signal } = giveUp.current;
      const { id } = await caller.call("POST /imports", { body: plan }, { signal });
      setImportId(id);
      // A slice is an object of its own, so that another attempt has another progress.
      const content = file.slice();
      sendWith(content, sendWithProgress(setSent));
      await caller.call(
        "PUT /imports/:importId/rows",
        {
          params: { importId: id },
          query: reading,
          upload: { type: rowsTypeOf(file.name), content },
        },
        { signal },
      );
      setArrived(true);
    },
    onFailed: (error) => {
      setSent(0);
      setRefusals(
        isApiError(error, "dataset_in_use")
          ? (error.problem.errors ?? []).map(({ detail }) => detail)
          : [],
      );
      // Whoever gives it up need not be told that it has failed.
      if (error instanceof NetworkError && error.aborted) forget();
    },
  });

  const found = useQuery({
    ...apiQuery(client, "GET /imports/:importId", { params: { importId: importId ?? "" } }),
    enabled: importId !== undefined && hasArrived,
    refetchInterval: ({ state }) => (isOver(state.data) ? false : lookEveryMilliseconds),
    staleTime: 0,
    gcTime: 0,
  });
  const status = hasArrived ? found.data : undefined;
  const over = isOver(status);

  const forget = (): void => {
    setImportId(undefined);
    setArrived(false);
    setSent(0);
  };

  const stop = useChange({
    call: async (caller) => {
      if (importId === undefined) return;
      await caller.call("DELETE /imports/:importId", { params: { importId } });
    },
    onDone: () => queryClient.invalidateQueries({ queryKey: ["GET /imports/:importId"] }),
  });

  useEffect(() => {
    if (!over) return;
    for (const key of ["GET /datasets", "GET /datasets/:name", "GET /datasets/:name/rows"])
      void queryClient.invalidateQueries({ queryKey: [key] });
  }, [over, queryClient]);
  useEffect(() => () => giveUp.current.abort(), []);

  return {
    run: (order) => {
      forget();
      setGivenUp(false);
      setRefusals([]);
      change.run(order);
    },
    cancel: () => {
      setGivenUp(true);
      giveUp.current.abort();
      stop.run();
    },
    forget,
    phase: over
      ? status?.status === "done"
        ? "done"
        : "failed"
      : hasArrived
        ? "storing"
        : change.pending
          ? "sending"
          : null,
    sent,
    status,
    refusals,
    failure: (isGivenUp ? null : change.failure) ?? stop.failure,
  };
};

const isOver = (status: ImportStatus | undefined): boolean =>
  status?.status === "done" || status?.status === "failed";
