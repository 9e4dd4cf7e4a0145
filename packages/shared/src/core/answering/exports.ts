/**
 * Lists as files, from their beginning to their end, however long they are. They are read in
 * batches, and a batch only when whoever asked has taken the one before: what is held of a file is
 * one batch of it. Batches of all files wait in one queue, with a turn of the event loop between
 * two of them, so that a file of millions of rows keeps nobody waiting for more than one batch.
 */
import type { SentFile } from "../../contract/endpoint.ts";
import type { Permission } from "../../contract/permissions.ts";
import { signedIn, type Caller, type RequestContext } from "./endpoint.ts";
import { AppError } from "./errors.ts";
import { createFairQueue } from "./fair-queue.ts";
import { queueCallerOf } from "./queue-callers.ts";

export const rowsOfBatch = 200;
/** Each file that is under way waits at most once. */
const mostWaiting = 200;

export interface Batch<Row, Place> {
  readonly rows: readonly Row[];
  /** Where to go on; null where nothing follows. */
  readonly next: Place | null;
}

export interface ExportedList<Row, Place> {
  /** Without its extension and its day: `users`. */
  readonly name: string;
  readonly format: "csv" | "ndjson" | "json";
  /** What whoever gets it has to hold, as long as it takes; null for what is their own. */
  readonly permission: Permission | null;
  /** The first line of CSV. */
  readonly columns?: readonly string[];
  /** Of JSON, what stands before its rows and after them. */
  readonly object?: { readonly before: string; readonly after: string };
  read(after: Place | null, limit: number): Batch<Row, Place> | Promise<Batch<Row, Place>>;
  /** One row, as text: with its line break where a row is a line. */
  write(row: Row): string;
  /** The audit event of it. Nothing is handed out before it is written. */
  record(): Promise<void>;
}

export interface Exports {
  /**
   * @throws AppError what reading throws, `busy` where too many wait: before the file has begun.
   * What fails later breaks it off, so that nobody takes a part for the whole.
   */
  begin<Row, Place>(context: RequestContext, list: ExportedList<Row, Place>): Promise<SentFile>;
}

const mediaTypes = {
  csv: "text/csv; charset=utf-8",
  ndjson: "application/x-ndjson",
  json: "application/json",
} as const;

interface Waiting {
  go(): void;
  refuse(error: AppError): void;
}

export const createExports = ({
  turn,
  now,
  isShuttingDown,
  requireStill,
}: {
  /** Resolves in another turn of the event loop. */
  readonly turn: () => Promise<void>;
  readonly now: () => number;
  readonly isShuttingDown: () => boolean;
  /** May they still have what they asked for? @throws AppError */
  readonly requireStill: (caller: Caller, permission: Permission | null) => Promise<void>;
}): Exports => {
  const waiting = createFairQueue<Waiting>(mostWaiting);
  let isTaken = false;

  const serve = (): void => {
    if (isTaken) return;
    const first = waiting.next();
    if (first === undefined) return;
    isTaken = true;
    first.go();
  };
  const inTurn = async <T>(context: RequestContext, work: () => T | Promise<T>): Promise<T> => {
    await new Promise<void>((resolve, reject) => {
      const lost = waiting.add(queueCallerOf(context), { go: resolve, refuse: reject });
      lost?.refuse(new AppError("busy", { retryAfterSeconds: 1 }));
      serve();
    });
    try {
      return await work();
    } finally {
      void turn().then(() => {
        isTaken = false;
        serve();
      });
    }
  };

  return {
    begin: async (
      context,
      { name, format, permission, columns = [], object, read, write, record },
    ) => {
      const caller = signedIn(context);
      const first = await inTurn(context, () => read(null, rowsOfBatch));
      await record();
      const textOf = async function* (): AsyncGenerator<string, void> {
        if (format === "csv") yield `${columns.join(",")}\r\n`;
        if (object) yield object.before;
        let isFirst = true;
        for (let { rows, next } = first; ;) {
          if (rows.length > 0) {
            const text = rows.map(write).join(object ? "," : "");
            yield object && !isFirst ? `,${text}` : text;
            isFirst = false;
          }
          const place = next;
          if (place === null) {
            if (object) yield object.after;
            return;
          }
          ({ rows, next } = await inTurn(context, async () => {
            if (isShuttingDown()) throw new AppError("busy", { retryAfterSeconds: 5 });
            await requireStill(caller, permission);
            return read(place, rowsOfBatch);
          }));
        }
      };
      return {
        name: `${name}-${new Date(now()).toISOString().slice(0, 10)}.${format}`,
        mediaType: mediaTypes[format],
        text: textOf(),
      };
    },
  };
};
