/**
 * What a mail says, as text and as HTML from the same paragraphs. What people wrote is text in
 * both: it is escaped here, in the one place where it becomes HTML.
 */
import { escapeHtml } from "../answering/escape-html.ts";
import type { Mail } from "../ports.ts";
import { mailWords, type MailWords } from "./notice-words.ts";
import type { WaitingMail } from "./outbox-store.ts";

/**
 * One line of it, without what ends a line or turns the direction of what follows: a name or a
 * browser's own word for itself is anybody's text.
 */
const oneLine = (text: string): string =>
  text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, " ").trim();

/** @param webUrl where the pages are: a link in a mail leads there and nowhere else */
export const writeMail = (
  mail: Pick<WaitingMail, "id" | "to" | "at">,
  { subject, paragraphs, action = { title: "Open your dashboards", path: "/" } }: MailWords,
  webUrl: string,
): Mail => {
  const place = webUrl.replace(/^https?:\/\//, "");
  const foot = `This was written by Sallyport at ${place}, because your account there has this address. Nobody reads answers to it.`;
  return {
    // The same however often it is sent: a mailbox shows one message.
    messageId: `<${mail.id}@${new URL(webUrl).hostname}>`,
    date: mail.at,
    to: mail.to,
    subject,
    text: `${[...paragraphs, `${action.title}:\n${webUrl}${action.path}`, `-- \n${foot}`].join("\n\n")}\n`,
    html: `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>${escapeHtml(subject)}</title></head>
<body style="margin:0;padding:24px;font:16px/1.5 system-ui,sans-serif">
<div style="max-width:560px;margin:0 auto;overflow-wrap:anywhere">
<h1 style="font-size:20px;line-height:1.3">${escapeHtml(subject)}</h1>
${paragraphs.map((paragraph) => `<p dir="auto">${escapeHtml(paragraph)}</p>`).join("\n")}
<p><a href="${escapeHtml(webUrl + action.path)}">${escapeHtml(action.title)}</a></p>
<hr style="border:0;border-top:1px solid #8888">
<p style="font-size:14px">${escapeHtml(foot)}</p>
</div>
</body>
</html>
`,
  };
};

/** @param token of the link, where it has one */
export const composeMail = (mail: WaitingMail, webUrl: string, token = ""): Mail => {
  const data = Object.fromEntries(
    Object.entries(mail.data).map(([name, value]) => [name, oneLine(value).slice(0, 300)]),
  );
  return writeMail(mail, mailWords[mail.kind](mail.at, data, token), webUrl);
};
