import { describe, expect, it } from "vitest";
import { composeMail } from "./compose-mail.ts";
import type { WaitingMail } from "./outbox-store.ts";

const mail: WaitingMail = {
  id: "mai_5rYh0c3mZ8bKq1VwT2nLxA",
  to: "nora@example.com",
  kind: "refreshTokenReused",
  at: Date.parse("2026-11-22T09:00:00Z"),
  data: {
    address: "192.0.2.7",
    userAgent: '</p><img src="https://evil.example/x">\r\nBcc: all@example.com\u202e <b>',
    sessionStartedAt: "2026-11-20T08:30:00Z",
  },
  sealed: null,
  attempts: 0,
};
const webUrl = "https://name.example/repo";

describe("a mail", () => {
  it("says the same as text and as HTML, and keeps its name however often it is written", () => {
    const composed = composeMail(mail, webUrl);
    expect(composed).toMatchObject({
      messageId: "<mai_5rYh0c3mZ8bKq1VwT2nLxA@name.example>",
      to: "nora@example.com",
      date: mail.at,
      subject: "One of your sessions was ended because someone used an old copy of it",
    });
    for (const part of ["22 November 2026 at 09:00 UTC", "192.0.2.7", "20 November 2026"]) {
      expect(composed.text).toContain(part);
      expect(composed.html).toContain(part);
    }
    expect(composeMail({ ...mail, attempts: 3 }, webUrl)).toEqual(composed);
  });

  it("has what others wrote as text on one line, and links to nowhere but the pages", () => {
    const { html, text } = composeMail(mail, webUrl);
    expect(html).not.toContain("<img");
    expect(html).toContain("&lt;/p&gt;&lt;img src=&quot;https://evil.example/x&quot;&gt; Bcc:");
    expect(text).not.toContain("\u202e");
    expect(text).not.toMatch(/^Bcc:/m);
    expect([...html.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, link]) => link)).toEqual([
      `${webUrl}/`,
    ]);
  });

  it("leads to a page with its token behind the #, where it has one", () => {
    const data = { username: "nora" };
    const { text, html } = composeMail({ ...mail, kind: "passwordReset", data }, webUrl, "t0ken");
    const link = `${webUrl}/choose-password#t0ken`;
    expect(text).toContain(`\n${link}\n`);
    expect(html).toContain(`<a href="${link}">Choose a new password</a>`);
  });

  it("keeps what others wrote short", () => {
    const data = { userAgent: "x".repeat(100_000) };
    expect(composeMail({ ...mail, data }, webUrl).text.length).toBeLessThan(2_000);
  });
});
