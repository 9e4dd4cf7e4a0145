import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "vitest";
import { startInstallation } from "./installation.ts";
import { heading, noAccess, signIn } from "./screens.ts";

test("a wall screen shows its section live and alone, over a reload and a lost connection, until its link is ended", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await signIn(installation, page, "mica");
  await page.goto(installation.at("/admin/sections"));
  await page
    .getByRole("row", { name: /Operations/ })
    .getByRole("link", { name: "Display links" })
    .click();
  await heading(page, "Display links").waitFor();
  await page.getByText("No display link matches.").waitFor();
  await page.getByRole("button", { name: "New display link…" }).click();
  const form = page.getByRole("dialog", { name: "New display link" });
  await form.getByRole("button", { name: "Make the link" }).click();
  await form.getByText("Say where the screen hangs.").waitFor();
  await form.getByLabel("Where the screen hangs").fill("Lobby לובי");
  expect(await form.getByLabel("Section").inputValue()).toBe("operations");
  await form.getByRole("button", { name: "Make the link" }).click();
  const link = await page.getByLabel("Display link", { exact: true }).inputValue();
  expect(link).toContain(installation.at("/display#sp_dsp_"));
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByRole("row", { name: /Lobby/ }).waitFor();

  const wall = await installation.newPage({ viewport: { width: 1280, height: 800 } });
  await wall.goto(link);
  await heading(wall, "Operations").waitFor();
  await wall.locator("main section h2").first().waitFor();
  expect(wall.url()).toBe(installation.at("/display"));
  expect(await wall.getByRole("navigation").count()).toBe(0);
  expect((await new AxeBuilder({ page: wall }).analyze()).violations.map(({ id }) => id)).toEqual(
    [],
  );
  await wall.reload();
  await heading(wall, "Operations").waitFor();
  installation.api.runSql(
    "update sections set title = 'Doings', updated_at = updated_at + 1 where slug = 'operations'",
  );
  await heading(wall, "Doings").waitFor();

  await wall.context().setOffline(true);
  await wall.getByText("No connection").waitFor();
  await heading(wall, "Doings").waitFor();
  await wall.context().setOffline(false);
  await wall.getByText("No connection").waitFor({ state: "detached" });

  await page.getByRole("button", { name: /^End…: the display link/ }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "End it" }).click();
  await heading(wall, "This display link has ended").waitFor();
  // It has left nobody signed in.
  await wall.goto(installation.at("/sections/operations"));
  await heading(wall, "Sign in").or(heading(wall, noAccess)).waitFor();
});
