import { ApiError, NetworkError } from "@sallyport/shared/client";
import { expect, test } from "vitest";
import { faultInWords, noAnswerInWords, whatToCheck } from "./connection-words.ts";

const apiError = (code: ApiError["code"]): ApiError =>
  new ApiError({ type: "", title: "", status: 500, detail: "", code, requestId: "req_1" });

test("what has failed is called by its name: no answer, a busy server, one that fails, something in between", () => {
  const between = new NetworkError("x", undefined, false, 503);
  expect(faultInWords(new NetworkError("x"), true)).toBe("Connection lost.");
  expect(faultInWords(between, false)).toBe("Connection lost.");
  expect(faultInWords(between, true)).toContain("answers in its place (status 503)");
  expect(faultInWords(apiError("busy"), false)).toBe("The server is busy.");
  expect(faultInWords(apiError("internal"), false)).toContain("req_1");
  expect(noAnswerInWords(new NetworkError("x"))).toContain("cannot be reached");
  expect(noAnswerInWords(between)).toContain("503");
});

test("what to check names the addresses, and what is wrong with them where that can be seen", () => {
  const check = (api: string, page: string): string => whatToCheck(api, page).join("\n");
  expect(check("https://api.example.com", "https://app.example.com/sign-in")).toMatch(
    /https:\/\/api\.example\.com\/healthz[^]*SALLYPORT_WEB_ORIGINS lists https:\/\/app\.example\.com\./,
  );
  expect(check("http://127.0.0.1:4000", "http://localhost:5173/")).toContain("two sites");
  expect(check("http://localhost:4000", "http://localhost:5173/")).not.toContain("two sites");
  expect(check("http://localhost:4000", "https://app.example.com/")).toContain("browsers refuse");
});
