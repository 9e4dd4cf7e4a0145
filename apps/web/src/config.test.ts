import { expect, test } from "vitest";
import { loadConfig, parseConfig } from "./config.ts";

test("the API's address is enough, and loses its slash", () => {
  expect(parseConfig({ apiUrl: "https://api.example.com/" })).toEqual({
    apiUrl: "https://api.example.com",
    bearerFallback: false,
    title: "Sallyport",
  });
});

test("optional keys are taken over and unknown ones ignored", () => {
  expect(
    parseConfig({
      apiUrl: "http://localhost:4000",
      bearerFallback: true,
      title: " Acme ",
      later: 1,
    }),
  ).toEqual({
    apiUrl: "http://localhost:4000",
    bearerFallback: true,
    title: "Acme",
  });
});

test.each([
  [null],
  [[]],
  [{}],
  [{ apiUrl: "api.example.com" }],
  [{ apiUrl: "javascript:alert(1)" }],
  [{ apiUrl: "https://a.example/?x" }],
  [{ apiUrl: "https://u:p@a.example" }],
  [{ apiUrl: "https://a.example", bearerFallback: "yes" }],
  [{ apiUrl: "https://a.example", title: "" }],
])("%j is refused", (value) => {
  expect(() => parseConfig(value)).toThrow(expect.objectContaining({ name: "ConfigError" }));
});

test("a missing file, a page in its place and a dead server are told apart", async () => {
  await expect(loadConfig(Promise.resolve(new Response("", { status: 404 })))).rejects.toThrow(
    /404/,
  );
  await expect(loadConfig(Promise.resolve(new Response("<!doctype html>")))).rejects.toThrow(
    /not JSON/,
  );
  await expect(loadConfig(Promise.reject(new TypeError("failed")))).rejects.toThrow(/reached/);
});
