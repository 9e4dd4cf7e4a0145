import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import { createSetupToken } from "@sallyport/shared/handlers";
import { chance, digests } from "../../../api/src/tokens/chance.ts";
import { startInstallation } from "./installation.ts";
import { lookAt, wide } from "./looks.ts";
import {
  adminNav,
  heading,
  noAccess,
  sectionIsShown,
  sectionTitles,
  submitSignIn,
} from "./screens.ts";

const mikesPassword = "four unrelated words here";

const campaigns = `day,channel,visits,spend
2026-07-06,Newsletter,1240,310.50
2026-07-20,Search,2980,1204.00
2026-08-03,Newsletter,1310,290.25
2026-08-17,Search,3120,1310.75
2026-08-31,Radio,450,900.00
2026-09-14,Newsletter,1405,305.00
2026-09-28,Search,3390,1400.10
2026-10-12,Radio,610,900.00
2026-10-26,Search,3505,1422.40
`;

test(
  "a new admin walks from the setup link to a section that another sees for as long as it is granted",
  { timeout: 480_000 },
  async () => {
    const installation = await startInstallation({ environment: { SALLYPORT_SAMPLE_DATA: "0" } });
    const found: string[] = [];
    let step = 0;
    const look = async (name: string, page: Page): Promise<void> => {
      step += 1;
      const numbered = `whole-way-${String(step).padStart(2, "0")}-${name}`;
      found.push(...(await lookAt(page, numbered, true)));
    };
    const { dependencies } = installation.api;
    // As the first start offers it.
    const token = await createSetupToken({ ...dependencies, chance, digests });

    const page = await installation.newPage({ viewport: wide, reducedMotion: "reduce" });
    await page.goto(installation.at(`/setup#token=${token}`));
    await heading(page, "Welcome").waitFor();
    await look("setup", page);
    await page.getByLabel("Your name").fill("Ada Admin");
    await page.getByLabel("User name").fill("ada");
    await page.getByLabel("E-mail address").fill("ada@example.com");
    await page.getByLabel("Password", { exact: true }).fill("orange harvest violin ladder");
    await page.getByRole("button", { name: "Create the admin" }).click();
    const bringInData = page.getByRole("link", { name: "Bring in data" });
    await bringInData.waitFor();
    await look("what-to-do", page);

    // Data.
    await bringInData.click();
    await page.getByText("There are no datasets yet.").waitFor();
    await look("no-datasets", page);
    await page.getByRole("link", { name: "Import a dataset" }).first().click();
    await heading(page, "Import a dataset").waitFor();
    await look("choose-a-file", page);
    const chooser = page.waitForEvent("filechooser");
    await page.getByRole("button", { name: "Choose a file…" }).click();
    await (
      await chooser
    ).setFiles({ name: "campaigns.csv", mimeType: "text/csv", buffer: Buffer.from(campaigns) });
    const column = (name: string): Locator => page.getByRole("group", { name, exact: true });
    expect(await column("day").getByLabel("Type").inputValue()).toBe("date");
    expect(await page.getByLabel("Title").inputValue()).toBe("Campaigns");
    await look("file-is-shown", page);
    await page.getByRole("button", { name: "Import", exact: true }).click();
    await page.getByText("9 rows came in; the dataset has 9 now.").waitFor();
    await look("imported", page);
    await page.getByRole("link", { name: "Open the dataset" }).click();
    await heading(page, "Campaigns").waitFor();
    await page.getByText("No panel reads it.").waitFor();
    await look("dataset", page);

    // A section, panel by panel, and a second one that nobody is granted.
    const newSection = async (title: string, beginWith: string): Promise<void> => {
      await adminNav(page).getByRole("link", { name: "Sections" }).click();
      await heading(page, "Sections").waitFor();
      await page.getByRole("button", { name: "New section…" }).first().click();
      const form = page.getByRole("dialog", { name: "New section" });
      await form.getByLabel("Title").fill(title);
      await form.getByLabel("Begin with").selectOption({ label: beginWith });
      if (title === "Marketing") await look("new-section", page);
      await form.getByRole("button", { name: "Create it" }).click();
      await heading(page, `Edit “${title}”`).waitFor();
    };
    await newSection("Marketing", "No panels");
    await look("empty-section", page);
    const panels = page.getByRole("list", { name: "Panels" }).getByRole("listitem");
    for (const [kind, title, shown] of [
      ["Number", "Visits", panels.getByText("18,010")],
      ["Chart", "Visits by month", panels.locator("figure")],
      ["Table", "Campaigns", panels.getByRole("table", { name: "Campaigns" })],
    ] as const) {
      await page.getByRole("button", { name: "Add a panel" }).click();
      await page.getByRole("button", { name: kind, exact: true }).click();
      await page.getByLabel("Title", { exact: true }).fill(title);
      await shown.waitFor();
      if (kind === "Table") await look("panels", page);
    }
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("The section is saved.").waitFor();
    await page.getByRole("link", { name: "View the section" }).click();
    await sectionIsShown(page, "Marketing");
    const shownPanels = page.locator("main section h2");
    expect(await shownPanels.allInnerTexts()).toEqual(["Visits", "Visits by month", "Campaigns"]);
    await look("section", page);
    await adminNav(page).getByRole("link", { name: "Administration" }).click();
    await newSection("Finance", "Panels of Campaigns");

    // A role, and people, of whom one gets it.
    await adminNav(page).getByRole("link", { name: "Roles" }).click();
    await heading(page, "Roles").waitFor();
    await page.getByRole("button", { name: "Add a role…" }).click();
    const role = page.getByRole("dialog", { name: "Add a role" });
    await role.getByLabel("Name").fill("admin");
    await role.getByRole("button", { name: "Add" }).click();
    await role.getByText("There is a role of this name. Choose another.").waitFor();
    await look("add-a-role", page);
    await role.getByLabel("Name").fill("marketing");
    await role.getByRole("button", { name: "Add" }).click();
    await heading(page, "marketing").waitFor();
    await look("role", page);
    const addressOfRole = page.url();
    await adminNav(page).getByRole("link", { name: "Users" }).click();
    await heading(page, "Users").waitFor();
    const links = new Map<string, string>();
    for (const [name, username] of [
      ["Nora Venkat", "nora"],
      ["Mike Lindqvist", "mike"],
    ] as const) {
      await page.getByRole("button", { name: "Add a person…" }).click();
      const form = page.getByRole("dialog", { name: "Add a person" });
      await form.getByRole("textbox", { name: "Name", exact: true }).fill(name);
      if (username === "mike") {
        await form.getByRole("textbox", { name: "User name" }).fill("nora");
        await form.getByRole("button", { name: "Add" }).click();
        await form.getByText("This name is taken. Choose another.").waitFor();
        await look("add-a-person", page);
      }
      await form.getByRole("textbox", { name: "User name" }).fill(username);
      if (username === "mike") await form.getByLabel("marketing").check();
      await form.getByRole("button", { name: "Add" }).click();
      await page.getByText(`Give this link and their user name, ${username}, to ${name}`).waitFor();
      links.set(username, await page.getByLabel("Link to choose a password").inputValue());
      await page.getByRole("button", { name: "Copy" }).click();
      await page.getByText(/^Copied\.$|copy it by hand/).waitFor();
      if (username === "mike") {
        await look("link", page);
        await page.getByRole("link", { name: "their page" }).click();
      } else await page.getByRole("button", { name: "Done" }).click();
    }
    await heading(page, "Mike Lindqvist").waitFor();
    const addressOfMike = page.url();
    await page.getByText("No section.").waitFor();
    await look("person", page);

    // The grant, in the table.
    await adminNav(page).getByRole("link", { name: "Grants" }).click();
    await heading(page, "Grants").waitFor();
    const grid = page.getByRole("grid", { name: "Grants" });
    const cellOf = async (row: string, section: string): Promise<Locator> => {
      const heads = grid.getByRole("columnheader");
      await heads.filter({ hasText: section }).waitFor();
      const place = (await heads.allInnerTexts()).indexOf(section);
      return grid
        .getByRole("row")
        .filter({ has: page.getByRole("rowheader", { name: row }) })
        .getByRole("gridcell")
        .nth(place - 1);
    };
    const choose = async (now: RegExp, then: string): Promise<void> => {
      const cell = await cellOf("marketing", "Marketing");
      const saying = (words: RegExp | string): Locator =>
        cell.and(grid.getByRole("gridcell", { name: words }));
      await saying(now).click();
      await saying(then).waitFor();
    };
    const save = async (): Promise<void> => {
      const button = page.getByRole("button", { name: "Save 1 change" });
      await button.click();
      await button.waitFor({ state: "detached" });
    };
    await choose(/^May not see it/, "To be given.");
    await look("grant-to-be-given", page);
    await save();
    const ofMike = await cellOf("Mike Lindqvist", "Marketing");
    await ofMike
      .and(grid.getByRole("gridcell", { name: "May see it: the role marketing." }))
      .waitFor();
    await look("granted", page);

    // Mike, in a browser of his own.
    const link = links.get("mike") ?? "";
    const mike = await installation.newPage({ viewport: wide, reducedMotion: "reduce" });
    await mike.goto(link);
    await mike
      .getByText("For Mike Lindqvist, who signs in as mike. This link works until")
      .waitFor();
    expect(mike.url()).not.toContain("#");
    await mike.getByLabel("New password").fill("short");
    await mike.getByRole("button", { name: "Set the password" }).click();
    await mike.getByText("Use at least 15 characters.").waitFor();
    await look("choose-a-password", mike);
    await mike.getByLabel("New password").fill(mikesPassword);
    await mike.getByRole("button", { name: "Set the password" }).click();
    await heading(mike, "Your password is set").waitFor();
    expect(await mike.evaluate(() => document.activeElement?.textContent)).toBe(
      "Your password is set",
    );
    await look("password-is-set", mike);
    await mike.getByRole("link", { name: "Sign in" }).last().click();
    await submitSignIn(mike, "mike", mikesPassword);
    await sectionIsShown(mike, "Marketing");
    expect(await sectionTitles(mike)).toEqual(["Marketing"]);
    expect(await mike.locator("main section h2").allInnerTexts()).toEqual([
      "Visits",
      "Visits by month",
      "Campaigns",
    ]);
    await mike.getByText("18,010").waitFor();
    expect(await adminNav(mike).count()).toBe(0);
    await look("what-mike-sees", mike);

    // What he does not hold is not there for him, at its address either.
    for (const path of [
      "/sections/finance",
      "/admin",
      "/admin/datasets/campaigns",
      "/admin/nonsense",
    ]) {
      await mike.goto(installation.at(path));
      await heading(mike, noAccess).waitFor();
    }
    expect(await mike.title()).toContain(noAccess);
    await look("no-access", mike);
    await mike.goto(link);
    await heading(mike, "This link no longer works").waitFor();
    expect(await mike.getByLabel("New password").count()).toBe(0);
    await look("used-link", mike);

    // Taken and given again, while he looks.
    await mike.goto(installation.at("/sections/marketing"));
    await sectionIsShown(mike, "Marketing");
    await choose(/^May see it/, "To be taken.");
    await save();
    await heading(mike, noAccess).waitFor();
    await expect.poll(() => sectionTitles(mike)).toEqual([]);
    await look("taken", mike);
    await choose(/^May not see it/, "To be given.");
    await save();
    await expect.poll(() => sectionTitles(mike)).toEqual(["Marketing"]);

    // A permission of the role opens its page at once, and shuts it with the role.
    await page.goto(addressOfRole);
    await page.getByRole("button", { name: "Edit…" }).click();
    const edit = page.getByRole("dialog", { name: "Edit the role marketing" });
    await edit.getByLabel(/^Look at datasets/).check();
    await edit.getByRole("button", { name: "Save" }).click();
    await page.getByText("The role is saved.").waitFor();
    await mike.getByRole("link", { name: "Administration" }).click();
    await mike.getByRole("link", { name: "Campaigns" }).click();
    await heading(mike, "Campaigns").waitFor();
    expect(await mike.getByRole("button", { name: "Edit…" }).count()).toBe(0);
    await page.goto(addressOfMike);
    await page.getByRole("button", { name: "Change roles…" }).click();
    const roles = page.getByRole("dialog", { name: "Roles of Mike Lindqvist" });
    await roles.getByLabel("marketing").uncheck();
    await look("roles-of-a-person", page);
    await roles.getByRole("button", { name: "Save" }).click();
    await page.getByText("None. Roles bundle").waitFor();
    await heading(mike, noAccess).waitFor();
    await expect.poll(() => sectionTitles(mike)).toEqual([]);

    expect(found).toEqual([]);
  },
);
