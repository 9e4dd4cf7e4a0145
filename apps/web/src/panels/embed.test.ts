import { expect, test } from "vitest";
import { planEmbed } from "./embed.ts";

const ours = ["https://app.example.com/team/", "https://api.example.com"];

test("a page from elsewhere keeps its origin and its scripts", () => {
  expect(planEmbed("https://status.example.net/board", ours)).toEqual({
    problem: null,
    sandbox: "allow-scripts allow-forms allow-popups allow-same-origin",
  });
});

test.each([
  "https://app.example.com/other",
  "https://app.example.com:443/",
  "https://api.example.com/problems/not_found",
])("a page of our own origin cannot take its sandbox off: %s", (url) => {
  expect(planEmbed(url, ours).sandbox.split(" ")).not.toContain("allow-same-origin");
});

test("no frame may lead the page away, or open what it likes without its sandbox", () => {
  expect(planEmbed("https://status.example.net/", ours).sandbox).not.toMatch(
    /top-navigation|escape|modals|downloads/,
  );
});

test("an unencrypted page is not tried, except on this machine", () => {
  expect(planEmbed("http://status.example.net/", ours).problem).toBe("insecure");
  expect(planEmbed("http://localhost:3000/", ours).problem).toBeNull();
  expect(planEmbed("http://localhost.example.net/", ours).problem).toBe("insecure");
});
