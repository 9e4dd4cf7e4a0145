import { expect, it } from "vitest";
import { cookieTroubleOf } from "./cookie-trouble.ts";

it.each([
  ["http://localhost:5173", "http://localhost:4000", "same-site", "refused"],
  ["http://localhost:5173", "http://127.0.0.1:4000", "same-site", "twoNamesOfThisMachine"],
  ["http://127.0.0.1:5173", "http://localhost:4000", "cross-site", "twoNamesOfThisMachine"],
  ["http://[::1]:5173", "http://localhost:4000", "cross-site", "twoNamesOfThisMachine"],
  ["http://192.168.1.5:5173", "http://192.168.1.5:4000", "same-site", "plainHttp"],
  ["https://app.example.com", "http://api.example.com", "cross-site", "plainHttp"],
  ["https://name.github.io", "https://api.example.com", "cross-site", "otherSite"],
  ["https://one.github.io", "https://two.github.io", "cross-site", "otherSite"],
  ["https://app.example.com", "https://api.example.com", "same-site", "refused"],
  ["https://app.example.com", "https://api.example.net", "same-site", "takenForOneSite"],
  ["http://app.example.com", "https://api.example.com", "same-site", "takenForOneSite"],
  ["https://203.0.113.1", "https://203.1.113.1", "same-site", "takenForOneSite"],
  ["https://app.example.com", "https://api.example.com", undefined, "refused"],
] as const)("%s and %s (%s): %s", (page, api, mode, trouble) => {
  expect(cookieTroubleOf(new URL(page), new URL(api), mode)).toBe(trouble);
});
