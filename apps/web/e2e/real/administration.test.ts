import { expect, test } from "vitest";
import { addDataset } from "../../../api/test/dashboards.ts";
import { startInstallation } from "./installation.ts";
import { adminNav, heading, signIn } from "./screens.ts";

test("by keyboard alone: to the datasets, into one, out of a form with what was typed, and rid of one", async () => {
  const installation = await startInstallation();
  await addDataset(
    installation.api,
    { name: "unread", title: "Read by nobody", columns: [{ name: "a", label: "A", type: "text" }] },
    [{ a: "x" }],
  );
  const page = await installation.newPage();
  await signIn(installation, page, "mica");
  await adminNav(page).getByRole("link", { name: "Administration" }).focus();
  await page.keyboard.press("Enter");
  await heading(page, "Users").waitFor();
  await adminNav(page).getByRole("link", { name: "Datasets" }).focus();
  await page.keyboard.press("Enter");
  await heading(page, "Datasets").waitFor();
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.textContent))
    .toBe("Datasets");
  expect(await page.title()).toMatch(/^Datasets ·/);
  await page.getByRole("link", { name: "Import a dataset" }).waitFor();

  // A column is hidden, in the address.
  await page.getByRole("button", { name: "Columns" }).focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await page.keyboard.press("Escape");
  await expect.poll(() => new URL(page.url()).search).toBe("?hide=name");
  const row = page.getByRole("row", { name: /Read by nobody/ });
  const table = page.getByRole("grid", { name: "Datasets" });
  await expect.poll(() => table.getByRole("columnheader", { name: "Name" }).count()).toBe(0);

  // Enter on a row is as its link.
  await row.focus();
  await page.keyboard.press("Enter");
  await heading(page, "Read by nobody").waitFor();

  await page.getByRole("button", { name: "Edit…" }).focus();
  await page.keyboard.press("Enter");
  const form = page.getByRole("dialog", { name: "Edit “Read by nobody”" });
  await page.keyboard.type("Still r");
  await page.keyboard.press("Escape");
  await form.getByText("What you have entered is not saved.").waitFor();
  await page.keyboard.press("Enter");
  expect(await form.getByLabel("Title").inputValue()).toContain("Still r");
  await page.goBack();
  const leave = page.getByRole("alertdialog", { name: "Leave without saving?" });
  await leave.waitFor();
  await page.keyboard.press("Enter");
  await leave.waitFor({ state: "detached" });
  expect(await form.getByLabel("Title").inputValue()).toContain("Still r");
  await form.getByLabel("Title").fill(" ");
  await page.keyboard.press("Enter");
  await form.getByText("Enter a title.").waitFor();
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.getAttribute("name")))
    .toBe("title");
  await form.getByLabel("Title").fill("Read by nobody still");
  await page.keyboard.press("Enter");
  await heading(page, "Read by nobody still").waitFor();

  await page.getByRole("button", { name: "Delete…" }).focus();
  await page.keyboard.press("Enter");
  const question = page.getByRole("alertdialog", { name: "Delete “Read by nobody still”?" });
  await question.waitFor();
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Cancel");
  await question.getByLabel("Type unread to confirm").fill("something");
  await page.keyboard.press("Enter");
  await question.getByText("This is not unread.").waitFor();
  await question.getByLabel("Type unread to confirm").fill("unread");
  await page.keyboard.press("Enter");
  await heading(page, "Datasets").waitFor();
  await table.getByRole("row", { name: /Films/ }).waitFor();
  await expect.poll(() => row.count()).toBe(0);

  // What panels read stays, and the dialog says whose they are.
  await page.goto(installation.at("/admin/datasets/gapminder"));
  await page.getByRole("button", { name: "Delete…" }).click();
  await page.getByLabel("Type gapminder to confirm").fill("gapminder");
  await page.getByRole("button", { name: "Delete the dataset" }).click();
  await page.getByText("Panels of these sections read it: Welcome").waitFor();
});
