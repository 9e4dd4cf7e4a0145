/** Steps that behaviours of datasets and of their rows take. */
import type { Session } from "../contract/contract.ts";
import type { datasetEndpoints } from "../contract/datasets.ts";
import { expectOutcome, type Input, type Reply } from "./ask.ts";
import type { Shown } from "./behaviour.ts";
import { Difference } from "./differences.ts";
import { orders, signInToAdminister } from "./orders.ts";
import type { Subject } from "./subject.ts";

export const ofOrders: Input = { params: { name: orders.name } };

export const errorsOf = ({ problem }: Reply): unknown =>
  problem?.errors?.map(({ pointer, code }) => [pointer, code]);

export const notFound = (
  key:
    | "GET /datasets/:name"
    | "GET /datasets/:name/readers"
    | "GET /datasets/:name/rows"
    | "PATCH /datasets/:name"
    | "DELETE /datasets/:name"
    | "DELETE /datasets/:name/rows",
  input: Input,
): Shown => ({
  name: "says so where there is no such dataset",
  run: async (subject) => {
    await expectOutcome(subject, "not_found", key, input, await signInToAdminister(subject));
  },
});

export const latin1 = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text, (character) => character.codePointAt(0) ?? 0);

export const gzip = async (text: string): Promise<Uint8Array<ArrayBuffer>> => {
  const stream = new CompressionStream("gzip");
  const writer = stream.writable.getWriter();
  // Not by way of a Blob: that of jsdom has no stream.
  void writer.write(new TextEncoder().encode(text)).then(() => writer.close());
  return new Uint8Array(await new Response(stream.readable).arrayBuffer());
};

/** Asks for an import until it is over. */
export const awaitImport = async (
  subject: Subject,
  mica: Session,
  importId: string,
): Promise<Record<string, unknown>> => {
  for (const since = performance.now(); performance.now() - since < 10_000;) {
    const body = (
      await expectOutcome(subject, 200, "GET /imports/:importId", { params: { importId } }, mica)
    ).body as Record<string, unknown>;
    if (body["status"] === "done" || body["status"] === "failed") return body;
    // Time for whoever does the work.
    await subject.advanceClock(1);
  }
  throw new Difference(`the import ${importId} does not end`);
};

/** Rows, and how their imports go. */
export type RowsEndpoint = Extract<
  keyof typeof datasetEndpoints,
  `${string}/rows` | `GET /imports/${string}`
>;
