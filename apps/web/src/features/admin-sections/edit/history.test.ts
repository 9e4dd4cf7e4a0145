import { expect, test } from "vitest";
import { openHistory, record, redo, undo } from "./history.ts";

test("what was done is undone and done again, until something else is done", () => {
  let history = record(record(openHistory("a"), "b", null, 0), "c", null, 0);
  expect(undo(history).present).toBe("b");
  expect(undo(undo(history)).present).toBe("a");
  expect(undo(undo(undo(history))).present).toBe("a");
  expect(redo(undo(history)).present).toBe("c");
  expect(redo(history)).toBe(history);
  history = record(undo(history), "d", null, 0);
  expect(redo(history).present).toBe("d");
  expect(undo(history).present).toBe("b");
});

test("letters typed into one field are one step; a pause, another field and an undo end it", () => {
  let history = openHistory("");
  const type = (text: string, field: string | null, at: number): void => {
    history = record(history, text, field, at);
  };
  type("a", "title", 0);
  type("ab", "title", 1_000);
  expect(history.past).toEqual([""]);
  type("abc", "title", 5_000);
  expect(history.past).toEqual(["", "ab"]);
  type("abc!", "text", 5_100);
  type("abc!?", null, 5_200);
  type("abc!?.", null, 5_300);
  expect(history.past).toEqual(["", "ab", "abc", "abc!", "abc!?"]);
  history = undo(history);
  type("other", "text", 5_400);
  expect(history.past.at(-1)).toBe("abc!?");
});

test("what changes nothing is no step, and only so many are kept", () => {
  let history = openHistory(0);
  expect(record(history, 0, null, 0)).toBe(history);
  for (let step = 1; step <= 500; step += 1) history = record(history, step, null, 0);
  expect(history.past).toHaveLength(200);
});
