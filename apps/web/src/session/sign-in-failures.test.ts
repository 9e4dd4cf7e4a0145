import { ApiError, NetworkError } from "@sallyport/shared/client";
import { expect, test } from "vitest";
import {
  countdownInWords,
  retryInWords,
  signInFailureInWords,
  waitOf,
} from "./sign-in-failures.ts";

const now = new Date("2026-11-22T09:30:00Z");
const place = { locale: "en-GB", timeZone: "UTC" };
const failure = (code: ApiError["code"], retryAfterSeconds?: number): ApiError =>
  new ApiError(
    {
      type: "https://api.example.com/problems/x",
      title: "",
      status: 400,
      detail: "",
      code,
      requestId: "req_1",
    },
    retryAfterSeconds,
  );

test("a wrong name and a wrong password are the same failure", () => {
  expect(signInFailureInWords(failure("invalid_credentials"), now)).toBe(
    "The user name or the password is not right.",
  );
  expect(signInFailureInWords(failure("validation_failed"), now)).toBe(
    "The user name or the password is not right.",
  );
});

test("a delay says when to try again", () => {
  expect(signInFailureInWords(failure("rate_limited", 45), now, place)).toBe(
    "Too many attempts. Try again in 45 seconds.",
  );
  expect(signInFailureInWords(failure("rate_limited", 600), now, place)).toBe(
    "Too many attempts. Try again in 10 minutes, at 09:40 UTC.",
  );
  expect(signInFailureInWords(failure("busy", 1), now, place)).toBe(
    "The server is busy. Try again in 1 second.",
  );
  expect(retryInWords(60, now, place)).toBe("Try again in 60 seconds, at 09:31 UTC.");
});

test("a fault of the network is not blamed on the password", () => {
  expect(signInFailureInWords(new NetworkError("x"), now)).toContain("cannot be reached");
  expect(signInFailureInWords(failure("internal"), now)).toContain("req_1");
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
