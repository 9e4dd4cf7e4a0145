import { expect, test } from "vitest";
import { startInstallation } from "./installation.ts";
import { dialog, heading, signIn } from "./screens.ts";

/** As a browser with a window says it. */
const userAgent =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36";

test("sessions are found, ended one by one, by user and all together, and a person's page has theirs and their history", async () => {
  const installation = await startInstallation();
  const mike = await installation.newPage({ userAgent });
  await signIn(installation, mike, "mike");
  const other = await installation.newPage({ userAgent });
  await signIn(installation, other, "mike");
  const page = await installation.newPage({ userAgent });
  await signIn(installation, page, "mica");
  await page.goto(installation.at("/admin/sessions"));
  const table = page.getByRole("grid", { name: "Sessions" });
  const mikes = table.getByRole("row", { name: /Mike Lindqvist/ });
  await expect.poll(() => mikes.count()).toBe(2);
  const own = table.getByRole("row", { name: /Mica Okafor/ });
  await own.getByText("Chrome on Linux").waitFor();
  await own.getByText("This device").waitFor();
  expect(await mikes.getByText("This device").count()).toBe(0);
  await page.getByLabel("Search by user name, device or address").fill("mica linux");
  await expect.poll(() => mikes.count()).toBe(0);
  expect(new URL(page.url()).search).toBe("?q=mica+linux");
  await page.getByRole("button", { name: "Clear the search" }).click();

  // One of mike's: the last sign-in stands first. The list is told of it, and his page at once.
  await mikes.first().focus();
  for (let cell = 0; cell < 6; cell += 1) await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  const one = page.getByRole("alertdialog", { name: "End this session of Mike Lindqvist?" });
  await one.getByText(/^Chrome on Linux, from .+, used last on/).waitFor();
  await one.getByRole("button", { name: "End the session" }).click();
  await expect.poll(() => mikes.count()).toBe(1);
  await other.getByRole("dialog", { name: "Sign in again" }).waitFor();
  expect(await dialog(mike).count()).toBe(0);

  // His page: what is left of his sessions, and what was done to him.
  await mikes.getByRole("link", { name: "Mike Lindqvist" }).click();
  await expect.poll(() => new URL(page.url()).search).toMatch(/^\?user=usr_/);
  await page.getByRole("button", { name: "End all of theirs…" }).waitFor();
  await page.getByRole("link", { name: "Their page" }).click();
  await heading(page, "Mike Lindqvist").waitFor();
  await page.getByRole("button", { name: "Edit…" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("Mike of Marketing");
  await page.getByRole("button", { name: "Save" }).click();
  const history = page.getByRole("region", { name: "History" });
  const changed = history.getByRole("listitem").filter({ hasText: "User changed by mica" });
  await changed.getByText(/Mike Lindqvist/).waitFor();
  await changed.getByText(/Mike of Marketing/).waitFor();
  await history.getByLabel("Show").selectOption({ label: "What they did" });
  await history.getByRole("button", { name: "Signed in" }).first().press("Enter");
  await page.getByRole("dialog", { name: "Signed in" }).waitFor();
  await page.keyboard.press("Escape");
  const sessions = page.getByRole("region", { name: "Sessions" });
  await expect.poll(() => sessions.getByRole("listitem").count()).toBe(1);
  await sessions.getByRole("button", { name: "End all…" }).click();
  await page.getByRole("button", { name: "End the sessions" }).click();
  await sessions.getByText("Not signed in anywhere.").waitFor();
  await mike.getByRole("dialog", { name: "Sign in again" }).waitFor();

  // Everybody's, but this one.
  const elsewhere = await installation.newPage({ userAgent });
  await signIn(installation, elsewhere, "mica");
  await page.getByRole("link", { name: "Sessions", exact: true }).click();
  await expect.poll(() => own.count()).toBe(2);
  await page.getByRole("button", { name: "End everybody’s…" }).click();
  const all = page.getByRole("alertdialog", { name: "End everybody’s sessions?" });
  await all.getByText("You stay signed in here").waitFor();
  await all.getByRole("button", { name: "End all sessions" }).click();
  await all.getByText("This is not everybody.").waitFor();
  await all.getByLabel("Type everybody to confirm").fill("everybody");
  await page.keyboard.press("Enter");
  await expect.poll(() => own.count()).toBe(1);
  await elsewhere.getByRole("dialog", { name: "Sign in again" }).waitFor();

  // One's own is as if one signed out.
  await own.getByRole("button", { name: "End…" }).click();
  await page.getByRole("button", { name: "Sign out here" }).click();
  await page.getByText("You are signed out.").waitFor();
});
