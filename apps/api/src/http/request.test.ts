import { describe, expect, it } from "vitest";
import type { Context } from "hono";
import { readJsonBody, readQuery } from "@sallyport/shared/handlers";
import { receivedFrom, searchOf, type NodeBindings } from "./request.ts";

describe("the body", () => {
  const limit = 100;
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  /** @param sent undefined where the client hangs up */
  const read = (sent: readonly (Uint8Array | undefined)[], length?: number): Promise<unknown> => {
    const chunks = [...sent];
    const body = new ReadableStream({
      pull: (controller) => {
        if (chunks.length === 0) return controller.close();
        const chunk = chunks.shift();
        if (chunk) controller.enqueue(chunk);
        else controller.error(Object.assign(new Error("aborted"), { code: "ECONNRESET" }));
      },
    });
    const headers: Record<string, string> = {
      "content-type": "application/json",
      ...(length === undefined
        ? { "transfer-encoding": "chunked" }
        : { "content-length": String(length) }),
    };
    const raw = new Request("http://x/y", { method: "POST", body, duplex: "half" });
    const context = {
      req: { raw, method: "POST" },
      env: { incoming: { headers, socket: {} } },
    } as unknown as Context<{ Bindings: NodeBindings }>;
    return readJsonBody(
      receivedFrom(context, () => ""),
      limit,
    );
  };

  it("may begin with a byte order mark, however it is sent", async () => {
    const text = bytes('\ufeff{"a":1}');
    expect(await read([text], text.byteLength)).toEqual({ a: 1 });
    expect(await read([text.subarray(0, 2), text.subarray(2)])).toEqual({ a: 1 });
  });

  it("that ends early is the client's fault, however it is sent", async () => {
    for (const length of [undefined, 100])
      await expect(read([bytes('{"'), undefined], length)).rejects.toMatchObject({
        code: "malformed_json",
        message: "The body ended early.",
      });
  });

  it("that is too large is refused while it is read", async () => {
    await expect(
      read([bytes("x".repeat(60)), bytes("x".repeat(60)), undefined]),
    ).rejects.toMatchObject({ code: "body_too_large" });
  });
});

describe("the query", () => {
  it("makes an array of a repeated key, and is not confused by names of Object's own", () => {
    expect({ ...readQuery(searchOf("http://x/y?a=1&b=2&a=3&a=4")) }).toEqual({
      a: ["1", "3", "4"],
      b: "2",
    });
    const query = readQuery(searchOf("http://x/y?__proto__=1&constructor=2&hasOwnProperty=3"));
    expect(Object.keys(query)).toEqual(["__proto__", "constructor", "hasOwnProperty"]);
    expect(Object.getPrototypeOf(query)).toBeNull();
  });

  it("ends at a fragment and takes malformed percent-encoding as it is", () => {
    expect({ ...readQuery(searchOf("http://x/y?a=1#b=2")) }).toEqual({ a: "1" });
    expect({ ...readQuery(searchOf("http://x/y?a=%zz")) }).toEqual({ a: "%zz" });
    expect({ ...readQuery(searchOf("http://x/y")) }).toEqual({});
  });
  it("is one object for one text, which nobody can change, as long as few others are asked for", () => {
    const query = readQuery(searchOf("http://x/y?limit=1&tag=a&tag=b"));
    expect(readQuery(searchOf("http://x/z?limit=1&tag=a&tag=b"))).toBe(query);
    expect(() => Object.assign(query, { limit: "2" })).toThrow(TypeError);
    for (let other = 0; other < 1_000; other += 1) readQuery(searchOf(`http://x/y?other=${other}`));
    expect(readQuery(searchOf("http://x/y?limit=1&tag=a&tag=b"))).not.toBe(query);
    const long = `http://x/y?q=${"x".repeat(300)}`;
    expect(readQuery(searchOf(long))).not.toBe(readQuery(searchOf(long)));
  });
});
