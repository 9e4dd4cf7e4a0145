import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { constant, encodeAnswer, encodePage } from "./encode-answer.ts";

const digest = (text: string): string => createHash("sha256").update(text).digest("base64url");

it.each([
  ["as bytes where it is long", "Nicht gefunden · 404 ".repeat(200), Uint8Array],
  ["as the text that it is where it is short", "Nicht gefunden · 404", String],
])("what never changes is written once, %s, and so is its page", (_, text, kind) => {
  const body = constant({ title: "Not found" });
  let written = 0;
  const write = (): string => {
    written += 1;
    return text;
  };
  for (const encode of [encodeAnswer, encodePage]) {
    written = 0;
    const [first, second] = [encode(body, write, digest), encode(body, write, digest)];
    expect(written).toBe(1);
    expect(Object(first.body())).toBeInstanceOf(kind);
    expect(second.body()).toBe(first.body());
    expect(second.entityTag()).toBe(first.entityTag());
  }
  expect(encodePage(body, write, digest).body()).toBe(encodePage(body, write, digest).body());
});

it("what may change is written each time, and its page too", () => {
  const body = { title: "Not found" };
  for (const encode of [encodeAnswer, encodePage]) {
    let written = 0;
    for (const _ of [1, 2])
      expect(encode(body, () => `${(written += 1)}`, digest).body()).toBe(`${written}`);
    expect(written).toBe(2);
  }
});
