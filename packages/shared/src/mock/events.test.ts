import { describe, expect, it } from "vitest";
import type { MockApi } from "./mock.ts";
import { create, createTimers } from "../../test/asked-mock.ts";

describe("the stream of events of the mock", () => {
  const listen = async (mock: MockApi) => {
    const response = await mock.fetch("/session/events");
    expect(response.status).toBe(200);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    return {
      next: async (): Promise<string> => {
        const { done, value } = await reader.read();
        return done ? "end" : new TextDecoder().decode(value);
      },
      leave: () => reader.cancel(),
    };
  };

  it("tells of permissions and of the end as they happen, and a comment every twenty seconds", async () => {
    const { timers, pass } = createTimers();
    const mock = create({ persona: "mica", timers });
    const stream = await listen(mock);
    expect(await stream.next()).toBe(":\n\n");
    mock.takeGrant("mica", "_all_");
    expect(await stream.next()).toBe("event: permissions\ndata: {}\n\n");
    expect(await stream.next()).toBe('event: lists\ndata: {"lists":["grants","roles"]}\n\n');
    const comment = stream.next();
    mock.advanceClock({ seconds: 20 });
    expect(await comment).toBe(":\n\n");
    const end = stream.next();
    mock.advanceClock({ days: 8 });
    pass(1_000);
    expect(await end).toBe('event: ended\ndata: {"reason":"idle"}\n\n');
    expect(await stream.next()).toBe("end");
  });

  it("leaves no timer behind when nobody listens", async () => {
    const { timers, count } = createTimers();
    const mock = create({ persona: "mike", timers });
    const stream = await listen(mock);
    expect(count()).toBe(1);
    await stream.next();
    await stream.leave();
    expect(count()).toBe(0);
  });
});
