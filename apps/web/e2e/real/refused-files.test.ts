/**
 * The page's own files are refused for a while, by a limit of requests or a server that restarts:
 * nobody has to reload.
 */
import { expect, test } from "vitest";
import { startInstallation } from "./installation.ts";
import { heading, isMarked, markPage, sectionIsShown, signIn } from "./screens.ts";

const filesAreLate = "This page’s files have not arrived";
const partIsLate = "A part of this page has not arrived yet.";

test.each([
  ["scripts", /\.js$/, 429],
  ["configuration", /config\.json$/, 502],
  ["files of every kind", /./, 503],
])(
  "a page whose %s are refused says so, and begins when they are there",
  async (_, paths, status) => {
    const installation = await startInstallation({ fallsBackToIndex: true });
    // The page itself has come; with every file refused, so would that be.
    const files = paths.source === "." ? /^\/(assets|config)/ : paths;
    for (const path of ["/", "/sections/welcome"]) {
      installation.site.refuse(files, status);
      // In a profile of its own, whose cache has none of the files.
      const page = await installation.newPage();
      await page.goto(installation.at(path));
      await page.getByText(filesAreLate).waitFor();
      installation.site.refuse(null);
      await sectionIsShown(page, "Welcome");
      expect(await page.getByText(filesAreLate).count()).toBe(0);
      // It has its styles, too.
      expect(await page.evaluate(() => getComputedStyle(document.body).fontFamily)).toContain(
        "Inter",
      );
    }
  },
);

test("styles that are refused come later", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  installation.site.refuse(/\.css$/);
  await page.goto(installation.at("/"));
  await sectionIsShown(page, "Welcome");
  installation.site.refuse(null);
  await expect
    .poll(() => page.evaluate(() => getComputedStyle(document.body).fontFamily))
    .toContain("Inter");
});

test("a part of the page that is refused is said to be late, and comes by itself, with its styles", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await signIn(installation, page, "mica");
  await markPage(page);
  installation.site.refuse(/account-page/, 429);
  await page.getByRole("button", { name: "Account: Mica Okafor" }).click();
  await page.getByRole("link", { name: "Your account" }).click();
  await page.getByText(partIsLate).waitFor();
  installation.site.refuse(null);
  await heading(page, "Your account").waitFor();
  await page.getByText(partIsLate).waitFor({ state: "detached" });
  expect(await isMarked(page)).toBe(true);
});

test("a part that is gone, since the site has been updated, is not waited for", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await signIn(installation, page, "mica");
  installation.site.refuse(/account-page/, 404);
  await page.getByRole("button", { name: "Account: Mica Okafor" }).click();
  await page.getByRole("link", { name: "Your account" }).click();
  await page.getByText("It may have been updated meanwhile: reload it.").waitFor();
  expect(await page.getByText(partIsLate).count()).toBe(0);
});
