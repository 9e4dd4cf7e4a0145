import type { Encoding } from "../../contract/contract.ts";

/** Bytes that are no text in the encoding that they were said to have. */
export class NotText extends Error {
  readonly encoding: Encoding;
  constructor(encoding: Encoding) {
    super(`No text in ${encoding}`);
    this.name = "NotText";
    this.encoding = encoding;
  }
}

/** The text of bytes that arrive in pieces, without a byte order mark. @throws NotText */
export async function* decodeText(
  chunks: AsyncIterable<Uint8Array>,
  encoding: Encoding,
): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  // Whatever the chunks throw is none of the decoder's.
  const decode = (chunk?: Uint8Array): string => {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    } catch {
      throw new NotText(encoding);
    }
  };
  for await (const chunk of chunks) yield decode(chunk);
  yield decode();
}
