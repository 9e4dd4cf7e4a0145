import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { startInstallation } from "./installation.ts";
import { adminNav, heading, noAccess, sectionLink, signIn } from "./screens.ts";

const findings = async (page: Page): Promise<string[]> =>
  (await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id);

test("somebody asks for sections with a note, is let into one for a week and refused another, and is told of both", async () => {
  const installation = await startInstallation();
  const theirs = await installation.newPage();
  await signIn(installation, theirs, "nora");
  for (const [slug, note] of [
    ["finance", "The board meets on Monday.\nאני צריכה את זה"],
    ["people", ""],
    ["there-is-none", "x"],
  ] as const) {
    await theirs.goto(installation.at(`/sections/${slug}`));
    await heading(theirs, noAccess).waitFor();
    await theirs.getByLabel("Note").fill(note);
    await theirs.getByRole("button", { name: "Request access" }).click();
    await theirs.getByText("You have asked for access").waitFor();
    await expect
      .poll(() => theirs.evaluate(() => document.activeElement?.textContent))
      .toBe(noAccess);
  }
  await theirs.getByRole("button", { name: "Change the note…" }).click();
  expect(await theirs.getByLabel("Note").inputValue()).toBe("x");
  expect(await findings(theirs)).toEqual([]);
  await theirs.goto(installation.at("/sections/finance"));
  await theirs.getByText("You have asked for access").waitFor();

  const page = await installation.newPage({ viewport: { width: 320, height: 700 } });
  await signIn(installation, page, "mica");
  await page.goto(installation.at("/admin/requests"));
  await heading(page, "Access requests").waitFor();
  const rows = page.getByRole("row", { name: /Nora/ });
  await expect.poll(() => rows.count()).toBe(2);
  expect(await findings(page)).toEqual([]);
  await page.setViewportSize({ width: 1280, height: 800 });
  await adminNav(page).getByText("2 waiting").waitFor();
  await page.setViewportSize({ width: 1280, height: 800 });
  // By keyboard: into the row, along it, and Enter.
  const focused = (): Promise<string | null> =>
    page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? null);
  await rows.first().focus();
  for (let steps = 0; steps < 12 && !(await focused())?.startsWith("A week: "); steps += 1)
    await page.keyboard.press("ArrowRight");
  expect(await focused()).toBe("A week: grant Finance to Nora Haddad");
  await page.keyboard.press("Enter");
  await page.getByText(/may see Finance from now on, until/).waitFor();
  await expect.poll(() => rows.count()).toBe(1);
  await heading(theirs, "Finance").waitFor();
  await sectionLink(theirs, "Finance").waitFor();

  await page.getByRole("button", { name: /^Until…: grant People/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Grant" }).click();
  await page.getByText("Choose a day.").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: /^No: do not grant People/ }).click();
  await page.getByText("Nobody waits for an answer.").waitFor();
  // What was pressed has gone with the table.
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.textContent))
    .toBe("Access requests");
  // Nobody is told at once, or it would be known that there is something.
  installation.serverClockAdvances(10 * 60_000);
  await theirs.goto(installation.at("/sections/people"));
  await theirs.getByText("Your request is no longer open").waitFor();
  // Asked again, it appears where the list is open.
  await theirs.getByRole("button", { name: "Request access" }).click();
  await theirs.getByText("You have asked for access").waitFor();
  await expect.poll(() => rows.count(), { timeout: 15_000 }).toBe(1);
  await adminNav(page).getByText("1 waiting").waitFor();
});
