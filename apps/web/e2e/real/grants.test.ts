import { AxeBuilder } from "@axe-core/playwright";
import type { Route } from "playwright-core";
import { expect, test } from "vitest";
import { giveGrant } from "../../../api/test/team.ts";
import { startInstallation } from "./installation.ts";
import {
  adminNav,
  heading,
  sectionIsShown,
  sectionLink,
  sectionTitles,
  signIn,
} from "./screens.ts";

test("grants are collected in one table by keyboard, saved together, refused at their cells, and given from the page of a section", async () => {
  const installation = await startInstallation();
  const mike = await installation.newPage();
  await signIn(installation, mike, "mike");
  await sectionLink(mike, "Marketing").waitFor();
  const page = await installation.newPage({ viewport: { width: 1280, height: 900 } });
  await signIn(installation, page, "mica");
  await adminNav(page).getByRole("link", { name: "Administration" }).click();
  await adminNav(page).getByRole("link", { name: "Grants" }).click();
  await heading(page, "Grants").waitFor();

  // Who and what are searched for on the server, in the address.
  await page.getByLabel("Search people and roles").fill("mike");
  const grid = page.getByRole("grid", { name: "Grants" });
  await expect.poll(() => grid.getAttribute("aria-rowcount")).toBe("2");
  await page.getByLabel("Search sections").fill("finance");
  await expect.poll(() => grid.getAttribute("aria-colcount")).toBe("3");
  await page.reload();
  await expect.poll(() => grid.getAttribute("aria-colcount")).toBe("3");
  expect(new URL(page.url()).search).toBe("?q=mike&sections=finance");
  await page.getByLabel("Search sections").fill("");
  await expect.poll(() => new URL(page.url()).search).toBe("?q=mike");
  await page.getByLabel("Search people and roles").fill("");
  await expect.poll(() => grid.getAttribute("aria-rowcount")).toBe("8");

  const row = grid.getByRole("row").filter({ hasText: "Mike Lindqvist" });
  const cell = (words: RegExp) => row.getByRole("gridcell", { name: words });
  await cell(/^May see it: the role marketing\.$/).waitFor();
  await cell(/^May see it: it is open to everybody\.$/).waitFor();

  // To a cell by the arrow keys, and what stands there in words.
  const details = page.getByRole("group", { name: "The cell" });
  await row.getByRole("rowheader").click();
  await page.keyboard.press("Home");
  await details.getByText("Has no grant of every section.").waitFor();
  const columns = await grid.getByRole("columnheader").allInnerTexts();
  const finance = columns.indexOf("Finance");
  for (let step = 1; step < finance; step++) await page.keyboard.press("ArrowRight");
  await details.getByText("Mike Lindqvist · Finance").waitFor();
  await page.keyboard.press("Space");
  await cell(/^May not see it\. To be given\.$/).waitFor();
  await page.keyboard.press("Enter");
  await page.keyboard.type("01012000");
  await page.keyboard.press("Enter");
  await details.getByText("Choose a day from today on.").waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("End");
  await page.keyboard.press("Space");
  await page.getByText("2 changes, not saved yet").waitFor();

  // It is not left by a slip, and one is taken back.
  await page.goBack();
  const leave = page.getByRole("alertdialog", { name: "Leave without saving?" });
  await leave.waitFor();
  await page.keyboard.press("Enter");
  await leave.waitFor({ state: "detached" });
  await page.keyboard.press("Space");
  await page.getByText("1 change, not saved yet").waitFor();

  // Somebody else was faster: said at the cell, and what is collected stays.
  await giveGrant(installation.api, "mike", "finance");
  await page.getByText("1 change, not saved yet").waitFor({ state: "detached" });
  await cell(/^May see it: a grant of their own\. Somebody else has changed it/).waitFor();
  await sectionLink(mike, "Finance").waitFor();
  const own = cell(/^May see it: a grant of their own\./);
  await own.click();
  await own.and(grid.getByRole("gridcell", { name: /To be taken\.$/ })).waitFor();
  const results = await new AxeBuilder({ page }).analyze();
  expect(results.violations, "what axe finds").toEqual([]);
  const between = async (route: Route): Promise<void> => {
    // Between the last look and the save.
    installation.api.runSql(
      "update grants set expires_at = 32503680000000 where user_id = (select id from users where username = 'mike')",
    );
    await route.continue();
  };
  await page.route("**/grants/changes", between, { times: 1 });
  await page.getByRole("button", { name: "Save 1 change" }).click();
  await page.getByText(/^Nothing is saved: somebody else has changed/).waitFor();
  await cell(/Somebody else has given, changed or taken this meanwhile/).waitFor();
  await details.getByRole("button", { name: "Change it all the same" }).click();
  await page.getByRole("button", { name: "Save 1 change" }).click();
  await page.getByText("The change is saved.").waitFor();
  await cell(/^May not see it\.$/)
    .first()
    .waitFor();
  await expect.poll(() => sectionTitles(mike)).not.toContain("Finance");

  // From the section, with an end, and taken again.
  await page.goto(installation.at("/admin/sections/finance/access"));
  await heading(page, "Finance").waitFor();
  await page.getByRole("button", { name: "Give…" }).click();
  const give = page.getByRole("dialog", { name: "Who may see Finance" });
  await give.getByLabel("Find in People and roles").fill("mike");
  await give.getByLabel(/^Mike Lindqvist/).check();
  await give.getByLabel("Last day (optional)").fill("2999-12-31");
  await give.getByRole("button", { name: "Give", exact: true }).click();
  await sectionLink(mike, "Finance").waitFor();
  await page
    .getByRole("listitem")
    .filter({ hasText: "Mike Lindqvist" })
    .getByText(/until/)
    .waitFor();
  await page.getByRole("button", { name: "Change its end: Mike Lindqvist" }).click();
  const end = page.getByRole("dialog", { name: "End of Finance for Mike Lindqvist" });
  expect(await end.getByLabel("Last day").inputValue()).toBe("2999-12-31");
  await end.getByLabel("Last day").fill("2998-06-30");
  await end.getByRole("button", { name: "Save" }).click();
  await page.getByText("The end is saved.").waitFor();
  await page.getByRole("link", { name: "Mike Lindqvist" }).click();
  await heading(page, "Mike Lindqvist").waitFor();
  await page.getByRole("button", { name: "Take: Finance" }).click();
  await page.getByRole("button", { name: "Take it" }).click();
  await page.getByText(/^None. What they may see, they see by their roles/).waitFor();
  await expect.poll(() => sectionTitles(mike)).not.toContain("Finance");

  // What he sees, by the address alone, marked and with nothing to change.
  await page.getByRole("link", { name: "See as they do" }).click();
  const bar = page.getByRole("region", { name: "Seen as somebody else" });
  await bar.getByText("Mike Lindqvist").waitFor();
  const theirs = page.getByRole("navigation", { name: "Sections of Mike Lindqvist" });
  expect(await theirs.getByRole("link").allInnerTexts()).toEqual(await sectionTitles(mike));
  await theirs.getByRole("link", { name: "Marketing" }).click();
  await sectionIsShown(page, "Marketing");
  await page.reload();
  await sectionIsShown(page, "Marketing");
  await bar.waitFor();
  expect(await page.getByRole("link", { name: "Edit", exact: true }).count()).toBe(0);
  expect(
    installation.api.runSql("select id from audit_events where action = 'user.preview'"),
  ).toHaveLength(2);
  await bar.getByRole("link", { name: "Stop" }).click();
  await heading(page, "Mike Lindqvist").waitFor();
});
