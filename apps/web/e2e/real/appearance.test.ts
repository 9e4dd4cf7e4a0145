import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import {
  days,
  seconds,
  startInstallation,
  type Installation,
  type InstallationOptions,
} from "./installation.ts";
import { axeFindings, keepPicture, lookAt, narrow, tooWide, wide } from "./looks.ts";
import { addShopSection, shopPanels } from "./shop-section.ts";
import {
  connectionBanner,
  dialog,
  heading,
  noAccess,
  sectionIsShown,
  sectionLink,
  signIn,
  submitSignIn,
} from "./screens.ts";

interface Screen {
  readonly name: string;
  readonly who: string | null;
  readonly options?: InstallationOptions;
  /** Of screens that are looked at together; without one, it is looked at alone. */
  readonly walk?: string;
  show(page: Page, installation: Installation): Promise<void>;
}

const section = (slug: string, title: string): Screen => ({
  name: `section-${slug}`,
  who: "mica",
  walk: "the sections",
  show: async (page, { at }) => {
    await page.goto(at(`/sections/${slug}`));
    await sectionIsShown(page, title);
  },
});

const screens: readonly Screen[] = [
  {
    name: "welcome-of-a-visitor",
    who: null,
    walk: "the pages of a visitor",
    show: async (page, { at }) => {
      await page.goto(at("/"));
      await sectionIsShown(page, "Welcome");
    },
  },
  {
    name: "sign-in",
    who: null,
    walk: "the pages of a visitor",
    show: async (page, { at }) => {
      await page.goto(at("/sign-in"));
      await heading(page, "Sign in").waitFor();
    },
  },
  {
    name: "sign-in-refused",
    who: null,
    walk: "the pages of a visitor",
    show: async (page, { at }) => {
      await page.goto(at("/sign-in?next=%2Fsections%2Ffinance"));
      await submitSignIn(page, "nobody-here", "not the passphrase");
      await page.getByText("The user name or the password is not right.").waitFor();
    },
  },
  {
    name: "setup",
    who: null,
    walk: "the pages of a visitor",
    show: async (page, { at }) => {
      await page.goto(at("/setup"));
      await heading(page, "Welcome").waitFor();
      await page.getByRole("button", { name: "Create the admin" }).click();
      await page.getByText(/things need your attention/).waitFor();
    },
  },
  {
    name: "sign-in-after-the-end",
    who: "mica",
    show: async (page, { at, timePasses }) => {
      await page.goto("about:blank");
      await timePasses(days(8));
      await page.goto(at("/sections/finance"));
      await heading(page, "Sign in").waitFor();
      await page.getByText("You were away for a long time").waitFor();
    },
  },
  {
    name: "something-went-wrong",
    who: "mica",
    show: async (page, { at }) => {
      // Its file arrives, and is broken: what does not arrive is asked for again.
      await page.route("**/account-page-*.js", (route) =>
        route.fulfill({ contentType: "text/javascript", body: "throw new Error('broken')" }),
      );
      await page.goto(at("/account"));
      await heading(page, "Something went wrong").waitFor();
    },
  },
  {
    name: "section-not-loaded",
    who: "mica",
    show: async (page, { at, siteOrigin }) => {
      const headers = {
        "access-control-allow-origin": siteOrigin,
        "access-control-allow-credentials": "true",
        // Without it the answer would be taken for somebody else's.
        "access-control-expose-headers": "X-Request-Id",
        "x-request-id": "req_AAAAAAAAAAAAAAAAAAAAAA",
      };
      const problem = {
        type: "https://api.example.com/problems/internal",
        title: "Fault",
        status: 500,
        detail: "Something failed on the server.",
        code: "internal",
        requestId: "req_AAAAAAAAAAAAAAAAAAAAAA",
      };
      await page.route("**/sections/finance?*", (route) =>
        route.fulfill({
          status: 500,
          headers,
          contentType: "application/problem+json",
          body: JSON.stringify(problem),
        }),
      );
      await page.goto(at("/sections/finance"));
      await heading(page, "This section could not be loaded").waitFor();
    },
  },
  {
    name: "idle-warning",
    who: "mica",
    options: { environment: { SALLYPORT_SESSION_IDLE_SECONDS: "600" } },
    show: async (page, { at, serverClockAdvances }) => {
      await page.clock.install();
      await page.goto(at("/account"));
      await heading(page, "Your account").waitFor();
      serverClockAdvances(seconds(490));
      await page.clock.fastForward(seconds(490));
      await page.getByRole("alertdialog", { name: "Are you still there?" }).waitFor();
    },
  },
  {
    name: "another-user",
    who: "mica",
    show: async (page, { at, wire, serverClockAdvances }) => {
      const before = wire.requests.length;
      await page.goto(at("/account"));
      await heading(page, "Your account").waitFor();
      // Nobody does anything on it: that its session is over it only hears while it listens.
      await expect
        .poll(() =>
          wire.requests
            .slice(before)
            .some(({ path, status }) => path === "/session/events" && status === 200),
        )
        .toBe(true);
      serverClockAdvances(days(8));
      await dialog(page).waitFor();
      await submitSignIn(page, "mike");
      await page.getByText("You are signed in as Mike Lindqvist now.").waitFor();
      await heading(page, "Your account").waitFor();
    },
  },
  {
    name: "page-not-found",
    who: null,
    walk: "the pages of a visitor",
    show: async (page, { at }) => {
      await page.goto(at("/no-such-page"));
      await heading(page, "This page does not exist").waitFor();
    },
  },
  {
    name: "config-problem",
    who: null,
    options: { config: null },
    show: async (page, { at }) => {
      await page.goto(at("/"));
      await page.getByText("config.json could not be read").waitFor();
    },
  },
  {
    name: "cookies-blocked",
    who: "mica",
    options: { config: { bearerFallback: true } },
    show: async (page, { at, siteOrigin }) => {
      const headers = {
        "access-control-allow-origin": siteOrigin,
        "access-control-allow-credentials": "true",
        // Without it the answer would be taken for somebody else's.
        "access-control-expose-headers": "X-Request-Id",
        "x-request-id": "req_1",
      };
      await page.route("**/cookie-check", (route) =>
        route.fulfill({ headers, json: { access: false, refresh: false, mode: "cross-site" } }),
      );
      await page.goto(at("/cookies-blocked?next=%2Fsections%2Ffinance"));
      await page.getByText("which is another site").waitFor();
    },
  },
  section("marketing", "Marketing"),
  section("finance", "Finance"),
  section("people", "People"),
  section("operations", "Operations"),
  {
    name: "no-access",
    who: "mike",
    show: async (page, { at }) => {
      await page.goto(at("/sections/finance"));
      await heading(page, noAccess).waitFor();
    },
  },
  {
    name: "no-section-at-all",
    who: "nora",
    show: async (page, { at, api }) => {
      api.runSql("update sections set visibility = 'restricted'");
      await page.goto(at("/"));
      await heading(page, "Nothing to see here yet").waitFor();
    },
  },
  {
    name: "admin-datasets",
    who: "mica",
    walk: "the administration",
    show: async (page, { at }) => {
      await page.goto(at("/admin/datasets"));
      await page.getByRole("grid", { name: "Datasets" }).waitFor();
    },
  },
  {
    name: "admin-audit",
    who: "mica",
    walk: "the administration",
    show: async (page, { at }) => {
      await page.goto(at("/admin/audit"));
      await page
        .getByRole("button", { name: /^Signed in/ })
        .first()
        .click();
      await page.getByRole("dialog", { name: "Signed in" }).waitFor();
    },
  },
  {
    name: "admin-users",
    who: "mica",
    walk: "the administration",
    show: async (page, { at }) => {
      await page.goto(at("/admin/users"));
      const row = page.getByRole("row", { name: /Mike Lindqvist/ });
      await row.getByRole("checkbox").focus();
      await page.keyboard.press("Space");
      await page.getByText("1 user selected").waitFor();
    },
  },
  {
    name: "admin-import-people",
    who: "mica",
    show: async (page, { at }) => {
      await page.goto(at("/admin/users"));
      await page.getByRole("button", { name: "Import…" }).click();
      const buffer = Buffer.from("username,displayName,roles\nmike,Mike,\nzoe,Zoë,nobodies\n");
      const file = { name: "people.csv", mimeType: "text/csv", buffer };
      await page.getByRole("dialog").getByLabel("File").setInputFiles(file);
      await page.getByText("Line 3, roles").waitFor();
    },
  },
  {
    name: "admin-user",
    who: "mica",
    walk: "the administration",
    show: async (page, { at }) => {
      await page.goto(at("/admin/users?q=mike"));
      await page.getByRole("link", { name: "Mike Lindqvist" }).click();
      await page
        .getByText(/^Why: /)
        .first()
        .waitFor();
    },
  },
  {
    name: "admin-delete-dataset",
    who: "mica",
    walk: "the administration",
    show: async (page, { at }) => {
      await page.goto(at("/admin/datasets/movies"));
      await page.getByRole("button", { name: "Delete…" }).click();
      await page
        .getByRole("alertdialog")
        .getByLabel(/^Type movies/)
        .fill("film");
      await page.keyboard.press("Enter");
      await page.getByText("This is not movies.").waitFor();
    },
  },
  {
    name: "account",
    who: "mica",
    walk: "the account",
    show: async (page, { at }) => {
      await page.goto(at("/account"));
      await heading(page, "Your account").waitFor();
    },
  },
  {
    name: "account-menu",
    who: "mica",
    walk: "the account",
    show: async (page, { at }) => {
      await page.goto(at("/sections/welcome"));
      await sectionIsShown(page, "Welcome");
      await page.getByRole("button", { name: /^Account:/ }).click();
      await page.getByRole("group", { name: "Account" }).waitFor();
    },
  },
  {
    name: "sign-out-everywhere",
    who: "mica",
    walk: "the account",
    show: async (page, { at }) => {
      await page.goto(at("/account"));
      await page.getByRole("button", { name: "Sign out everywhere…" }).last().click();
      await page.getByRole("alertdialog").waitFor();
    },
  },
  {
    name: "notice-of-a-stolen-session",
    who: "mica",
    show: async (page, { at, api }) => {
      api.runSql(
        'insert or ignore into notices (id, user_id, kind, data, at) select \'ntc_AAAAAAAAAAAAAAAAAAAAAA\', id, \'refreshTokenReused\', \'{"address":"203.0.113.9","userAgent":"curl/8.5.0","sessionStartedAt":"2026-11-20T08:00:00.000Z","sessionUserAgent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"}\', 1795338000000 from users where username = \'mica\'',
      );
      await page.goto(at("/sections/welcome"));
      await page.getByRole("region", { name: "Notices" }).waitFor();
      await sectionIsShown(page, "Welcome");
    },
  },
  {
    name: "panel-that-failed",
    who: "mica",
    show: async (page, { at, api }) => {
      api.runSql(
        "update panels set definition = json_set(definition, '$.query.select', json('[{\"column\":\"no_such_column\"}]')) where dataset_id is not null and position <= 3",
      );
      await page.goto(at("/sections/operations"));
      await page
        .getByRole("button", { name: /^Retry/ })
        .first()
        .waitFor();
    },
  },
  {
    name: "every-kind-of-panel",
    who: "mica",
    show: async (page, installation) => {
      await addShopSection(installation, {
        panels: [
          ...Object.values(shopPanels),
          {
            kind: "embed",
            title: "Status",
            width: 12,
            url: "http://status.example.test/",
            height: 200,
          },
        ],
        refreshSeconds: 30,
      });
      await page.goto(installation.at("/sections/shop"));
      await page.getByRole("slider", { name: "Read values: Sold by product" }).waitFor();
      await page.getByRole("slider", { name: "Read values: Takings by product" }).focus();
      await page.keyboard.press("ArrowLeft");
      await page.locator("[data-tooltip]").waitFor();
    },
  },
  {
    name: "charts-as-tables",
    who: "mica",
    show: async (page, installation) => {
      const [id] = await addShopSection(installation, {
        panels: [
          shopPanels.table,
          { ...shopPanels.line, width: 6 },
          { ...shopPanels.share, width: 6 },
        ],
      });
      await page.goto(installation.at(`/sections/shop?last=P3Y&sort.${id}=-takings&page.${id}=2`));
      for (const title of ["Takings by product", "Regions"]) {
        await page.getByRole("button", { name: `Actions: ${title}` }).click();
        await page.getByRole("button", { name: "View as table" }).click();
        await page.getByRole("table", { name: title }).waitFor();
      }
    },
  },
  {
    name: "menu-of-a-panel",
    who: "mica",
    show: async (page, installation) => {
      await addShopSection(installation, { panels: [shopPanels.line, shopPanels.ever] });
      await page.goto(installation.at("/sections/shop"));
      await page.getByRole("slider").waitFor();
      // A change of the window's size closes it, since its place is gone: it opens again for each
      // look.
      await page.exposeFunction("openMenu", () =>
        page.getByRole("button", { name: "Actions: Takings by product" }).click(),
      );
      await page.evaluate(() => {
        const openMenu = (globalThis as unknown as { openMenu(): Promise<void> }).openMenu;
        new ResizeObserver(
          () =>
            void setTimeout(() => !document.querySelector(":popover-open") && void openMenu(), 50),
        ).observe(document.documentElement);
      });
      await page.getByRole("button", { name: "Download PNG" }).waitFor();
    },
  },
  {
    name: "range-of-time",
    who: "mica",
    show: async (page, installation) => {
      await addShopSection(installation, {
        panels: [shopPanels.ever, shopPanels.table],
        last: "P5Y",
      });
      await page.goto(installation.at("/sections/shop?from=2024-08-02&to=2024-08-20"));
      await page.getByText("Nothing in this range").waitFor();
    },
  },
  {
    name: "connection-lost",
    who: "mica",
    show: async (page, { at, wire }) => {
      await page.goto(at("/sections/finance"));
      await sectionIsShown(page, "Finance");
      await wire.unplug();
      await page.evaluate(() =>
        (globalThis as unknown as { shiftClock(by: number): void }).shiftClock(31_000),
      );
      await page.evaluate(() =>
        document.dispatchEvent(new Event("visibilitychange", { bubbles: true })),
      );
      await connectionBanner(page).waitFor();
    },
  },
  {
    name: "sign-in-again",
    who: "mica",
    show: async (page, { at, serverClockAdvances }) => {
      await page.goto(at("/sections/finance"));
      await sectionIsShown(page, "Finance");
      serverClockAdvances(days(8));
      await sectionLink(page, "Operations").evaluate((link) => (link as HTMLElement).click());
      await dialog(page).waitFor();
    },
  },
];

/**
 * Screens that leave nothing behind are looked at one after the other by one person on one
 * installation: to begin anew for each costs as much as to look at it.
 */
const walks = Map.groupBy(screens, ({ name, walk }) => walk ?? name);

test.each([...walks].map(([name, walked]) => ({ name, walked })))(
  "axe finds nothing on $name, light and wide, dark and 320 px, and nothing scrolls sideways",
  { timeout: 480_000 },
  async ({ walked }) => {
    const [{ who, options } = {}] = walked;
    const installation = await startInstallation(options);
    const page = await installation.newPage({ reducedMotion: "reduce", viewport: wide });
    if (typeof who === "string") await signIn(installation, page, who);
    const found: string[] = [];
    for (const screen of walked) {
      await screen.show(page, installation);
      found.push(...(await lookAt(page, screen.name)));
    }
    expect(found).toEqual([]);
  },
);

test("on a phone the sections are behind a button, and go away once one is chosen", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage({ reducedMotion: "reduce", viewport: narrow });
  await signIn(installation, page, "mica");
  expect(await sectionLink(page, "Finance").isVisible()).toBe(false);
  const toggle = page.getByRole("button", { name: "Menu" });
  await toggle.click();
  expect(await toggle.getAttribute("aria-expanded")).toBe("true");
  await sectionLink(page, "Finance").waitFor();
  await keepPicture(page, "navigation-light-320");
  expect([
    ...(await axeFindings(page, "navigation")),
    ...(await tooWide(page, "navigation")),
  ]).toEqual([]);
  await sectionLink(page, "Finance").click();
  await sectionIsShown(page, "Finance");
  expect(await sectionLink(page, "Finance").isVisible()).toBe(false);
});

test("a long title leaves the header of a phone its buttons", async () => {
  const installation = await startInstallation({
    config: { title: "The figures of a company with a long name" },
  });
  const page = await installation.newPage({ viewport: narrow });
  await page.goto(installation.at("/"));
  await sectionIsShown(page, "Welcome");
  for (const control of [
    page.getByRole("button", { name: "Appearance" }),
    page.getByRole("link", { name: "Sign in" }),
  ])
    expect((await control.boundingBox())?.width).toBeGreaterThan(32);
  expect(await tooWide(page, "header")).toEqual([]);
});

test("the chosen colour scheme is there before the first paint of the next visit", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage({ colorScheme: "light" });
  await page.goto(installation.at("/sign-in"));
  await page.getByRole("button", { name: "Appearance" }).click();
  await page.getByRole("radio", { name: "Dark" }).click();
  await expect
    .poll(() => page.evaluate(() => document.documentElement.dataset["colorScheme"]))
    .toBe("dark");
  const next = await page.context().newPage();
  await next.route("**/*.js", (route) => route.abort());
  await next.goto(installation.at("/sign-in"));
  expect(
    await next.evaluate(() => [
      document.documentElement.dataset["colorScheme"],
      document.querySelector("#root")?.childElementCount,
    ]),
  ).toEqual(["dark", 0]);
});
