import type { ServerResponse } from "node:http";

/**
 * The same body, and the connection is cut off where it fails: whoever reads it must not take what
 * has come for all of it. What failed was reported where it did, or is no fault; node-server would
 * print it with its stack.
 */
export const cutOffWhereItFails = (
  body: ReadableStream<Uint8Array>,
  outgoing: ServerResponse,
): ReadableStream<Uint8Array> => {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        try {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch {
          outgoing.destroy();
          controller.close();
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
};
