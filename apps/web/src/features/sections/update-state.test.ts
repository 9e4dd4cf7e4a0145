import { expect, test } from "vitest";
import { updateStateOf } from "./update-state.ts";

const live = {
  paused: false,
  stoppedAt: null,
  failed: false,
  everySeconds: null,
  hearsChanges: true,
  silentSince: null,
};

test("a page is live while it hears of changes and its last question was answered, and at no other time", () => {
  expect(updateStateOf(live)).toEqual({ is: "live" });
  expect(updateStateOf({ ...live, hearsChanges: false })).toEqual({ is: "waiting" });
  expect(updateStateOf({ ...live, failed: true })).toEqual({ is: "failed" });
  expect(updateStateOf({ ...live, paused: true })).toEqual({ is: "paused" });
  expect(updateStateOf({ ...live, stoppedAt: 7 })).toEqual({ is: "stopped", at: 7 });
});

test("a page that has heard nothing for a while says so, and since when, unless there is something worse to say", () => {
  const silent = { ...live, hearsChanges: false, silentSince: 5 };
  expect(updateStateOf(silent)).toEqual({ is: "silent", at: 5 });
  expect(updateStateOf({ ...silent, failed: true })).toEqual({ is: "failed" });
  expect(updateStateOf({ ...silent, stoppedAt: 7 })).toEqual({ is: "stopped", at: 7 });
  expect(updateStateOf({ ...silent, everySeconds: 60 })).toEqual({ is: "timed", seconds: 60 });
});

test("a page that asks every so often says so only while it is answered", () => {
  expect(updateStateOf({ ...live, everySeconds: 60 })).toEqual({ is: "timed", seconds: 60 });
  expect(updateStateOf({ ...live, everySeconds: 60, failed: true })).toEqual({ is: "failed" });
  expect(updateStateOf({ ...live, everySeconds: 60, stoppedAt: 7 })).toEqual({
    is: "stopped",
    at: 7,
  });
});
