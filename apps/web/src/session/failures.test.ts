import { ApiError, NetworkError } from "@sallyport/shared/client";
import { expect, test } from "vitest";
import { countdownInWords, failureOf, retryInWords, waitOf } from "./failures.ts";

const now = new Date("2026-11-22T09:30:00Z");
const place = { locale: "en-GB", timeZone: "UTC" };
const failure = (
  code: ApiError["code"],
  retryAfterSeconds?: number,
  errors?: { pointer: string; code: string; detail: string }[],
): ApiError =>
  new ApiError(
    {
      type: "https://api.example.com/problems/x",
      title: "",
      status: 400,
      detail: "The server says so.",
      code,
      requestId: "req_1",
      ...(errors && { errors }),
    },
    retryAfterSeconds,
  );
const messageOf = (error: unknown): string | null => failureOf(error, {}, now, place).message;

test("a delay says when to try again", () => {
  expect(messageOf(failure("rate_limited", 45))).toBe(
    "Too many attempts. Try again in 45 seconds.",
  );
  expect(messageOf(failure("rate_limited", 600))).toBe(
    "Too many attempts. Try again in 10 minutes, at 09:40 UTC.",
  );
  expect(messageOf(failure("busy", 1))).toBe("The server is busy. Try again in 1 second.");
  expect(messageOf(failure("busy"))).toBe("The server is busy. Try again in a moment.");
  expect(retryInWords(60, now, place)).toBe("Try again in 60 seconds, at 09:31 UTC.");
});

test("a fault of the network is told from a refusal, which names its request", () => {
  expect(messageOf(new NetworkError("x"))).toContain("cannot be reached");
  expect(messageOf(failure("internal"))).toBe("The server says so. (request req_1)");
  expect(messageOf(new Error("x"))).toBe("Something went wrong. Try again.");
});

test("what administration may refuse is said once for every page", () => {
  expect(messageOf(failure("rights_exceeded"))).toContain("ask somebody with those rights");
  expect(messageOf(failure("last_admin"))).toContain("Make somebody else an admin first");
  expect(messageOf(failure("precondition_failed"))).toContain("nothing of yours is saved");
});

test("what the server points at goes to its fields, the first of each, and the rest to the whole", () => {
  const words = { fields: ["password", "email"] as const };
  const at = (...pointers: string[]): ApiError =>
    failure(
      "validation_failed",
      undefined,
      pointers.map((pointer, index) => ({ pointer, code: "c", detail: `wrong ${index}` })),
    );
  expect(failureOf(at("/password", "/password", "/roles"), words, now)).toEqual({
    fields: { password: "wrong 0" },
    message: null,
  });
  expect(failureOf(at("/roles"), words, now)).toEqual({
    fields: {},
    message: "The server says so. (request req_1)",
  });
});

test("a screen's own words for a code go before all others, for the whole or for a field", () => {
  const words = {
    fields: ["username"] as const,
    codes: {
      setup_done: "Sign in instead.",
      name_taken: { field: "username", text: "This name is taken." },
    } as const,
  };
  expect(failureOf(failure("setup_done"), words, now)).toEqual({
    fields: {},
    message: "Sign in instead.",
  });
  expect(failureOf(failure("name_taken"), words, now)).toEqual({
    fields: { username: "This name is taken." },
    message: null,
  });
});

test("a countdown is short, and there is one only where the server has named a time", () => {
  expect([1, 45, 60, 605].map(countdownInWords)).toEqual([
    "1 second",
    "45 seconds",
    "1:00 minutes",
    "10:05 minutes",
  ]);
  expect(waitOf(failure("rate_limited", 45))).toEqual({ why: "Too many attempts.", seconds: 45 });
  expect(waitOf(failure("busy", 1))?.seconds).toBe(1);
  expect(waitOf(failure("rate_limited"))).toBe(null);
  expect(waitOf(failure("invalid_credentials", 3))).toBe(null);
});
