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

test("a missing file and a page in its place are told apart", async () => {
  await expect(loadConfig(Promise.resolve(new Response("", { status: 404 })))).rejects.toThrow(
    /404/,
  );
  await expect(loadConfig(Promise.resolve(new Response("<!doctype html>")))).rejects.toThrow(
    /not JSON/,
  );
});

test("a file that is refused for a while is asked for until it comes, in ever longer pauses, and the page says so", async () => {
  const answers: (number | TypeError)[] = [429, 500, 502, 503, 504, new TypeError("failed")];
  const pauses: number[] = [];
  let said = 0;
  const config = await loadConfig(Promise.reject(new TypeError("failed")), {
    ask: () => {
      const answer = answers.shift();
      return answer instanceof TypeError
        ? Promise.reject(answer)
        : Promise.resolve(
            answer === undefined
              ? Response.json({ apiUrl: "https://api.example.com" })
              : new Response("<h1>", { status: answer }),
          );
    },
    pause: (tries) => Promise.resolve(void pauses.push(tries)),
    sayLate: () => void (said += 1),
  });
  expect(config.apiUrl).toBe("https://api.example.com");
  expect(pauses).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(said).toBe(7);
});
