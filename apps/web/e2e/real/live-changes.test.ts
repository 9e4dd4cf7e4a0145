import type { BrowserContext, Page } from "playwright-core";
import { expect, test } from "vitest";
import { panelsOf, queriedDataset, readRows, replaceRows } from "../../../api/test/dashboards.ts";
import { startInstallation, type Installation } from "./installation.ts";
import {
  dialog,
  heading,
  isMarked,
  markPage,
  noAccess,
  sectionIsShown,
  sectionLink,
  sectionTitles,
  signIn,
  signOut,
  submitSignIn,
} from "./screens.ts";

const sql = ({ api }: Installation, statement: string): void => void api.runSql(statement);

/** Other rows for whatever metrics of the section read. */
const changeRows = async ({ api }: Installation, slug: string): Promise<void> => {
  const names = new Set(
    (await panelsOf(api, slug)).flatMap((panel) =>
      panel.kind === "metric" ? [panel.query.dataset] : [],
    ),
  );
  expect(names.size, "datasets of metrics").toBeGreaterThan(0);
  for (const name of names) {
    const { columns } = await queriedDataset(api, name);
    const rows = await readRows(api, name);
    await replaceRows(
      api,
      name,
      rows
        .filter((_, index) => index % 3 === 2)
        .map((row) =>
          Object.fromEntries(columns.map((column, index) => [column.name, row[index]])),
        ),
    );
  }
};

const figures = (page: Page): Promise<string[]> =>
  page.locator('main [data-kind="metric"]').allInnerTexts();
/** Streams that were answered, and not only asked for. */
const streams = ({ wire }: Installation): number =>
  wire.requests.filter(({ path, status }) => path === "/session/events" && status === 200).length;

/** Two tabs on one section; the first of them has the stream. */
const openTwice = async (
  installation: Installation,
  context: BrowserContext,
  username: string,
  slug: string,
  title: string,
): Promise<[Page, Page]> => {
  const here = await context.newPage();
  await signIn(installation, here, username);
  const there = await context.newPage();
  for (const page of [here, there]) {
    const before = streams(installation);
    await page.goto(installation.at(`/sections/${slug}`));
    await sectionIsShown(page, title);
    await markPage(page);
    if (page === here) await expect.poll(() => streams(installation)).toBeGreaterThan(before);
  }
  await expect.poll(() => installation.api.dependencies.liveChanges.listeners()).toBe(1);
  return [here, there];
};

test("new rows show on every open page of the section without a reload, and one stream serves all tabs", async () => {
  const installation = await startInstallation();
  const tabs = await openTwice(
    installation,
    await installation.newContext(),
    "mica",
    "marketing",
    "Marketing",
  );
  const before = await figures(tabs[0]);
  installation.wire.forget();
  await changeRows(installation, "marketing");
  for (const page of tabs) {
    await expect.poll(() => figures(page)).not.toEqual(before);
    expect(await isMarked(page)).toBe(true);
  }
  expect(await figures(tabs[0])).toEqual(await figures(tabs[1]));
  expect(streams(installation)).toBe(0);
  expect(installation.api.dependencies.liveChanges.listeners()).toBe(1);
});

test("a page that is paused keeps its numbers, and has the new ones when it is resumed", async () => {
  const installation = await startInstallation();
  const [paused, other] = await openTwice(
    installation,
    await installation.newContext(),
    "mica",
    "marketing",
    "Marketing",
  );
  const before = await figures(paused);
  await paused.getByRole("button", { name: "Pause" }).click();
  await changeRows(installation, "marketing");
  await expect.poll(() => figures(other)).not.toEqual(before);
  expect(await figures(paused)).toEqual(before);
  await paused.getByRole("button", { name: "Resume" }).click();
  await expect.poll(() => figures(paused)).toEqual(await figures(other));
});

test("when the tab with the stream is closed, another one carries on", async () => {
  const installation = await startInstallation();
  const [here, there] = await openTwice(
    installation,
    await installation.newContext(),
    "mica",
    "marketing",
    "Marketing",
  );
  const opened = streams(installation);
  await here.close();
  // Until then the stream that is counted below is the one that was closed.
  await expect.poll(() => streams(installation)).toBeGreaterThan(opened);
  await expect.poll(() => installation.api.dependencies.liveChanges.listeners()).toBe(1);
  const before = await figures(there);
  await changeRows(installation, "marketing");
  await expect.poll(() => figures(there)).not.toEqual(before);
  expect(await isMarked(there)).toBe(true);
});

test("a page that was cut off from the server catches up by itself", async () => {
  const installation = await startInstallation();
  const [here, there] = await openTwice(
    installation,
    await installation.newContext(),
    "mica",
    "marketing",
    "Marketing",
  );
  const before = await figures(here);
  await installation.wire.unplug();
  await changeRows(installation, "marketing");
  await installation.wire.plugIn();
  for (const page of [here, there]) await expect.poll(() => figures(page)).not.toEqual(before);
});

test("a section that is renamed or added shows in the navigation by itself", async () => {
  const installation = await startInstallation();
  const tabs = await openTwice(
    installation,
    await installation.newContext(),
    "mica",
    "welcome",
    "Welcome",
  );
  sql(installation, "UPDATE sections SET title = 'Money' WHERE slug = 'finance'");
  for (const page of tabs) await sectionLink(page, "Money").waitFor();
  sql(
    installation,
    "INSERT INTO sections (id, slug, title, position, created_at, updated_at) VALUES ('sec_0000000000000000000000', 'brand-new', 'Brand new', 99, 0, 0)",
  );
  for (const page of tabs) {
    await sectionLink(page, "Brand new").waitFor();
    expect(await isMarked(page)).toBe(true);
  }
});

test("a grant that is taken away closes the open section at once, and one that is given opens it", async () => {
  const installation = await startInstallation();
  const tabs = await openTwice(
    installation,
    await installation.newContext(),
    "mike",
    "marketing",
    "Marketing",
  );
  sql(
    installation,
    "DELETE FROM grants WHERE section_id = (SELECT id FROM sections WHERE slug = 'marketing')",
  );
  for (const page of tabs) {
    await heading(page, noAccess).waitFor();
    await expect.poll(() => sectionTitles(page)).toEqual(["Welcome"]);
    expect(await page.locator("main [data-kind]").count()).toBe(0);
  }
  sql(
    installation,
    "INSERT INTO grants (id, user_id, section_id, created_at) SELECT 'grt_given_by_this_test00', users.id, sections.id, 0 FROM users, sections WHERE username = 'mike' AND slug = 'marketing'",
  );
  for (const page of tabs) {
    await sectionIsShown(page, "Marketing");
    expect(await isMarked(page)).toBe(true);
  }
});

test("a first grant fills the empty page of somebody who had none", async () => {
  const installation = await startInstallation();
  sql(installation, "DELETE FROM grants");
  sql(installation, "UPDATE sections SET visibility = 'restricted'");
  const page = await installation.newPage();
  await signIn(installation, page, "mike");
  await heading(page, "Nothing to see here yet").waitFor();
  await markPage(page);
  sql(
    installation,
    "INSERT INTO grants (id, user_id, section_id, created_at) SELECT 'grt_given_by_this_test00', users.id, sections.id, 0 FROM users, sections WHERE username = 'mike' AND slug = 'finance'",
  );
  await sectionIsShown(page, "Finance");
  expect(await isMarked(page)).toBe(true);
});

test("a session that is ended from another browser says so on every tab, without anybody touching it", async () => {
  const installation = await startInstallation();
  const tabs = await openTwice(
    installation,
    await installation.newContext(),
    "mica",
    "marketing",
    "Marketing",
  );
  const elsewhere = await installation.newPage();
  await signIn(installation, elsewhere, "mica");
  await elsewhere.getByRole("button", { name: /^Account:/ }).click();
  await elsewhere.getByRole("button", { name: "Sign out everywhere…" }).click();
  await elsewhere
    .getByRole("alertdialog")
    .getByRole("button", { name: "Sign out everywhere" })
    .click();
  for (const page of tabs)
    await dialog(page)
      .getByText("You signed out everywhere, on another page or on another device.")
      .waitFor();
  await submitSignIn(tabs[1], "mica");
  for (const page of tabs) {
    await dialog(page).waitFor({ state: "detached" });
    expect(await isMarked(page)).toBe(true);
  }
  await expect.poll(() => installation.api.dependencies.liveChanges.listeners()).toBe(1);
});

test("a visitor has no stream, and signing out ends the one there was", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await page.goto(installation.at("/"));
  await sectionIsShown(page, "Welcome");
  expect(streams(installation)).toBe(0);
  await signIn(installation, page, "mike");
  await expect.poll(() => installation.api.dependencies.liveChanges.listeners()).toBe(1);
  await signOut(page);
  await page.getByText("You are signed out.").waitFor();
  await expect.poll(() => installation.api.dependencies.liveChanges.listeners()).toBe(0);
});
