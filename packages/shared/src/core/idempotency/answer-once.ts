import type { Upload } from "../../contract/contract.ts";
import { encodeBase64Url } from "../answering/base64url.ts";
import { AppError } from "../answering/errors.ts";
import type { Digests } from "../ports.ts";
import type { KeptAnswer } from "./idempotency-key-store.ts";
import type { KeyedRequest } from "./keyed-requests.ts";

/** What was done under a key: now, or when the same was asked for the first time. */
export class AnsweredOnce {
  readonly kept: KeptAnswer;
  readonly isRepeated: boolean;
  constructor(kept: KeptAnswer, isRepeated: boolean) {
    this.kept = kept;
    this.isRepeated = isRepeated;
  }
}

/** What a request asks for, all of it. */
interface Asked {
  readonly query: unknown;
  readonly headers: object;
  readonly body: unknown;
  readonly upload?: Upload;
}

/** What carrying it out came to. */
export interface CarriedOut {
  readonly kept: KeptAnswer;
  /** What the answer only promises; the key is held until it is done. */
  readonly work?: Promise<unknown> | undefined;
}

/**
 * Carries out a request that has a key, unless that has been done; then its answer is given again.
 * @param carryOut is handed the request, whose upload tells of its end once the key is taken
 * @throws AppError as `KeyedRequest` and whatever carries it out
 */
export const answerOnce = async <Input extends Asked>(
  keyed: KeyedRequest,
  input: Input,
  digests: Digests,
  carryOut: (input: Input) => Promise<CarriedOut>,
): Promise<AnsweredOnce> => {
  const { query, headers, body, upload } = input;
  const parameters = JSON.stringify([query, { ...headers, "idempotency-key": "" }, body]);
  let handed = input;
  let before: KeptAnswer | null = null;
  if (upload) {
    // What is sent is compared as it is read, and held by nobody.
    const { mediaType, charset, bytes } = upload;
    const pieces = digests.pieces();
    const requestHash = (): Uint8Array =>
      digests.hash(`${parameters} ${mediaType} ${charset} ${encodeBase64Url(pieces.end())}`);
    if (await keyed.mayBeRepeated()) {
      for await (const piece of bytes) pieces.add(piece);
      return new AnsweredOnce(await keyed.recall(requestHash()), true);
    }
    async function* read(): AsyncGenerator<Uint8Array> {
      for await (const piece of bytes) {
        pieces.add(piece);
        yield piece;
      }
      // The handler learns that this was all of it once the key is taken. Another one may have been
      // quicker.
      before = await keyed.claim(requestHash());
      if (before !== null) throw new AppError("idempotency_key_in_use");
    }
    handed = { ...input, upload: { ...upload, bytes: read() } };
  } else before = await keyed.claim(digests.hash(parameters));
  if (before !== null) return new AnsweredOnce(before, true);
  try {
    const { kept, work } = await carryOut(handed);
    await keyed.keep(kept, work);
    return new AnsweredOnce(kept, false);
  } catch (thrown) {
    if (before !== null) return new AnsweredOnce(before, true);
    await keyed.letGo();
    throw thrown;
  }
};
