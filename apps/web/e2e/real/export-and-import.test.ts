import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import type { Page } from "playwright-core";
import { expect, onTestFinished, test } from "vitest";
import { startInstallation } from "./installation.ts";
import { heading, signIn } from "./screens.ts";

const saved = async (page: Page, press: () => Promise<void>): Promise<[string, string]> => {
  const [download] = await Promise.all([page.waitForEvent("download"), press()]);
  return [download.suggestedFilename(), await text(await download.createReadStream())];
};

test("what is looked for is saved as a file, and people are added from one once it has no mistakes", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await signIn(installation, page, "mica");
  await page.goto(installation.at("/admin/users?q=mike"));
  await heading(page, "Users").waitFor();
  const exporting = page.getByRole("button", { name: "Export" });
  const [name, csv] = await saved(page, () => exporting.click());
  expect(name).toMatch(/^users-\d{4}-\d\d-\d\d\.csv$/);
  expect(csv).toMatch(/^id,username,.*\r\nusr_.{22},mike,Mike Lindqvist,.*\r\n$/);

  await page.getByRole("button", { name: "Import…" }).click();
  const dialog = page.getByRole("dialog", { name: "Import people" });
  // The same file, mended: its input says that nothing was chosen where it is told of it twice.
  const path = join(await mkdtemp(join(tmpdir(), "people-")), "people.csv");
  onTestFinished(() => rm(dirname(path), { recursive: true }));
  const choose = async (lines: string): Promise<void> => {
    await writeFile(path, lines);
    const chooser = page.waitForEvent("filechooser");
    await dialog.getByLabel("File").click();
    await (await chooser).setFiles(path);
  };
  await choose("username,displayName,roles\nmike,Mike,\nzoe,Zoë Ng,nobodies\n");
  await dialog.getByText("Line 3, roles: There is no role called").waitFor();
  await choose("username,displayName,roles\nzoe,Zoë Ng,marketing\nnoah,Noah,\n");
  await dialog.getByText("2 people in the file, all of them new.").waitFor();
  await dialog.getByRole("button", { name: "Add 2 people" }).press("Enter");
  const links = page.getByRole("dialog", { name: "2 people added" });
  await links.getByRole("button", { name: "Close" }).click();
  await links.getByText("The links have not been saved or copied").waitFor();
  const [, file] = await saved(page, () =>
    links.getByRole("button", { name: "Save the links as a file" }).click(),
  );
  expect(file).toContain(`zoe,Zoë Ng,${installation.at("/choose-password#")}`);
  await links.getByRole("button", { name: "Close" }).click();

  await page.goto(installation.at("/admin/audit?action=user.export"));
  const trail = page.getByRole("grid", { name: "Events" });
  await trail.getByRole("button", { name: "Users exported" }).waitFor();
  const [, lines] = await saved(page, () =>
    page.getByRole("button", { name: "Export as NDJSON" }).click(),
  );
  expect(JSON.parse(lines)).toMatchObject({
    action: "user.export",
    actor: { name: "mica" },
    detail: { format: "csv", q: "mike" },
  });
});
