import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { errorCatalogue } from "../../contract/error-codes.ts";
import {
  listProblems,
  problemPagePolicy,
  renderProblem,
  renderProblems,
  wantsPage,
} from "./problem-pages.ts";

const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

describe("a problem's page", () => {
  it("may have its own style and nothing else", () => {
    for (const page of [renderProblems(listProblems()), ...listProblems().map(renderProblem)]) {
      const style = /<style>([^<]*)<\/style>/.exec(page)?.[1] ?? "";
      const hash = createHash("sha256").update(style).digest("base64");
      expect(problemPagePolicy).toContain(`style-src 'sha256-${hash}';`);
      expect(page).not.toMatch(/<script|<img|<link|style=|\son\w+=|https?:/);
    }
  });

  it("says what a program is told, with code as code and every sign as text", () => {
    const page = renderProblem({ code: "x", status: 418, title: "<b>&", help: "Send `a<b`." });
    expect(page).toContain("<title>&lt;b&gt;&amp; · Sallyport</title>");
    expect(page).toContain("<h1>&lt;b&gt;&amp;</h1>");
    expect(page).toContain("<p>Send <code>a&lt;b</code>.</p>");
  });

  it("is linked from the list, each once", () => {
    const list = renderProblems(listProblems());
    expect(
      [...list.matchAll(/href="problems\/(\w+)"/g)].map(([, code]) => String(code)).toSorted(),
    ).toEqual(Object.keys(errorCatalogue).toSorted());
  });
});

it("whoever names HTML reads pages, and whoever takes anything is a program", () => {
  for (const accept of [
    browser,
    "text/html",
    "TEXT/HTML;level=1",
    "application/json;q=0.5, text/html",
  ])
    expect(wantsPage(accept)).toBe(true);
  for (const accept of [
    undefined,
    "",
    "*/*",
    "text/*",
    "application/json",
    "application/json, text/html",
    "text/html;q=0",
    "text/html;q=0.4, application/json",
    "xtext/html",
  ])
    expect(wantsPage(accept)).toBe(false);
});
