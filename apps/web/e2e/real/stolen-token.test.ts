import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { minutes, seconds, startInstallation, type Installation } from "./installation.ts";
import {
  dialog,
  heading,
  openSection,
  sectionIsShown,
  sectionLink,
  signIn,
  submitSignIn,
} from "./screens.ts";

const reasonOfReuse = /Someone else used an old copy of your session/;
const noticeTitle = "One of your sessions was ended because someone used an old copy of it";

const refreshCookie = async (page: Page, { apiUrl }: Installation): Promise<string> => {
  const cookie = (await page.context().cookies(apiUrl)).find(({ name }) =>
    name.includes("-refresh-"),
  );
  expect(cookie, "the refresh cookie").toBeDefined();
  return `${cookie!.name}=${cookie!.value}`;
};

const refreshElsewhere = (installation: Installation, cookie: string): Promise<Response> =>
  fetch(`${installation.apiUrl}/refresh`, {
    method: "POST",
    headers: {
      cookie,
      origin: installation.siteOrigin,
      "idempotency-key": "another-client",
      "user-agent": "curl/8.5.0",
    },
  });

const expire = (installation: Installation): void => installation.serverClockAdvances(minutes(6));

test("a stolen refresh token, used after its owner has moved on, ends the session, and its owner is told", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await signIn(installation, page, "mica");
  const stolen = await refreshCookie(page, installation);
  expire(installation);
  await openSection(page, "Finance");
  installation.serverClockAdvances(seconds(11));

  const answer = await refreshElsewhere(installation, stolen);
  expect(answer.status).toBe(401);
  expect(await answer.json()).toMatchObject({ code: "refresh_invalid", reason: "reuse" });
  expect(answer.headers.getSetCookie()).toEqual([]);

  // The server tells the page; nobody has to touch it.
  await dialog(page).getByText(reasonOfReuse).waitFor();
  await submitSignIn(page, "mica");
  // Only when it is known that the browser has kept the cookies.
  await dialog(page).waitFor({ state: "detached" });
  await sectionIsShown(page, "Finance");

  const notices = page.getByRole("region", { name: "Notices" });
  await notices.getByText(noticeTitle).waitFor();
  await notices.getByText(/by .*curl/i).waitFor();
  await notices.getByRole("button", { name: "Dismiss" }).click();
  await notices.waitFor({ state: "detached" });
  await page.reload();
  await sectionIsShown(page, "Finance");
  expect(await page.getByText(noticeTitle).count()).toBe(0);
});

test("a thief who refreshes first loses the session as soon as its owner comes back", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await signIn(installation, page, "mica");
  expire(installation);
  const answer = await refreshElsewhere(installation, await refreshCookie(page, installation));
  expect(answer.status).toBe(200);
  const thiefs = answer.headers.getSetCookie().map((cookie) => cookie.split(";")[0]!);
  const asThief = () =>
    fetch(`${installation.apiUrl}/session`, { headers: { cookie: thiefs.join("; ") } });
  expect((await asThief()).status).toBe(200);
  installation.serverClockAdvances(seconds(11));

  await sectionLink(page, "Finance").click();
  await dialog(page).getByText(reasonOfReuse).waitFor();
  expect((await asThief()).status).toBe(401);
  await submitSignIn(page, "mica");
  await heading(page, "Finance").waitFor();
  await page.getByText(noticeTitle).waitFor();
});
