import { expect, test } from "vitest";
import { startInstallation } from "./installation.ts";
import { heading, signIn } from "./screens.ts";

test("two who change one person are shown both, and the last admin stays one", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await signIn(installation, page, "mica");
  await page.goto(installation.at("/admin/users?q=mike"));
  await page.getByRole("link", { name: "Mike Lindqvist" }).click();
  await heading(page, "Mike Lindqvist").waitFor();
  const address = page.url();
  const other = await page.context().newPage();
  await other.goto(address);
  for (const [tab, name] of [
    [page, "Mike the First"],
    [other, "Mike the Second"],
  ] as const) {
    await tab.getByRole("button", { name: "Edit…" }).click();
    await tab.getByRole("dialog").getByLabel("Name").fill(name);
  }
  await page.getByRole("button", { name: "Save" }).click();
  await heading(page, "Mike the First").waitFor();
  await other.getByRole("button", { name: "Save" }).click();
  const conflict = other.getByRole("alertdialog", { name: /was changed meanwhile/ });
  await conflict.getByRole("cell", { name: "Mike the First" }).waitFor();
  await conflict.getByRole("cell", { name: "Mike the Second" }).waitFor();
  await conflict.getByRole("button", { name: "Back to the form" }).click();
  expect(await other.getByRole("dialog").getByLabel("Name").inputValue()).toBe("Mike the Second");
  await other.getByRole("button", { name: "Save" }).click();
  await heading(other, "Mike the Second").waitFor();

  await page.goto(installation.at("/admin/users?active=true&sort=-username"));
  const table = page.getByRole("grid", { name: "Users" });
  const username = table.getByRole("columnheader", { name: "User name" });
  await expect.poll(() => username.getAttribute("aria-sort")).toBe("descending");
  await username.click();
  await expect.poll(() => username.getAttribute("aria-sort")).toBe("ascending");
  // Chosen by keyboard: the first row, and the whole page.
  const box = table.getByRole("row").nth(1).getByRole("checkbox");
  await box.focus();
  await page.keyboard.press("Space");
  await page.getByText("1 user selected").waitFor();
  await page.keyboard.press("Control+a");
  await page.getByRole("button", { name: "Deactivate…" }).click();
  await page.getByRole("button", { name: "Deactivate", exact: true }).click();
  const results = page.getByRole("dialog", { name: "Not all were deactivated" });
  await results.getByText("Mica Okafor").waitFor();
  await results.getByRole("button", { name: "Close" }).click();
  await page.getByText("1 user", { exact: true }).waitFor();
  await page
    .getByRole("searchbox", { name: "Search by name or e-mail" })
    .or(page.getByLabel("Search by name or e-mail"))
    .fill("nobody at all");
  await page.getByText("No user matches.").waitFor();
  expect(new URL(page.url()).searchParams.get("q")).toBe("nobody at all");
  await page.getByRole("button", { name: "Show all users" }).click();
  await table.getByRole("row", { name: /Mike the Second/ }).waitFor();
});
