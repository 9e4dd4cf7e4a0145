import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "vitest";
import { startInstallation } from "./installation.ts";
import { heading, readDownload, sectionIsShown, sectionTitles, signIn } from "./screens.ts";

test("a chart is added in the editor, moved and widened by keyboard, saved, and seen on its section", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage({ viewport: { width: 1280, height: 900 } });
  await signIn(installation, page, "mica");
  await page.goto(installation.at("/sections/people"));
  await sectionIsShown(page, "People");
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await heading(page, "Edit “People”").waitFor();
  const panels = page.getByRole("list", { name: "Panels" }).getByRole("listitem");
  const titles = (): Promise<string[]> => panels.locator("section h2").allInnerTexts();
  await panels.first().waitFor();
  const before = await titles();
  const state = page.getByRole("toolbar", { name: "Editing" }).getByRole("status");
  expect(await state.textContent()).toBe("Saved");

  // Added behind the others, with something to see at once.
  await page.getByRole("button", { name: "Add a panel" }).press("Enter");
  await page.getByRole("button", { name: "Chart", exact: true }).press("Enter");
  await page.getByLabel("Dataset").selectOption({ label: "Films" });
  await page.getByLabel("Title", { exact: true }).fill("Films by year");
  await page.getByLabel("Shown as").first().selectOption({ label: "By year" });
  const added = panels.filter({ has: page.getByRole("heading", { name: "Films by year" }) });
  await added.locator("figure").waitFor();
  expect(await titles()).toEqual([...before, "Films by year"]);
  expect(await state.textContent()).toBe("Not saved");

  // What cannot be run is said beside its field, and the field is led to.
  await page.getByLabel("Time zone").fill("Mars/Olympus");
  const said = page.getByText("This must be an IANA time zone, such as Europe/Paris.");
  await expect.poll(() => said.count()).toBe(2);
  await page.getByRole("button", { name: "This must be an IANA time zone" }).press("Enter");
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.getAttribute("aria-invalid")))
    .toBe("true");
  await page.keyboard.press("Control+A");
  await page.keyboard.press("Delete");
  await expect.poll(() => said.count()).toBe(0);

  // By its handles: to the first place, as wide as the grid, and one step back.
  const move = page.getByRole("button", { name: "Move: Films by year" });
  await move.focus();
  for (let place = before.length; place > 0; place -= 1) await page.keyboard.press("ArrowLeft");
  expect(await titles()).toEqual(["Films by year", ...before]);
  await page.getByText(`Place 1 of ${before.length + 1}.`).waitFor({ state: "attached" });
  expect(await move.evaluate((handle) => handle === document.activeElement)).toBe(true);
  const width = page.getByRole("slider", { name: "Width: Films by year" });
  await width.focus();
  for (let columns = 6; columns < 12; columns += 1) await page.keyboard.press("ArrowRight");
  await expect.poll(() => width.getAttribute("aria-valuenow")).toBe("12");
  await page.keyboard.press("Control+Z");
  await expect.poll(() => width.getAttribute("aria-valuenow")).toBe("6");
  await page.keyboard.press("Control+Shift+Z");
  await expect.poll(() => width.getAttribute("aria-valuenow")).toBe("12");

  // By pointer: it is let go behind the second panel, and taken back.
  await page.mouse.move(0, 0);
  await move.hover();
  await page.mouse.down();
  const second = await panels.nth(1).boundingBox();
  if (!second) throw new Error("The second panel is not drawn.");
  await page.mouse.move(second.x + second.width - 10, second.y + second.height / 2, { steps: 5 });
  await page.mouse.up();
  expect((await titles()).slice(0, 2)).toEqual([before[0], "Films by year"]);
  await page.getByRole("button", { name: "Undo" }).click();
  expect((await titles())[0]).toBe("Films by year");

  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
  }

  // Back from its fields, the focus is where the panel stands.
  await page.getByRole("button", { name: "Back to the section" }).press("Enter");
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.getAttribute("aria-label")))
    .toBe("Edit: Films by year");

  // Nobody leaves without being asked.
  await page.getByRole("link", { name: "View the section" }).click();
  const question = page.getByRole("alertdialog", { name: "Leave without saving?" });
  await question.getByRole("button", { name: "Stay here" }).press("Enter");
  await question.waitFor({ state: "detached" });
  await page.keyboard.press("Control+S");
  await expect.poll(() => state.textContent()).toBe("Saved");
  await page.getByRole("link", { name: "View the section" }).click();
  await sectionIsShown(page, "People");
  expect(await page.locator("main section h2").first().textContent()).toBe("Films by year");
});

test("what somebody else has saved meanwhile is shown beside one's own, and not overwritten unseen", async () => {
  const installation = await startInstallation();
  const context = await installation.newContext();
  const [page, other] = [await context.newPage(), await context.newPage()];
  await signIn(installation, page, "mica");
  for (const one of [page, other]) {
    await one.goto(installation.at("/admin/sections"));
    const list = one.getByRole("grid", { name: "Sections" });
    await list.getByRole("link", { name: "Finance", exact: true }).click();
    await heading(one, "Edit “Finance”").waitFor();
  }
  await page.getByLabel("Title", { exact: true }).fill("Money");
  await other.getByLabel("Description", { exact: true }).fill("Theirs");
  await other.getByRole("button", { name: "Save" }).click();
  await other.getByText("The section is saved.").waitFor();

  // It is said at once, and what is being typed stays.
  await page.getByText("Somebody else has saved this section meanwhile").waitFor();
  expect(await page.getByLabel("Title", { exact: true }).inputValue()).toBe("Money");
  await page.getByRole("button", { name: "Look at both" }).press("Enter");
  await page.getByRole("row", { name: /Description.*Theirs/ }).waitFor();
  await page.getByRole("button", { name: "Back to the form" }).press("Enter");
  await page.getByRole("button", { name: "Save" }).click();
  const dialog = page.getByRole("alertdialog", { name: "“Money” was changed meanwhile" });
  await dialog.getByRole("row", { name: /Description.*Theirs/ }).waitFor();
  await dialog.getByRole("row", { name: /Title.*Finance.*Money/ }).waitFor();
  await dialog.getByRole("button", { name: "Keep it as it is now" }).click();
  await expect.poll(() => page.getByLabel("Title", { exact: true }).inputValue()).toBe("Finance");
  expect(await page.getByLabel("Description", { exact: true }).inputValue()).toBe("Theirs");

  // What was given up is one step back, and saved on what there is now.
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("The section is saved.").waitFor();
  await other.goto(installation.at("/sections/finance"));
  await heading(other, "Money").waitFor();
});

test("a section is made from a dataset, gets another slug, is copied, deleted, put first and found", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage({ viewport: { width: 1280, height: 900 } });
  await signIn(installation, page, "mica");
  await page.goto(installation.at("/admin/sections"));
  await page.getByRole("button", { name: "New section…" }).press("Enter");
  const form = page.getByRole("dialog", { name: "New section" });
  await page.keyboard.type("Films");
  await form.getByLabel("Slug").fill("welcome");
  await form.getByLabel("Begin with").selectOption({ label: "Panels of Films" });
  await page.keyboard.press("Tab");
  await form.getByRole("button", { name: "Create it" }).press("Enter");
  await form.getByText("Another section has this slug already.").waitFor();
  await form.getByLabel("Slug").fill("");
  await page.keyboard.press("Enter");
  await heading(page, "Edit “Films”").waitFor();
  expect(new URL(page.url()).pathname).toBe("/admin/sections/films/edit");
  await page.getByRole("list", { name: "Panels" }).locator("figure").first().waitFor();

  // Its address, and a copy of it.
  const more = async (item: string): Promise<void> => {
    await page.getByRole("button", { name: "More", exact: true }).press("Enter");
    await page.getByRole("button", { name: item }).press("Enter");
  };
  await more("Change its slug…");
  await page.getByRole("dialog", { name: "Slug of “Films”" }).getByLabel("Slug").fill("movies");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/admin/sections/movies/edit");
  await more("Duplicate it…");
  await page.getByRole("dialog", { name: "Duplicate “Films”" }).waitFor();
  await page.keyboard.press("Enter");
  await heading(page, "Edit “Films (copy)”").waitFor();
  await more("Delete it…");
  await page.getByLabel("Type films-copy to confirm").fill("films-copy");
  await page.keyboard.press("Enter");
  await heading(page, "Sections").waitFor();

  // The order: nobody leaves before it is saved, and the navigation has it at once.
  await page.getByRole("link", { name: "Change the order" }).press("Enter");
  const move = page.getByRole("button", { name: "Move: Films" });
  await move.focus();
  for (let steps = 0; steps < 5; steps += 1) await page.keyboard.press("ArrowUp");
  await page.getByText("Films: place 1 of 6.").waitFor({ state: "attached" });
  const order = page.getByRole("list", { name: "Sections in their order" });
  const place = await order.getByRole("listitem").nth(1).boundingBox();
  await page.getByRole("button", { name: "Move: Operations" }).hover();
  await page.mouse.down();
  if (place) await page.mouse.move(place.x + 60, place.y + 5, { steps: 5 });
  await page.mouse.up();
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
  await page.getByRole("button", { name: "Save" }).click();
  await heading(page, "Sections").waitFor();
  await expect
    .poll(() => sectionTitles(page))
    .toEqual(["Films", "Operations", "Welcome", "Marketing", "Finance", "People"]);

  const list = page.getByRole("grid", { name: "Sections" });
  await page.getByLabel("Search by title or slug").fill("ovie");
  await page.getByText("1 section", { exact: true }).waitFor();
  await list.getByRole("row", { name: /Films/ }).waitFor();
  const found = await new AxeBuilder({ page }).analyze();
  expect(found.violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);

  // Links with the slug of before lead on, whatever else stands in them.
  await page.goto(installation.at("/sections/films?last=P1Y"));
  await sectionIsShown(page, "Films");
  await expect.poll(() => new URL(page.url()).pathname).toBe("/sections/movies");
  expect(new URL(page.url()).search).toBe("?last=P1Y");
});

test("a section is made from a file that is mended first, is public after a question only, and downloaded", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage({ viewport: { width: 1280, height: 900 } });
  await signIn(installation, page, "mica");
  await page.goto(installation.at("/admin/sections"));
  await page.getByRole("button", { name: "From a file…" }).press("Enter");
  const form = page.getByRole("dialog", { name: "A section from a file" });
  const choose = async (text: string): Promise<void> => {
    const chooser = page.waitForEvent("filechooser");
    await form.getByRole("button", { name: "Choose a file…" }).press("Enter");
    await (
      await chooser
    ).setFiles({ name: "films.json", mimeType: "application/json", buffer: Buffer.from(text) });
  };
  await choose('{\n  "slug": "films",\n  title\n}');
  await form.getByText("This is no JSON.").waitFor();
  await form.getByText("Line 3:").waitFor();
  const film = { column: "title" };
  const panel = (column: object) => ({
    kind: "table",
    title: "Films \u202Eof 2026",
    width: 12,
    query: { dataset: "movies", select: [column] },
  });
  const file = (column: object): string =>
    JSON.stringify({ slug: "films", title: "Films", panels: [panel(column)] }, null, 2);
  await choose(file({ column: "nonsense" }));
  await form.getByRole("button", { name: "Create it" }).click();
  await form.getByText('The dataset has no column "nonsense".').waitFor();
  await form.getByText("Line 13:").waitFor();
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
  await form.getByRole("button", { name: "Choose another file" }).click();
  await choose(file(film));
  await form.getByLabel("Slug").fill("welcome");
  await form.getByRole("button", { name: "Create it" }).click();
  await form.getByText("Another section has this slug already.").waitFor();
  await form.getByLabel("Slug").fill("films");
  await form.getByRole("button", { name: "Create it" }).click();
  await heading(page, "Edit “Films”").waitFor();

  await page.getByLabel("Who may see it").selectOption({ label: "Everybody, without signing in" });
  await page.getByRole("button", { name: "Save", exact: true }).click();
  const question = page.getByRole("alertdialog", { name: "Show “Films” to everybody?" });
  await question.getByText(/also without signing in/).waitFor();
  await question.getByRole("button", { name: "Cancel" }).press("Enter");
  await question.waitFor({ state: "detached" });
  const visitor = await installation.newPage();
  await visitor.goto(installation.at("/sections/films"));
  await heading(visitor, "Sign in").waitFor();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await question.getByRole("button", { name: "Save it and show it to everybody" }).click();
  await page.getByText("The section is saved.").waitFor();
  await visitor.goto(installation.at("/sections/films"));
  await sectionIsShown(visitor, "Films");

  await page.getByRole("button", { name: "More", exact: true }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download as a file" }).click();
  const kept = await download;
  expect(kept.suggestedFilename()).toBe("films.json");
  expect(JSON.parse(await readDownload(kept))).toMatchObject({
    slug: "films",
    visibility: "public",
    panels: [{ title: "Films \u202Eof 2026", query: { select: [film] } }],
  });
});
