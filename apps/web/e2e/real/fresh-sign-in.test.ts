import { expect, test } from "vitest";
import { samplePasswordOf } from "@sallyport/shared/sample";
import { minutes, startInstallation } from "./installation.ts";
import { lookAt } from "./looks.ts";
import { heading, isMarked, markPage, signIn } from "./screens.ts";

const next = "seventeen patient otters";

test("what gives rights asks for the password and goes on by itself; a change of password ends other sessions, where nothing typed is lost", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await signIn(installation, page, "mica");
  await page.goto(installation.at("/admin/users?q=mike"));
  await page.getByRole("link", { name: "Mike Lindqvist" }).click();
  await heading(page, "Mike Lindqvist").waitFor();
  await markPage(page);
  await installation.timePasses(minutes(5));
  const edit = async () => {
    await page.getByRole("button", { name: "Edit…" }).click();
    return page.getByRole("dialog", { name: /^Edit/ });
  };
  // Nobody is asked for a name.
  let form = await edit();
  await form.getByLabel("Name").fill("Mike the First");
  await form.getByRole("button", { name: "Save" }).click();
  await heading(page, "Mike the First").waitFor();

  form = await edit();
  const asks = page.getByRole("dialog", { name: "Confirm that it is you" });
  await form.getByLabel("Name").fill("Mike the Second");
  await form.getByLabel("E-mail address (optional)").fill("second@example.com");
  await form.getByRole("button", { name: "Save" }).click();
  await asks.waitFor();
  const found = await lookAt(page, "confirm-password", true);
  await page.keyboard.press("Escape");
  await form.getByText("Nothing was changed: this needs your password.").waitFor();
  expect(await form.getByLabel("Name").inputValue()).toBe("Mike the Second");
  await form.getByRole("button", { name: "Save" }).click();
  const password = asks.getByLabel("Your password", { exact: true });
  await password.waitFor();
  await expect.poll(() => password.evaluate((field) => field.matches(":focus"))).toBe(true);
  await page.keyboard.type("not the one");
  await page.keyboard.press("Enter");
  await asks.getByText("This is not your password.").waitFor();
  await page.keyboard.type(samplePasswordOf("mica"));
  await page.keyboard.press("Enter");
  await heading(page, "Mike the Second").waitFor();
  await page.getByText("second@example.com").first().waitFor();
  expect(await page.getByRole("dialog").count()).toBe(0);

  // Somebody types here, and changes the password on another device.
  form = await edit();
  await form.getByLabel("Name").fill("Mike the Third");
  const other = await installation.newPage();
  await signIn(installation, other, "mica");
  await other.goto(installation.at("/.well-known/change-password"));
  await heading(other, "Your account").waitFor();
  const card = other.getByRole("region", { name: "Password" });
  const chosen = card.getByLabel("New password", { exact: true });
  await chosen.fill("seventeen");
  await card.getByText("Too short by 6 characters.").waitFor();
  await chosen.fill("mica-mica-okafor");
  await card.getByText("it is made of your name or address").first().waitFor();
  await chosen.fill(next);
  await card.getByText("Strong, unless").first().waitFor();
  await card.getByLabel("Current password", { exact: true }).fill("not the one");
  await card.getByRole("button", { name: "Change the password" }).click();
  await card.getByText("This is not your password.").waitFor();
  found.push(...(await lookAt(other, "account-password")));
  expect(await chosen.inputValue()).toBe(next);
  await card.getByLabel("Current password", { exact: true }).fill(samplePasswordOf("mica"));
  await chosen.press("Enter");
  await other.getByText("Your password is changed.").waitFor();
  expect(await chosen.inputValue()).toBe("");
  expect(await other.getByRole("region", { name: "Notices" }).count()).toBe(0);

  const over = page.getByRole("dialog", { name: "Sign in again" });
  await over.getByText("Your password was changed, which ended your other sessions.").waitFor();
  await over.getByLabel("Password", { exact: true }).fill(next);
  await over.getByRole("button", { name: "Sign in", exact: true }).click();
  await over.waitFor({ state: "detached" });
  expect(await form.getByLabel("Name").inputValue()).toBe("Mike the Third");
  await form.getByRole("button", { name: "Save" }).click();
  await heading(page, "Mike the Third").waitFor();
  await page.getByText("Your password was changed", { exact: true }).waitFor();
  expect(await isMarked(page)).toBe(true);
  expect(found).toEqual([]);
});
