/**
 * The addresses in problems' `type`, as pages for people: plain HTML without a script, readable in
 * dark and light. Programs get JSON there.
 */
import { errorCatalogue, type ErrorCode } from "../../contract/error-codes.ts";
import { escapeHtml } from "./escape-html.ts";

/** What the page of a code says. */
export interface ProblemExplanation {
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly help: string;
}

const style = `:root{color-scheme:light dark;--ink:#1b1f24;--faint:#57606a;--ground:#fff;--line:#d0d7de;--link:#0550ae}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--faint:#9aa4ae;--ground:#0d1117;--line:#30363d;--link:#79b8ff}}
body{margin:0 auto;max-width:44rem;padding:2rem 1rem 4rem;background:var(--ground);color:var(--ink);font:1rem/1.6 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.5rem;line-height:1.3;margin:0 0 .25rem}
h2{font-size:1.1rem;margin:2.5rem 0 .25rem}
p{margin:.5rem 0}
code{font:.9em ui-monospace,monospace}
.faint{color:var(--faint)}
a{color:var(--link)}
ul{list-style:none;margin:0;padding:0}
li{padding:.6rem 0;border-top:1px solid var(--line)}
`;

/**
 * The policy of such a page: its own style by its hash, and nothing else. A test makes the hash
 * anew.
 */
export const problemPagePolicy =
  "default-src 'none'; style-src 'sha256-owVOW2X7JuH1jgYEaBKAO6N1HxTt4MeeH1f1zFhABuc='; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Text of the catalogue: what stands between backticks is code. */
const written = (text: string): string =>
  escapeHtml(text).replaceAll(/`([^`]+)`/g, "<code>$1</code>");

const page = (title: string, content: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)} · Sallyport</title>
<style>${style}</style>
<main>
${content}
</main>
</html>
`;

export const renderProblem = ({ code, status, title, help }: ProblemExplanation): string =>
  page(
    title,
    `<h1>${written(title)}</h1>
<p class="faint"><code>${escapeHtml(code)}</code> · HTTP ${status}</p>
<p>${written(help)}</p>
<p class="faint">An answer of this kind has a <code>requestId</code>. Whoever runs this Sallyport finds the request in the log by it.</p>
<p><a href="../problems">All problems</a></p>`,
  );

/** In the order of their statuses. */
export const listProblems = (): ProblemExplanation[] =>
  (Object.keys(errorCatalogue) as ErrorCode[])
    .map((code) => {
      const { status, title, help } = errorCatalogue[code];
      return { code, status, title, help };
    })
    .sort((a, b) => a.status - b.status);

export const renderProblems = (problems: readonly ProblemExplanation[]): string =>
  page(
    "Problems",
    `<h1>Problems</h1>
<p>What the API answers when something is wrong, as <code>application/problem+json</code> with one of these codes.</p>
${[...Map.groupBy(problems, ({ status }) => status)]
  .map(
    ([status, ofStatus]) => `<h2>HTTP ${status}</h2>
<ul>
${ofStatus
  .map(
    ({ code, title, help }) =>
      `<li><a href="problems/${escapeHtml(code)}">${written(title)}</a> <span class="faint"><code>${escapeHtml(code)}</code></span><br>${written(help)}</li>`,
  )
  .join("\n")}
</ul>`,
  )
  .join("\n")}`,
  );

/**
 * How much a caller wants a media type that it names, by RFC 9110; null where it does not name it.
 */
const wish = (accept: string, type: string): number | null => {
  for (const entry of accept.split(",")) {
    const [name = "", ...parameters] = entry.split(";").map((part) => part.trim().toLowerCase());
    if (name !== type) continue;
    const quality = parameters.find((parameter) => parameter.startsWith("q="));
    return quality === undefined ? 1 : Number(quality.slice(2)) || 0;
  }
  return null;
};

/** Does whoever asks read pages? A browser names HTML; a program that takes anything gets JSON. */
export const wantsPage = (accept: string | undefined): boolean => {
  const html = wish(accept ?? "", "text/html");
  return html !== null && html > 0 && html > (wish(accept ?? "", "application/json") ?? 0);
};
