/** What went wrong with a mail, in words that name what to mend. */
import type { SmtpServer } from "./smtp-address.ts";

export interface SmtpFailure {
  readonly reason: string;
  /** Trying again would fail the same way, whatever is mended on our side. */
  readonly isFinal: boolean;
}

/** What nodemailer and Node say of an error. */
interface Said {
  readonly code?: string;
  readonly command?: string;
  readonly response?: string;
  readonly responseCode?: number;
  readonly permanent?: boolean;
  readonly message: string;
  readonly cause?: unknown;
}

const certificateCodes = /CERT|SELF_SIGNED|UNABLE_TO_|CHAIN|ERR_TLS|ERR_SSL|EPROTO/;
const certificateWords =
  /certificate|altnames|self[- ]signed|wrong version number|ssl routines|packet length too long/i;

/** What a server says is anybody's text: one line of it, and not much. */
const quoted = ({ response, message }: Said): string =>
  `“${(response ?? message)
    .replace(/[\p{Cc}\s]+/gu, " ")
    .trim()
    .slice(0, 200)}”`;

/** @param error what was thrown on the way to the server, or by its answer */
export const explainSmtpFailure = (
  error: unknown,
  {
    host,
    port,
    security,
    credentials,
  }: Pick<SmtpServer, "host" | "port" | "security" | "credentials">,
): SmtpFailure => {
  const said: Said = error instanceof Error ? error : { message: String(error) };
  const { code = "", command = "", message } = said;
  const place = `${host}:${port}`;
  const mend = (reason: string): SmtpFailure => ({ reason, isFinal: false });
  if (code === "EDNS" || /ENOTFOUND|EAI_AGAIN/.test(`${code} ${message}`))
    return mend(
      `The mail server ${host} was not found: no such name is known here (DNS). Check the host in SALLYPORT_SMTP_URL.`,
    );
  if (code === "ETIMEDOUT" || code === "EABORT")
    return mend(
      `The mail server at ${place} did not answer in time. Check host and port in SALLYPORT_SMTP_URL, and whether a firewall lets this machine reach it.`,
    );
  if (code === "ETLS" || certificateCodes.test(code) || certificateWords.test(message))
    return mend(
      `TLS with the mail server at ${place} failed: ${quoted({ message })}. ${
        security === "tls"
          ? "smtps:// means TLS from the first byte, mostly on port 465; for STARTTLS, mostly on port 587, write smtp://."
          : "smtp:// means STARTTLS, which the server has to offer; for TLS from the first byte, mostly on port 465, write smtps://."
      } Its certificate has to be valid for ${host}; one of an authority of your own is named in NODE_EXTRA_CA_CERTS.`,
    );
  if (/ECONNREFUSED/.test(`${code} ${message}`))
    return mend(
      `Nothing listens at ${place}: the connection was refused. Check host and port in SALLYPORT_SMTP_URL.`,
    );
  if (code === "EAUTH" || code === "ENOAUTH" || said.responseCode === 530)
    return mend(
      credentials === null
        ? `The mail server at ${place} wants credentials: ${quoted(said)}. Write them into SALLYPORT_SMTP_URL, as in smtp://user:password@${host}.`
        : `The mail server at ${place} did not accept the credentials in SALLYPORT_SMTP_URL: ${quoted(said)}. Characters such as @ and / in them have to be percent-encoded.`,
    );
  if (command === "MAIL FROM")
    return mend(
      `The mail server at ${place} does not accept the sender: ${quoted(said)}. Check SALLYPORT_MAIL_FROM.`,
    );
  if (command === "RCPT TO" || command === "API")
    return {
      reason: `The mail server does not accept the recipient: ${quoted(said)}.`,
      isFinal: said.permanent === true || (code === "EENVELOPE" && command === "API"),
    };
  if (code === "EMESSAGE" || command === "DATA")
    return {
      reason: `The mail server did not accept the message: ${quoted(said)}.`,
      isFinal: said.permanent === true,
    };
  return mend(`The mail server at ${place} could not be used: ${quoted(said)}.`);
};
