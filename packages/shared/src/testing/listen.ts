import * as z from "zod";
import { contract, type EventStream, type Session } from "../contract/contract.ts";
import { expectOutcome, type Input } from "./ask.ts";
import { Difference, same } from "./differences.ts";
import type { Subject } from "./subject.ts";

export interface Listener {
  /**
   * The next event as its name and its data, `:` for a comment, `end` where the stream has ended.
   */
  nextChunk(): Promise<unknown>;
  /** The same, without comments, and without what is told of lists. */
  next(): Promise<unknown>;
  /** Which lists the next event tells of that tells of lists. */
  nextLists(): Promise<readonly string[]>;
  leave(): Promise<void>;
}

/** What ought to be told has been by then, however busy the machine. */
const patienceMilliseconds = 10_000;

const inTime = <T>(promise: Promise<T>): Promise<T> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Difference("the stream of events tells nothing")),
      patienceMilliseconds,
    );
  });
  return Promise.race([promise, tooLate]).finally(() => clearTimeout(timer));
};

const streamed: EventStream = contract["GET /session/events"].responses[200];

const parseEvent = (text: string): unknown => {
  if (text.startsWith(":")) return ":";
  const [, event = "", data = ""] = /^event: (\w+)\ndata: (.*)$/.exec(text) ?? [];
  const schema = streamed.events[event];
  if (schema === undefined)
    throw new Difference(`the stream tells of something that is not declared: ${text}`);
  const parsed: unknown = JSON.parse(data);
  const checked = z.safeParse(schema, parsed);
  if (!checked.success) throw new Difference(`the stream breaks the contract: ${text}`);
  same(parsed, checked.data, `undeclared members of the event ${event}`);
  return { event, data: parsed };
};

const listsOf = (chunk: unknown): readonly string[] | null => {
  const { event, data } = chunk as { event?: unknown; data?: { lists: readonly string[] } };
  return event === "lists" && data ? data.lists : null;
};

/** Opens the stream of events of a session. */
export const listen = async (
  subject: Subject,
  as: Session,
  query: Input["query"] = {},
): Promise<Listener> => {
  const { response } = await expectOutcome(subject, 200, "GET /session/events", { query }, as);
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  const nextChunk = async (): Promise<unknown> => {
    for (;;) {
      const end = text.indexOf("\n\n");
      if (end !== -1) {
        const block = text.slice(0, end);
        text = text.slice(end + 2);
        return parseEvent(block);
      }
      const { done, value } = (await inTime(
        reader?.read() ?? Promise.resolve({ done: true, value: undefined }),
      )) as { done: boolean; value: Uint8Array | undefined };
      if (done) return "end";
      text += decoder.decode(value, { stream: true });
    }
  };
  return {
    nextChunk,
    next: async () => {
      for (;;) {
        const chunk = await nextChunk();
        if (chunk !== ":" && listsOf(chunk) === null) return chunk;
      }
    },
    nextLists: async () => {
      for (;;) {
        const chunk = await nextChunk();
        if (chunk === "end") throw new Difference("the stream of events has ended");
        const lists = listsOf(chunk);
        if (lists !== null) return lists;
      }
    },
    leave: async () => reader?.cancel(),
  };
};

/** The same right after a stream was left, of which whatever is between hears in a moment. */
export const listenOnceThereIsRoom = async (subject: Subject, as: Session): Promise<Listener> => {
  const startedAt = performance.now();
  for (;;)
    try {
      return await listen(subject, as);
    } catch (error) {
      if (performance.now() - startedAt > patienceMilliseconds) throw error;
    }
};
