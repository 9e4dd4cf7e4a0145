import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { startInstallation } from "./installation.ts";
import { axeFindings } from "./looks.ts";
import {
  dialog,
  heading,
  isMarked,
  markPage,
  readDownload,
  sectionIsShown,
  signIn,
  signOut,
  submitSignIn,
} from "./screens.ts";

const colorScheme = (page: Page): Promise<string | undefined> =>
  page.evaluate(() => document.documentElement.dataset["colorScheme"]);

test("one sees where one is signed in, and ends one of these sessions or all others", async () => {
  const installation = await startInstallation();
  const { at } = installation;
  const [page, second, third] = [
    await installation.newPage(),
    await installation.newPage(),
    await installation.newPage(),
  ];
  for (const one of [page, second, third]) await signIn(installation, one, "mike");
  for (const one of [second, third]) {
    await one.goto(at("/sections/marketing"));
    await sectionIsShown(one, "Marketing");
    await markPage(one);
  }

  await page.goto(at("/account"));
  await heading(page, "Your account").waitFor();
  // There is no mail server.
  await page.getByText("is verified. No mail is sent from here.").waitFor();
  const card = page.getByRole("region", { name: "Where you are signed in" });
  const rows = card.getByRole("listitem");
  await expect.poll(() => rows.count()).toBe(3);
  expect(await rows.filter({ hasText: "This device" }).count()).toBe(1);
  expect(await rows.first().innerText()).toMatch(/^Chrome on Linux\s+From 127\.0\.0\.1, since /);

  await rows.first().getByRole("button", { name: "End…" }).click();
  const question = page.getByRole("alertdialog");
  await question.getByRole("button", { name: "End the session" }).click();
  await expect.poll(() => rows.count()).toBe(2);
  await dialog(third)
    .getByText("You ended this session yourself, on another page or on another device.")
    .waitFor();
  expect(await isMarked(third)).toBe(true);

  await card.getByRole("button", { name: "End all others…" }).click();
  await question.getByText("You stay signed in here.").waitFor();
  await question.getByRole("button", { name: "End the others" }).click();
  await expect.poll(() => rows.count()).toBe(1);
  await rows.getByText("This device").waitFor();
  await dialog(second).getByText("You ended this session yourself").waitFor();
});

test("what one chooses of one's profile holds on every device, and a new device is told of", async () => {
  const installation = await startInstallation();
  const { at } = installation;
  const page = await installation.newPage();
  await signIn(installation, page, "mike");
  await page.goto(at("/account"));
  const card = page.getByRole("region", { name: "Who you are" });
  await card.getByRole("button", { name: "Edit…" }).click();
  const form = dialog(page);
  await form.getByLabel("Name", { exact: true }).fill("Mike L.");
  await form.getByLabel("Dates and numbers as in").selectOption("Swiss High German");
  await form.getByLabel("Time zone").selectOption("Asia/Tokyo");
  await form.getByLabel("Start page").selectOption("Marketing");
  await form.getByLabel("Appearance").selectOption("Dark");
  expect(await axeFindings(page, "the profile")).toEqual([]);
  await form.getByRole("button", { name: "Save" }).click();
  await form.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Account: Mike L." }).waitFor();
  expect(await colorScheme(page)).toBe("dark");
  await card.getByText(/^Swiss High German: \d+\.\d+\.\d{4}, 12[’']345\.5$/).waitFor();

  // Somewhere else, where nobody is to be remembered: dark before anything of a page is drawn.
  const elsewhere = await installation.newPage();
  await elsewhere.goto(at("/sign-in"));
  await elsewhere.getByLabel("Keep me signed in on this device").uncheck();
  await submitSignIn(elsewhere, "mike");
  await sectionIsShown(elsewhere, "Marketing");
  expect(await colorScheme(elsewhere)).toBe("dark");
  const kept = (await elsewhere.context().cookies(installation.apiUrl)).map(({ name, expires }) => [
    name.includes("-device-"),
    expires === -1,
  ]);
  expect(kept).toHaveLength(3);
  for (const [isOfDevice, endsWithBrowser] of kept) expect(endsWithBrowser).toBe(!isOfDevice);
  expect(await elsewhere.getByRole("region", { name: "Notices" }).count()).toBe(0);

  // By the menu under one's name, for all devices too.
  await elsewhere.getByRole("button", { name: /^Account:/ }).click();
  await elsewhere.getByRole("radio", { name: "Light" }).check();
  await expect.poll(() => colorScheme(elsewhere)).toBe("light");
  await expect
    .poll(
      () =>
        installation.api.runSql("SELECT preferences FROM users WHERE username = 'mike'")[0]?.[
          "preferences"
        ],
    )
    .toContain('"colorScheme":"light"');
  await page.reload();
  await page
    .getByRole("region", { name: "Notices" })
    .getByText("Somebody signed in to your account on a new device")
    .waitFor();
  await expect.poll(() => colorScheme(page)).toBe("light");
});

test("one takes along what is kept about oneself, and deletes one's account; the last admin cannot", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  const ask = async (username: string): Promise<void> => {
    await page.getByRole("button", { name: "Delete your account…" }).click();
    await page.getByRole("alertdialog").getByLabel(`Type ${username} to confirm`).fill(username);
    await page.getByRole("button", { name: "Delete it for good" }).click();
  };
  await signIn(installation, page, "mica");
  await page.goto(installation.at("/account"));
  await ask("mica");
  await page.getByRole("alert").getByText("This is the last admin").waitFor();
  await page.getByRole("button", { name: "Cancel" }).click();
  await signOut(page);
  await page.getByRole("link", { name: "Sign in" }).waitFor();

  await signIn(installation, page, "nora");
  await page.goto(installation.at("/account"));
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export" }).click();
  expect(JSON.parse(await readDownload(await download))).toMatchObject({
    user: { username: "nora" },
    sessions: [{ current: true }],
  });
  await ask("nora");
  await page.getByText("Your account is deleted.").waitFor();
  await sectionIsShown(page, "Welcome");
  await page.getByRole("link", { name: "Sign in" }).click();
  await submitSignIn(page, "nora");
  await page.getByText("The user name or the password is not right.").first().waitFor();
});
