import type * as z from "zod";
import type { EventStream } from "../../contract/endpoint.ts";

export interface StreamedEvent {
  readonly event: string;
  readonly data: unknown;
}

/** As `text/event-stream` has it (HTML, 9.2.6). JSON holds no line break. */
const write = (
  { events }: EventStream,
  value: StreamedEvent | null,
  parse: (schema: z.core.$ZodType, value: unknown) => unknown,
): string => {
  if (value === null) return ":\n\n";
  const schema = events[value.event];
  if (schema === undefined)
    throw new Error(`${value.event} is not an event that the contract declares`);
  // As with every answer: what the contract does not name is stripped.
  return `event: ${value.event}\ndata: ${JSON.stringify(parse(schema, value.data))}\n\n`;
};

/** The body of a response that goes on. Where it fails it ends: whoever follows it comes again. */
export const streamEvents = (
  schema: EventStream,
  events: AsyncIterable<StreamedEvent | null>,
  isHead: boolean,
  reportFault: (error: unknown) => void,
  parse: (schema: z.core.$ZodType, value: unknown) => unknown,
): ReadableStream<Uint8Array> | null =>
  streamPieces(events, (value) => write(schema, value, parse), {
    isHead,
    breaksOff: false,
    reportFault,
  });

/**
 * The next piece is asked for when the reader has taken the one before, so that nothing piles up
 * here. When the reader goes, `pieces` is told to return.
 * @param options.isHead only the head is answered: `pieces` returns before it has begun
 * @param options.breaksOff where it fails, its reader is not to take what has come for all of it
 */
export const streamPieces = <T>(
  pieces: AsyncIterable<T>,
  write: (piece: T) => string,
  {
    isHead,
    breaksOff,
    reportFault,
  }: {
    readonly isHead: boolean;
    readonly breaksOff: boolean;
    readonly reportFault: (error: unknown) => void;
  },
): ReadableStream<Uint8Array> | null => {
  const iterator = pieces[Symbol.asyncIterator]();
  const leave = (): void => void iterator.return?.().catch(reportFault);
  if (isHead) {
    leave();
    return null;
  }
  const encoder = new TextEncoder();
  let left = false;
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        try {
          const { done, value } = await iterator.next();
          if (left) return;
          if (done) controller.close();
          else controller.enqueue(encoder.encode(write(value)));
        } catch (error) {
          reportFault(error);
          leave();
          if (left) return;
          if (breaksOff) controller.error(error);
          else controller.close();
        }
      },
      cancel: () => {
        left = true;
        leave();
      },
    },
    { highWaterMark: 0 },
  );
};
