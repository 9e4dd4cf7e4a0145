import { escapeHtml, isLoopbackHost, type Mail } from "@sallyport/shared/core";
import type { Mailbox } from "./mailbox.ts";

/** A mail's own HTML runs no script in there; its links open elsewhere. */
const frameOf = ({ html, subject }: Mail): string =>
  `<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" title="${escapeHtml(subject)}" srcdoc="${escapeHtml(html.replace("<head>", '<head><base target="_blank">'))}"></iframe>`;

const mailOf = (mail: Mail): string => {
  const sentAt = new Date(mail.date).toISOString();
  return `<article>
<h2>${escapeHtml(mail.subject)}</h2>
<p>To <bdi>${escapeHtml(mail.to)}</bdi>, <time datetime="${sentAt}">${sentAt.replace("T", " ").slice(0, 16)} UTC</time></p>
${frameOf(mail)}
<details><summary>As text</summary><pre dir="auto">${escapeHtml(mail.text)}</pre></details>
</article>`;
};

const renderMailbox = (mails: readonly Mail[]): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Mailbox · Sallyport</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 46rem; margin: 0 auto; padding: 1.5rem 1rem; overflow-wrap: anywhere }
article { margin: 1.5rem 0; padding: 1rem; border: 1px solid #8888; border-radius: 8px }
h1, h2 { margin: 0; line-height: 1.3 }
h2 { font-size: 1.125rem }
iframe { width: 100%; height: 26rem; border: 1px solid #8888; border-radius: 4px }
summary { padding: 0.25rem 0; cursor: pointer }
pre { white-space: pre-wrap }
</style>
</head>
<body>
<main>
<h1>Mailbox</h1>
<p>Nothing is sent from here: these are the mails that would have gone out, the newest first. They take a few seconds; reload the page for newer ones.</p>
${mails.length === 0 ? "<p>No mail yet.</p>" : mails.map(mailOf).join("\n")}
</main>
</body>
</html>
`;

/** Its styles stand in it and in the mails. No script, and nothing from anywhere else. */
const policy =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * The page. A page of somebody else's that has its name lead to this machine reads nothing here.
 */
export const answerMailbox = (mailbox: Mailbox, url: string): Response =>
  isLoopbackHost(new URL(url).hostname)
    ? new Response(renderMailbox(mailbox.list()), {
        headers: {
          "Content-Type": "text/html; charset=utf-8",
          "Content-Security-Policy": policy,
          "Cache-Control": "no-store",
          "Referrer-Policy": "no-referrer",
          "X-Content-Type-Options": "nosniff",
        },
      })
    : new Response("The mailbox is open on this very machine only.\n", {
        status: 403,
        headers: { "Content-Type": "text/plain; charset=utf-8" },
      });
