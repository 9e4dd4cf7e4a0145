import { expect, test } from "vitest";
import { startInstallation, type Installation } from "./installation.ts";
import { lookAt } from "./looks.ts";
import { heading, signIn, submitSignIn } from "./screens.ts";

/** The link of the newest mail to this address, as its text has it. */
const linkInMail = async ({ api }: Installation, address: string): Promise<string> => {
  await api.dependencies.scheduledWork.runOwn("sendMails");
  const mail = api.dependencies.mailbox
    ?.list()
    .find(({ to, text }) => to === address && text.includes("#"));
  return /^http.*#.*$/m.exec(mail?.text ?? "")?.[0] ?? "";
};

const password = "four words that nobody knows";

test("an address is verified and a forgotten password chosen anew, each in another browser than it was asked for in", async () => {
  const installation = await startInstallation({ environment: { SALLYPORT_MAILBOX: "1" } });
  installation.api.runSql("update users set email_verified = 0 where username = 'nora'");
  const page = await installation.newPage();
  const elsewhere = await installation.newPage();
  await signIn(installation, page, "nora");
  await page.goto(installation.at("/account"));
  await page.getByText("nora@example.com is not verified.").waitFor();
  await page.getByRole("button", { name: "Verify the address" }).click();
  await page.getByText("A link is on its way.").waitFor();
  expect(await lookAt(page, "account-email", true)).toEqual([]);

  // A program that looks through mail opens it as well, and uses nothing up.
  const verification = await linkInMail(installation, "nora@example.com");
  await elsewhere.goto(verification);
  await elsewhere.reload();
  await elsewhere.goto(verification);
  await heading(elsewhere, "Verify your address").waitFor();
  expect(elsewhere.url()).toBe(installation.at("/verify-email"));
  expect(await lookAt(elsewhere, "verify-email", true)).toEqual([]);
  await elsewhere.getByRole("button", { name: "This address is mine" }).click();
  await heading(elsewhere, "Your address is verified").waitFor();
  const forgetful = await installation.newPage();
  await forgetful.goto(verification);
  await forgetful.getByRole("button", { name: "This address is mine" }).click();
  await heading(forgetful, "This link no longer works").waitFor();
  await page.reload();
  await page.getByText("nora@example.com is verified.").waitFor();

  await forgetful.goto(installation.at("/sign-in"));
  await forgetful.getByRole("link", { name: "Forgotten your password?" }).click();
  await heading(forgetful, "Forgotten your password?").waitFor();
  await forgetful.getByRole("button", { name: "Send the link" }).click();
  await forgetful.getByText("Enter your user name or your address.").waitFor();
  expect(await lookAt(forgetful, "forgotten-password", true)).toEqual([]);
  await forgetful.getByLabel("User name or e-mail address").fill("Nora@example.com");
  await forgetful.keyboard.press("Enter");
  await heading(forgetful, "Look at your mail").waitFor();
  await elsewhere.goto(await linkInMail(installation, "nora@example.com"));
  await elsewhere.getByLabel("New password").fill(password);
  await elsewhere.getByRole("button", { name: "Set the password" }).click();
  await heading(elsewhere, "Your password is set").waitFor();

  await forgetful.goto(installation.at("/sign-in"));
  await submitSignIn(forgetful, "nora", password);
  await forgetful.getByText(/on a link that was sent to your address/).waitFor();
});
