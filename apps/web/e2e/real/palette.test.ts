import { expect, test } from "vitest";
import { startInstallation } from "./installation.ts";
import { axeFindings } from "./looks.ts";
import { dialog, heading, sectionIsShown, sectionLink, signIn } from "./screens.ts";

test("by keyboard alone one goes to sections, pages and people, and finds the shortcuts", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await signIn(installation, page, "mica");
  await sectionIsShown(page, "Welcome");
  await page.keyboard.press("Control+k");
  const palette = page.getByRole("dialog", { name: "Go to" });
  await palette.waitFor();
  await page.keyboard.type("financ");
  await palette.getByRole("menuitem", { name: /^Finance/ }).waitFor();
  await page.keyboard.press("Enter");
  await sectionIsShown(page, "Finance");
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("H1");

  // People are those whom the server finds; what was open last stands first. On a low screen it
  // rolls, and what the arrow keys reach is seen.
  await page.setViewportSize({ width: 640, height: 420 });
  await page.keyboard.press("Control+k");
  await palette.getByRole("menuitem").first().getByText("Welcome").waitFor();
  expect(await axeFindings(page, "palette")).toEqual([]);
  await page.keyboard.press("ArrowUp");
  const last = palette.getByRole("menuitem").last();
  await expect
    .poll(async () => {
      const { y = 0, height = 0 } = (await last.boundingBox()) ?? {};
      return y > 0 && y + height <= 420 && (await last.getAttribute("data-focused")) === "true";
    })
    .toBe(true);
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.keyboard.type("mike");
  await palette.getByRole("menuitem", { name: /^Mike Lindqvist/ }).waitFor();
  await page.keyboard.press("Enter");
  await heading(page, "Mike Lindqvist").waitFor();

  await page.keyboard.press("?");
  const shortcuts = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await shortcuts.getByText("From point to point").waitFor();
  // What asks something comes first.
  await page.keyboard.press("Control+k");
  await shortcuts.waitFor({ state: "detached" });
  expect(await dialog(page).count()).toBe(0);

  // In a field, a question mark is one.
  await page.goto(installation.at("/admin/users"));
  const search = page.getByLabel("Search by name or e-mail");
  await search.fill("who");
  await page.keyboard.type("?");
  expect(await search.inputValue()).toBe("who?");
  expect(await dialog(page).count()).toBe(0);
});

test("whoever administers nothing opens it with the button, finds what is theirs, and signs out", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await signIn(installation, page, "mike");
  await sectionLink(page, "Marketing").waitFor();
  await page.getByRole("button", { name: "Go to…" }).click();
  const palette = page.getByRole("dialog", { name: "Go to" });
  const titles = async (): Promise<string[]> =>
    (await palette.getByRole("menuitem").allInnerTexts()).map((text) => text.trim());
  await expect
    .poll(titles)
    .toEqual(["Welcome", "Marketing", "Your account", "Keyboard shortcuts", "Sign out"]);
  await page.keyboard.type("finance");
  await palette.getByText("Nothing is called so.").waitFor();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("sign out");
  await palette.getByRole("menuitem", { name: /^Sign out/ }).waitFor();
  await page.keyboard.press("Enter");
  await page.getByText("You are signed out.").waitFor();
});
