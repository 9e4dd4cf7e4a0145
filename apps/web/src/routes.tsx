import type { ComponentType, ReactNode } from "react";
import { replace, type RouteObject } from "react-router";
import type { AdminScreenName } from "./admin-screens.ts";
import { takeLinkToken } from "./session/link-token.ts";
import { takeDisplayToken } from "./features/display/display-token.ts";
import { landingLoader } from "./features/landing/landing.ts";
import { sectionLoader } from "./features/sections/queries.ts";
import { takeSetupToken } from "./features/setup/setup-token.ts";
import { ErrorPage } from "./layouts/error-page.tsx";
import { RootLayout, type RouteHandle } from "./layouts/root-layout.tsx";
import { SignedInLayout, signedInGate } from "./layouts/signed-in-layout.tsx";
import { adminRoutePaths, paths, routePaths, type AdminRouteName } from "./paths.ts";
import type { AppSession } from "./session/app-session.ts";
import { fetchCode } from "./ui/late-code.ts";
import { SectionSkeleton } from "./ui/section-skeleton.tsx";

const alone: RouteHandle = { alone: true };
const Blank = (): ReactNode => null;

/** Which files the administration has is told late, to those who go there. */
const adminScreen = (
  name: AdminScreenName,
): { readonly Component: () => Promise<ComponentType> } => ({
  Component: async () => (await fetchCode(() => import("./admin-screens.ts"))).adminScreens[name](),
});
const namesOfAdminPages = Object.keys(adminRoutePaths) as readonly AdminRouteName[];

const notFound: RouteObject = {
  path: "*",
  lazy: {
    Component: async () =>
      (await fetchCode(() => import("./layouts/not-found-page.tsx"))).NotFoundPage,
  },
  HydrateFallback: Blank,
};

/** Every page there is. A page's code is fetched beside its data, never before it. */
export const routes = (app: AppSession, basename = "/"): RouteObject[] => [
  {
    // A wall screen has nothing around its section.
    path: routePaths.display,
    ErrorBoundary: ErrorPage,
    loader: takeDisplayToken,
    shouldRevalidate: () => false,
    lazy: {
      Component: async () =>
        (await fetchCode(() => import("./features/display/display-page.tsx"))).DisplayPage,
    },
    HydrateFallback: Blank,
  },
  {
    Component: RootLayout,
    ErrorBoundary: ErrorPage,
    children: [
      {
        ErrorBoundary: ErrorPage,
        children: [
          {
            index: true,
            loader: landingLoader(app),
            lazy: {
              Component: async () =>
                (await fetchCode(() => import("./features/landing/empty-landing-page.tsx")))
                  .EmptyLandingPage,
            },
            HydrateFallback: SectionSkeleton,
          },
          {
            path: routePaths.section,
            loader: sectionLoader(app, basename),
            // The cache decides what is fetched again.
            shouldRevalidate: ({ currentParams, nextParams }) =>
              currentParams["slug"] !== nextParams["slug"],
            lazy: {
              Component: async () =>
                (await fetchCode(() => import("./features/sections/section-page.tsx"))).SectionPage,
            },
            HydrateFallback: SectionSkeleton,
          },
          {
            path: routePaths.signIn,
            handle: alone,
            lazy: {
              Component: async () =>
                (await fetchCode(() => import("./features/sign-in/sign-in-page.tsx"))).SignInPage,
            },
            HydrateFallback: Blank,
          },
          {
            path: routePaths.cookiesBlocked,
            handle: alone,
            lazy: {
              Component: async () =>
                (await fetchCode(() => import("./features/sign-in/cookies-blocked-page.tsx")))
                  .CookiesBlockedPage,
            },
            HydrateFallback: Blank,
          },
          {
            path: routePaths.setup,
            handle: alone,
            loader: takeSetupToken,
            shouldRevalidate: () => false,
            lazy: {
              Component: async () =>
                (await fetchCode(() => import("./features/setup/setup-page.tsx"))).SetupPage,
            },
            HydrateFallback: Blank,
          },
          {
            path: routePaths.choosePassword,
            handle: alone,
            loader: takeLinkToken,
            shouldRevalidate: () => false,
            lazy: {
              Component: async () =>
                (
                  await fetchCode(
                    () => import("./features/choose-password/choose-password-page.tsx"),
                  )
                ).ChoosePasswordPage,
            },
            HydrateFallback: Blank,
          },
          {
            path: routePaths.changePassword,
            loader: () => replace(paths.account()),
          },
          {
            path: routePaths.forgottenPassword,
            handle: alone,
            lazy: {
              Component: async () =>
                (
                  await fetchCode(
                    () => import("./features/forgotten-password/forgotten-password-page.tsx"),
                  )
                ).ForgottenPasswordPage,
            },
            HydrateFallback: Blank,
          },
          {
            path: routePaths.verifyEmail,
            handle: alone,
            loader: takeLinkToken,
            shouldRevalidate: () => false,
            lazy: {
              Component: async () =>
                (await fetchCode(() => import("./features/verify-email/verify-email-page.tsx")))
                  .VerifyEmailPage,
            },
            HydrateFallback: Blank,
          },
          {
            Component: SignedInLayout,
            loader: signedInGate(app, basename),
            HydrateFallback: SectionSkeleton,
            children: [
              {
                path: routePaths.account,
                lazy: {
                  Component: async () =>
                    (await fetchCode(() => import("./features/account/account-page.tsx")))
                      .AccountPage,
                },
              },
              {
                path: routePaths.seeAs,
                lazy: adminScreen("seeAs"),
                children: [
                  { index: true, lazy: adminScreen("seeAsIndex") },
                  { path: routePaths.seeAsSection, lazy: adminScreen("seeAsSection") },
                ],
              },
              {
                path: routePaths.admin,
                lazy: adminScreen("admin"),
                children: [
                  { index: true, lazy: adminScreen("adminIndex") },
                  ...namesOfAdminPages.map((name) => ({
                    path: adminRoutePaths[name],
                    lazy: adminScreen(name),
                  })),
                  notFound,
                ],
              },
            ],
          },
          notFound,
        ],
      },
    ],
  },
];
