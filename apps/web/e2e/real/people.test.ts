import { expect, test } from "vitest";
import { startInstallation } from "./installation.ts";
import { heading, sectionTitles, signIn, submitSignIn } from "./screens.ts";

const password = "four unrelated words here";

test("somebody is added, given a role, chooses a password on the link and sees what the role gives, until it is taken away", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await signIn(installation, page, "mica");
  await page.goto(installation.at("/admin/roles"));
  await page.getByRole("button", { name: "Add a role…" }).click();
  const role = page.getByRole("dialog", { name: "Add a role" });
  await role.getByLabel("Name").fill("admin");
  await role.getByRole("button", { name: "Add" }).click();
  await role.getByText("There is a role of this name. Choose another.").waitFor();
  await role.getByLabel("Name").fill("curators");
  await role.getByLabel(/^Look at datasets/).check();
  await role.getByText("Answer access requests").waitFor();
  await role.getByRole("button", { name: "Add" }).click();
  await heading(page, "curators").waitFor();
  await page.getByText("None is granted to it.").waitFor();

  await page.getByRole("link", { name: "Users", exact: true }).click();
  await heading(page, "Users").waitFor();
  await page.getByRole("button", { name: "Add a person…" }).click();
  const form = page.getByRole("dialog", { name: "Add a person" });
  await form.getByRole("textbox", { name: "Name", exact: true }).fill("Zoë Ng");
  await form.getByRole("textbox", { name: "User name" }).fill("mike");
  await form.getByLabel("curators").check();
  await form.getByRole("button", { name: "Add" }).click();
  await form.getByText("This name is taken. Choose another.").waitFor();
  await form.getByRole("textbox", { name: "User name" }).fill("zoe");
  await form.getByRole("button", { name: "Add" }).click();
  const link = await page.getByLabel("Link to choose a password").inputValue();
  expect(link).toContain(installation.at("/choose-password#"));
  await page.getByText("Give this link and their user name, zoe, to Zoë Ng").waitFor();
  await page.getByRole("link", { name: "their page" }).click();
  await heading(page, "Zoë Ng").waitFor();
  await page.getByText(/^None. What they may see, they see by their roles/).waitFor();

  const theirs = await installation.newPage();
  await theirs.goto(link);
  await theirs.getByText("For Zoë Ng, who signs in as zoe. This link works until").waitFor();
  await theirs.getByLabel("New password").fill("short");
  await theirs.getByRole("button", { name: "Set the password" }).click();
  await theirs.getByText("Use at least 15 characters.").waitFor();
  expect(theirs.url()).not.toContain("#");
  await theirs.getByLabel("New password").fill(password);
  await theirs.getByRole("button", { name: "Set the password" }).click();
  await heading(theirs, "Your password is set").waitFor();
  expect(await theirs.evaluate(() => document.activeElement?.textContent)).toBe(
    "Your password is set",
  );
  await theirs.getByRole("link", { name: "Sign in" }).last().click();
  await submitSignIn(theirs, "zoe", password);
  await theirs.getByRole("link", { name: "Administration" }).click();
  await heading(theirs, "Datasets").waitFor();
  expect(await sectionTitles(theirs)).toEqual(["Welcome"]);
  await theirs.goto(link);
  await heading(theirs, "This link no longer works").waitFor();
  expect(await theirs.getByLabel("New password").count()).toBe(0);
  await theirs.goto(installation.at("/admin/datasets"));
  await heading(theirs, "Datasets").waitFor();

  await page.getByRole("button", { name: "Change roles…" }).click();
  await page.getByRole("dialog").getByLabel("curators").uncheck();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("None. Roles bundle").waitFor();
  await heading(theirs, "You have no access to this page").waitFor();
});

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
