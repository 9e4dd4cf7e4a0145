import { renderToStaticMarkup } from "react-dom/server";
import { beforeEach, expect, test, vi } from "vitest";
import { drawMarkdown } from "./draw-markdown.tsx";

beforeEach(() => vi.stubGlobal("window", { location: { pathname: "/sections/shop", search: "" } }));

const drawn = (text: string): string =>
  renderToStaticMarkup(drawMarkdown(text, "t-")).replaceAll(/ class="[^"]*"/g, "");

test.each([
  [
    "Some *words*, **more** and ~~fewer~~.",
    "<p>Some <em>words</em>, <strong>more</strong> and <del>fewer</del>.</p>",
  ],
  ["one  \ntwo", "<p>one<br/>two</p>"],
  ["`a < b`\n\n    code\n\n---", "<p><code>a &lt; b</code></p><pre><code>code</code></pre><hr/>"],
  ["> quoted", "<blockquote><p>quoted</p></blockquote>"],
  ["# One\n\n### Two", "<h3>One</h3><h4>Two</h4>"],
  ["- a\n- b\n  - c", "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>"],
  ["3. a\n\n4. b", '<ol start="3"><li><p>a</p></li><li><p>b</p></li></ol>'],
  ["&copy; &#65; \\*", "<p>© A *</p>"],
])("%j is drawn as CommonMark has it", (text, html) => expect(drawn(text)).toBe(html));

test("tables have all their columns in each row, aligned as written", () => {
  expect(drawn("| a | b |\n|---|--:|\n| c |")).toBe(
    '<div><div><table><thead><tr><th>a</th><th style="text-align:right">b</th></tr></thead>' +
      '<tbody><tr><td>c</td><td colSpan="1"></td></tr></tbody></table></div></div>',
  );
});

test("a row that lacks cells has one in the place of all of them, so that few characters make no millions", () => {
  expect(drawn("| a | b | c |\n|---|---|---|\n| d |")).toContain(
    '<tr><td>d</td><td colSpan="2"></td></tr>',
  );
});

test("tasks say whether they are done", () => {
  expect(drawn("- [x] one\n- [ ] two")).toBe(
    '<ul><li><span role="img" aria-label="Done:">☑</span> one</li>' +
      '<li><span role="img" aria-label="To do:">☐</span> two</li></ul>',
  );
});

test("links lead elsewhere, to what is defined once, and to nothing that runs", () => {
  const link = (href: string, words: string): string =>
    `<a href="${href}" rel="noopener noreferrer">${words}</a>`;
  expect(drawn("[a](https://a.example/?b&c) https://b.example")).toBe(
    `<p>${link("https://a.example/?b&amp;c", "a")} ${link("https://b.example", "https://b.example")}</p>`,
  );
  expect(drawn("[a][x] [X]\n\n[x]: /there\n[X]: /elsewhere")).toBe(
    `<p>${link("/there", "a")} ${link("/there", "X")}</p>`,
  );
  expect(
    drawn("[a](javascript:alert(1)) <javascript:alert(1)> [b][x]\n\n[x]: data:text/html,b"),
  ).toBe("<p>a javascript:alert(1) b</p>");
});

test("a picture is a link to it, and no link within a link", () => {
  expect(drawn("![words](https://a.example/p.png)")).toBe(
    '<p><a href="https://a.example/p.png" rel="noopener noreferrer">words</a></p>',
  );
  expect(drawn("[![](https://a.example/p.png)](/there) ![x](javascript:a)")).toBe(
    '<p><a href="/there" rel="noopener noreferrer">Picture</a> x</p>',
  );
});

test("HTML is left out, and what stands between it stays", () => {
  expect(
    drawn('a <b onclick="x">b</b>\n\n<script>alert(1)</script>\n\n<img src=x onerror=y>'),
  ).toBe("<p>a b</p>");
});

test("footnotes stand at the end in the order in which they are referred to, with ways back", () => {
  const html = drawn(
    "## Title\n\nOne[^b], two[^a], three[^b].\n\n[^a]: A.\n[^b]: B[^c].\n[^c]: C.",
  );
  expect(html).toContain(
    'One<sup><a id="t-fnref-b" href="/sections/shop#t-fn-b">1</a></sup>, ' +
      'two<sup><a id="t-fnref-a" href="/sections/shop#t-fn-a">2</a></sup>, ' +
      'three<sup><a id="t-fnref-b-2" href="/sections/shop#t-fn-b">1</a></sup>.',
  );
  expect(html).toContain("<h3>Footnotes</h3>");
  expect([...html.matchAll(/<li id="([^"]*)"/g)].map(([, id]) => id)).toEqual([
    "t-fn-b",
    "t-fn-a",
    "t-fn-c",
  ]);
  expect(html).toContain('aria-label="Back to reference 1-2">↩<sup>2</sup></a>');
});

test("a text of nothing but beginnings is drawn all the same", () => {
  for (const text of ["[".repeat(5_000), "*a ".repeat(5_000), "> ".repeat(300), "![".repeat(5_000)])
    expect(drawn(text).length).toBeGreaterThan(0);
});
