import { expect, test } from "vitest";
import { startInstallation } from "./installation.ts";
import { heading, signIn } from "./screens.ts";

test("who did what is found by action, person and day, and each change is told before and after", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await signIn(installation, page, "mica");
  await page.goto(installation.at("/admin/datasets/movies"));
  await page.getByRole("button", { name: "Edit…" }).click();
  await page.getByRole("dialog").getByLabel("Title").fill("Films of the world");
  await page.getByRole("button", { name: "Save" }).click();
  await heading(page, "Films of the world").waitFor();

  await page.getByRole("link", { name: "Audit trail" }).click();
  const table = page.getByRole("grid", { name: "Events" });
  await table
    .getByRole("row", { name: /Signed in/ })
    .first()
    .waitFor();
  await page.getByLabel("What", { exact: true }).selectOption({ label: "Dataset changed" });
  await expect.poll(() => table.getByRole("row").count()).toBe(2);
  expect(new URL(page.url()).search).toBe("?action=dataset.change");
  await table.getByRole("button", { name: "Dataset changed" }).press("Enter");
  const event = page.getByRole("dialog", { name: "Dataset changed" });
  const title = event.getByRole("region", { name: "title" });
  await title.getByText("Films of the world").waitFor();
  await event.getByText("Films", { exact: true }).waitFor();
  await page.keyboard.press("Escape");

  await table.getByRole("link", { name: "mica" }).click();
  await expect.poll(() => new URL(page.url()).search).toMatch(/^\?actor=usr_/);
  await page.getByRole("button", { name: /^By mica/ }).click();
  await expect.poll(() => new URL(page.url()).search).toBe("");
  await page.getByLabel("To", { exact: true }).fill("2020-01-01");
  await page.keyboard.press("Enter");
  await page.getByText("No event matches.").waitFor();
});
