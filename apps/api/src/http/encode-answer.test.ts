import { expect, it } from "vitest";
import { constant, encodeAnswer, encodePage } from "./encode-answer.ts";

it("what never changes is written once, as bytes, and so is its page", () => {
  const body = constant({ title: "Not found" });
  let written = 0;
  const write = (): string => {
    written += 1;
    return "Nicht gefunden · 404";
  };
  for (const encode of [encodeAnswer, encodePage]) {
    written = 0;
    const [first, second] = [encode(body, write), encode(body, write)];
    expect(written).toBe(1);
    expect(first.body()).toBeInstanceOf(Uint8Array);
    expect(second.body()).toBe(first.body());
    expect(second.entityTag()).toBe(first.entityTag());
  }
  expect(encodePage(body, write).body()).toBe(encodePage(body, write).body());
});

it("what may change is written each time, and its page too", () => {
  const body = { title: "Not found" };
  for (const encode of [encodeAnswer, encodePage]) {
    let written = 0;
    for (const _ of [1, 2])
      expect(encode(body, () => `${(written += 1)}`).body()).toBe(`${written}`);
    expect(written).toBe(2);
  }
});
