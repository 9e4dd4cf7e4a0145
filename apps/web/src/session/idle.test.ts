import { expect, test } from "vitest";
import { idleSecondsAtReceipt, idleWarningSeconds } from "./idle.ts";

test("idle life is measured on the server's clock alone", () => {
  const session = {
    accessExpiresAt: "2026-11-22T10:05:00.000Z",
    expiresIn: 300,
    session: {
      id: "ses_x",
      idleExpiresAt: "2026-11-29T10:00:00.000Z",
      absoluteExpiresAt: "2026-12-22T10:00:00.000Z",
    },
  };
  expect(idleSecondsAtReceipt(session)).toBe(7 * 86_400);
  // The same session asked for a minute later.
  expect(idleSecondsAtReceipt({ ...session, expiresIn: 240 })).toBe(7 * 86_400 - 60);
});

test("the warning comes two minutes before, or with a third of a short life left", () => {
  expect(idleWarningSeconds(604_800)).toBe(120);
  expect(idleWarningSeconds(60)).toBe(20);
});
