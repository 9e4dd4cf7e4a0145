import { expect, test } from "vitest";
import { startInstallation } from "./installation.ts";
import { keepPicture, lookAt, narrow, tooWide } from "./looks.ts";
import { heading, signIn } from "./screens.ts";

test("an admin sees which mails could not be sent and why, and what would have been sent", async () => {
  const installation = await startInstallation({ environment: { SALLYPORT_MAILBOX: "1" } });
  const { api } = installation;
  const page = await installation.newPage();
  await signIn(installation, page, "mica");
  for (const name of ["Nora Haddad", "Mike Lindqvist"]) {
    await page.goto(installation.at("/admin/users"));
    await page.getByRole("link", { name }).click();
    await page.getByRole("button", { name: "Make a link…" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Make the link" }).click();
    await page.getByLabel("Link to choose a password").waitFor();
  }
  api.runSql(
    "update outbox set attempts = 1, due_at = null, failure = 'The mail server does not accept the recipient: “550 No such user”.' where address like 'nora@%'",
  );
  api.runSql(
    "update outbox set attempts = 2, due_at = due_at + 120000, failure = 'Nothing listens at mail.example.com:587: the connection was refused. Check host and port in SALLYPORT_SMTP_URL.' where address like 'mike@%'",
  );
  await page.goto(installation.at("/admin/users"));
  await page.getByText("2 mails could not be sent").waitFor();
  const told = page.getByRole("listitem").filter({ hasText: "nora@example.com" });
  expect(await told.textContent()).toMatch(/was not told that a link was made.*given up.*550/);
  expect(await lookAt(page, "undelivered-mails", true)).toEqual([]);
  await told.getByRole("link", { name: "Nora Haddad" }).click();
  await heading(page, "Nora Haddad").waitFor();

  api.clock.advance(3_600_000);
  await api.dependencies.scheduledWork.runOwn("sendMails");
  const mailbox = await installation.newPage({ viewport: narrow });
  await mailbox.goto(`${installation.apiUrl}/mailbox`);
  await mailbox.getByText("mike@example.com").waitFor();
  const mail = mailbox.frameLocator("iframe").first();
  await mail.getByText("mica had a link made").waitFor();
  expect(await tooWide(mailbox, "mailbox")).toEqual([]);
  await keepPicture(mailbox, "mailbox");
  const [opened] = await Promise.all([
    mailbox.context().waitForEvent("page"),
    mail.getByRole("link", { name: "Open your dashboards" }).click(),
  ]);
  await expect.poll(() => opened.url()).toContain(installation.siteOrigin);
});
