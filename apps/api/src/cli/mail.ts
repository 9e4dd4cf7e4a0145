import type { Command } from "commander";
import { writeMail } from "@sallyport/shared/core";
import { readSender } from "../mail/smtp-address.ts";
import { chance } from "../tokens/chance.ts";
import { readConfig } from "./installation.ts";
import { say, Stop } from "./terminal.ts";

const words = {
  subject: "Mail from Sallyport arrives",
  paragraphs: [
    "Somebody has asked Sallyport's command-line tool to try whether mail arrives here. It does, and there is nothing to do.",
  ],
};

export const addMailCommands = (program: Command): void => {
  const mail = program.command("mail").description("mail");
  mail
    .command("test")
    .description("send one mail by the settings, and say what is wrong if it cannot be sent")
    .requiredOption("--to <address>", "whom to send it to")
    .action(async ({ to }: { to: string }) => {
      const { smtp, mailFrom, webUrl } = readConfig();
      const recipient = readSender(to);
      if (recipient === null) throw new Stop("Write --to as one address, such as you@example.com.");
      if (smtp === null || mailFrom === null)
        throw new Stop(
          "No mail server is set, so nothing is sent. Name one in SALLYPORT_SMTP_URL, as in smtps://user:password@mail.example.com, and the sender in SALLYPORT_MAIL_FROM.",
        );
      const { createSmtpMailer } = await import("../mail/smtp-mailer.ts");
      const outcome = await createSmtpMailer(smtp, mailFrom).send(
        writeMail(
          { id: chance.newId("mai"), to: recipient.address, at: Date.now() },
          words,
          webUrl,
        ),
      );
      if (!outcome.isSent) throw new Stop(outcome.reason);
      say(
        `The mail server at ${smtp.host}:${smtp.port} has taken a mail from ${mailFrom.address} to ${recipient.address}${smtp.security === "none" ? ", without TLS" : ", over TLS"}. If it does not arrive, look among the unwanted ones, and into the server's log.`,
      );
    });
};
