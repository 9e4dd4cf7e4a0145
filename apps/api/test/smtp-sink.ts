/** A real mail server that keeps what it is sent, and does as a test says. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import PostalMime, { type Email } from "postal-mime";
import { generate } from "selfsigned";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { onTestFinished } from "vitest";

export interface SmtpSink {
  readonly port: number;
  readonly mails: readonly (Email & { readonly isOverTls: boolean })[];
  /** What it answers to the next mails, such as `451 not now`; null to take them. */
  refuse(what: "sender" | "recipient" | "message", answer: string | null): void;
  /** From now on a mail is answered once this is called. */
  hold(): () => void;
  /** Resolves once a mail has arrived whole, answered or not. */
  arrived(count: number): Promise<void>;
  close(): Promise<void>;
}

const errorOf = (answer: string): Error =>
  Object.assign(new Error(answer.slice(4)), { responseCode: Number(answer.slice(0, 3)) });

/** For localhost, of an authority that is itself. */
export const makeCertificate = async () => {
  const { private: key, cert } = await generate([{ name: "commonName", value: "localhost" }], {
    keySize: 2048,
    extensions: [
      { name: "basicConstraints", cA: true },
      { name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] },
    ],
  });
  return { key, cert };
};

export const openSmtpSink = async (
  options: SMTPServerOptions = {},
  port = 0,
): Promise<SmtpSink> => {
  const mails: (Email & { isOverTls: boolean })[] = [];
  const refused = new Map<string, string>();
  let held: Promise<void> | null = null;
  const waiting = new Set<() => void>();
  const answer = (what: string, done: (error?: Error) => void): void => {
    const refusal = refused.get(what);
    done(refusal === undefined ? undefined : errorOf(refusal));
  };
  const server = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    disabledCommands: options.key === undefined ? ["STARTTLS"] : [],
    closeTimeout: 100,
    onMailFrom: (_, __, done) => answer("sender", done),
    onRcptTo: (_, __, done) => answer("recipient", done),
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        void PostalMime.parse(Buffer.concat(chunks)).then(async (mail) => {
          if (!refused.has("message")) mails.push({ ...mail, isOverTls: session.secure });
          for (const tell of waiting) tell();
          await held;
          answer("message", done);
        });
      });
    },
    ...options,
  });
  server.on("error", () => {});
  server.listen(port, "127.0.0.1");
  await once(server.server, "listening");
  const close = async (): Promise<void> => {
    if (server.server.listening) await new Promise<void>((resolve) => server.close(resolve));
  };
  onTestFinished(close);
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    refuse: (what, text) => {
      if (text === null) refused.delete(what);
      else refused.set(what, text);
    },
    hold: () => {
      let release = (): void => {};
      held = new Promise((resolve) => {
        release = resolve;
      });
      return () => {
        held = null;
        release();
      };
    },
    arrived: (count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (mails.length < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    close,
  };
};
