import * as z from "zod";
import {
  isEventStream,
  type ContractKey,
  type Endpoint,
  type SentFile,
} from "../../contract/contract.ts";
import { encodeAnswer, encodePage, type EncodedAnswer } from "./encode-answer.ts";
import type { Answer } from "./endpoint.ts";
import { isKnown } from "./entity-tags.ts";
import { AppError } from "./errors.ts";
import { streamEvents, streamPieces, type StreamedEvent } from "./event-stream.ts";
import { noCookies, type GivenAnswer } from "./given-answer.ts";
import { locateUnder } from "./locate.ts";
import { problemPagePolicy, wantsPage } from "./problem-pages.ts";
import type { ReceivedRequest } from "./read-request.ts";

type Encoded = EncodedAnswer | ReadableStream<Uint8Array> | null;

const fileOf = ({ exports }: Endpoint, body: unknown): SentFile | null =>
  exports !== undefined && typeof body === "object" && body !== null && "file" in body
    ? (body.file as SentFile)
    : null;

/** Makes what an endpoint's handler answered the answer to its request. */
export const createSuccessAnswer = (
  key: ContractKey,
  definition: Endpoint,
  {
    basePath,
    digest,
    reportFault,
  }: {
    /** The path under which the API is reached, without a slash at its end. */
    readonly basePath: string;
    digest(text: string): string;
    reportFault(error: unknown, requestId: string): void;
  },
): {
  /** The body, held to the contract. @throws ZodError where the handler breaks it */
  encode(answer: Answer<ContractKey>, isHead: boolean, requestId: string): Encoded;
  /** @param headers of every answer; those of this one are added */
  successAnswer(
    answer: Answer<ContractKey>,
    request: ReceivedRequest,
    requestId: string,
    headers: Record<string, string>,
  ): GivenAnswer;
} => {
  const isStream = Object.values(definition.responses).some(isEventStream);

  const encode = (
    { status, body }: Answer<ContractKey>,
    isHead: boolean,
    requestId: string,
  ): Encoded => {
    const schema = definition.responses[status];
    if (schema === undefined)
      throw new Error(`${key} answered ${status}, which the contract does not declare`);
    if (isEventStream(schema))
      return streamEvents(
        schema,
        body as AsyncIterable<StreamedEvent | null>,
        isHead,
        (error) => reportFault(error, requestId),
        z.parse,
      );
    const file = fileOf(definition, body);
    if (file !== null)
      return streamPieces(file.text, (text) => text, {
        isHead,
        breaksOff: true,
        // Whoever may no longer have it, or has to wait, is no fault of ours.
        reportFault: (error) => {
          if (!(error instanceof AppError)) reportFault(error, requestId);
        },
      });
    // Parsing what we send strips whatever the contract does not name, so that a row's other
    // columns cannot leak.
    return schema === null
      ? null
      : encodeAnswer(body, () => JSON.stringify(z.parse(schema, body)), digest);
  };

  return {
    encode,
    successAnswer: (given, { method, header }, requestId, headers) => {
      const { status, cookies = noCookies } = given;
      const encoded = encode(given, method === "HEAD", requestId);
      if (isStream) {
        headers["Content-Type"] = "text/event-stream";
        // To proxies that would collect events until they are worth sending.
        headers["X-Accel-Buffering"] = "no";
      } else if (encoded !== null) headers["Content-Type"] = "application/json";
      const file = fileOf(definition, given.body);
      if (file !== null) {
        headers["Content-Type"] = file.mediaType;
        headers["Content-Disposition"] = `attachment; filename="${file.name}"`;
      }
      let page: EncodedAnswer | null = null;
      if (given.page) {
        headers["Vary"] = "Origin, Accept";
        if (wantsPage(header("accept"))) {
          page = encodePage(given.body, given.page, digest);
          headers["Content-Type"] = "text/html; charset=utf-8";
          headers["Content-Security-Policy"] = problemPagePolicy;
        }
      }
      if (given.headers) Object.assign(headers, locateUnder(basePath, given.headers));
      const whole = page ?? encoded;
      if (whole === null || whole instanceof ReadableStream)
        return { status, headers, cookies, body: whole };
      if (definition.revalidates === true) {
        headers["ETag"] = whole.entityTag();
        if (isKnown(headers["ETag"], header("if-none-match"))) {
          delete headers["Content-Type"];
          return { status: 304, headers, cookies, body: null };
        }
      }
      return { status, headers, cookies, body: whole.body() };
    },
  };
};
