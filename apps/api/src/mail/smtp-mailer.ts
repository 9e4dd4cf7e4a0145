/** Mail over SMTP: one connection for each mail, since there are few. */
import type { ConnectionOptions } from "node:tls";
import { createTransport } from "nodemailer";
import type { Mailer } from "@sallyport/shared/core";
import type { Sender, SmtpServer } from "./smtp-address.ts";
import { explainSmtpFailure } from "./smtp-failures.ts";

/** Of a whole mail; shorter than the outbox holds one. */
const sendMilliseconds = 60_000;
const connectMilliseconds = 10_000;
/** While a server says nothing. Some take their time over a greeting. */
const silenceMilliseconds = 20_000;

export interface SmtpMailer extends Mailer {
  /** Gives up what is under way in so many milliseconds. */
  close(withinMilliseconds: number): void;
}

/** @param tls beside what TLS is checked by anyway, for tests with an authority of their own */
export const createSmtpMailer = (
  server: SmtpServer,
  from: Sender,
  tls: Pick<ConnectionOptions, "ca"> = {},
): SmtpMailer => {
  const closing = new AbortController();
  const transport = createTransport({
    host: server.host,
    port: server.port,
    secure: server.security === "tls",
    requireTLS: server.security === "starttls",
    ignoreTLS: server.security === "none",
    tls: { minVersion: "TLSv1.2", ...tls },
    ...(server.credentials !== null && {
      auth: { user: server.credentials.user, pass: server.credentials.password },
    }),
    dnsTimeout: connectMilliseconds,
    connectionTimeout: connectMilliseconds,
    greetingTimeout: silenceMilliseconds,
    socketTimeout: silenceMilliseconds,
    // Whatever stands in a mail is text, and never the name of a file or of a page to fetch.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    send: async ({ messageId, date, to, subject, text, html }) => {
      try {
        await transport.sendMail({
          messageId,
          date: new Date(date),
          from,
          to: { name: "", address: to },
          subject,
          text,
          html,
          headers: {
            // Absence notices and other robots answer neither of these (RFC 3834).
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
          },
          signal: AbortSignal.any([closing.signal, AbortSignal.timeout(sendMilliseconds)]),
        });
        return { isSent: true };
      } catch (error) {
        return { isSent: false, ...explainSmtpFailure(error, server) };
      }
    },
    close: (withinMilliseconds) => {
      setTimeout(() => closing.abort(), withinMilliseconds).unref();
    },
  };
};
