import type { ReactNode } from "react";
import type { RouteObject } from "react-router";
import { takeLinkToken } from "./features/choose-password/link-token.ts";
import { takeDisplayToken } from "./features/display/display-token.ts";
import { landingLoader } from "./features/landing/landing.ts";
import { sectionLoader } from "./features/sections/queries.ts";
import { takeSetupToken } from "./features/setup/setup-token.ts";
import { ErrorPage } from "./layouts/error-page.tsx";
import { NotFoundPage } from "./layouts/not-found-page.tsx";
import { RootLayout, type RouteHandle } from "./layouts/root-layout.tsx";
import { SignedInLayout, signedInGate } from "./layouts/signed-in-layout.tsx";
import { routePaths } from "./paths.ts";
import type { AppSession } from "./session/app-session.ts";
import { fetchCode } from "./ui/late-code.ts";
import { SectionSkeleton } from "./ui/section-skeleton.tsx";

const alone: RouteHandle = { alone: true };
const Blank = (): ReactNode => null;

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
                lazy: {
                  Component: async () =>
                    (await fetchCode(() => import("./layouts/see-as-layout.tsx"))).SeeAsLayout,
                },
                children: [
                  {
                    index: true,
                    lazy: {
                      Component: async () =>
                        (await fetchCode(() => import("./layouts/see-as-layout.tsx")))
                          .SeeAsIndexPage,
                    },
                  },
                  {
                    path: routePaths.seeAsSection,
                    lazy: {
                      Component: async () =>
                        (await fetchCode(() => import("./features/sections/section-page.tsx")))
                          .SectionPage,
                    },
                  },
                ],
              },
              {
                path: routePaths.admin,
                lazy: {
                  Component: async () =>
                    (await fetchCode(() => import("./layouts/admin-layout.tsx"))).AdminLayout,
                },
                children: [
                  {
                    index: true,
                    lazy: {
                      Component: async () =>
                        (await fetchCode(() => import("./layouts/admin-layout.tsx")))
                          .AdminIndexPage,
                    },
                  },
                  {
                    path: routePaths.adminUsers,
                    lazy: {
                      Component: async () =>
                        (await fetchCode(() => import("./features/admin-users/users-page.tsx")))
                          .UsersPage,
                    },
                  },
                  {
                    path: routePaths.adminUser,
                    lazy: {
                      Component: async () =>
                        (await fetchCode(() => import("./features/admin-users/user-page.tsx")))
                          .UserPage,
                    },
                  },
                  {
                    path: routePaths.adminRoles,
                    lazy: {
                      Component: async () =>
                        (await fetchCode(() => import("./features/admin-roles/roles-page.tsx")))
                          .RolesPage,
                    },
                  },
                  {
                    path: routePaths.adminRole,
                    lazy: {
                      Component: async () =>
                        (await fetchCode(() => import("./features/admin-roles/role-page.tsx")))
                          .RolePage,
                    },
                  },
                  {
                    path: routePaths.adminGrants,
                    lazy: {
                      Component: async () =>
                        (await fetchCode(() => import("./features/admin-grants/grants-page.tsx")))
                          .GrantsPage,
                    },
                  },
                  {
                    path: routePaths.adminSectionAccess,
                    lazy: {
                      Component: async () =>
                        (
                          await fetchCode(
                            () => import("./features/admin-sections/section-access-page.tsx"),
                          )
                        ).SectionAccessPage,
                    },
                  },
                  {
                    path: routePaths.adminSections,
                    lazy: {
                      Component: async () =>
                        (
                          await fetchCode(
                            () => import("./features/admin-sections/sections-page.tsx"),
                          )
                        ).SectionsPage,
                    },
                  },
                  {
                    path: routePaths.adminSectionOrder,
                    lazy: {
                      Component: async () =>
                        (await fetchCode(() => import("./features/admin-sections/order-page.tsx")))
                          .OrderPage,
                    },
                  },
                  {
                    path: routePaths.adminSectionEdit,
                    lazy: {
                      Component: async () =>
                        (await fetchCode(() => import("./features/admin-sections/editor-page.tsx")))
                          .EditorPage,
                    },
                  },
                  {
                    path: routePaths.adminImport,
                    lazy: {
                      Component: async () =>
                        (await fetchCode(() => import("./features/admin-datasets/import-page.tsx")))
                          .ImportPage,
                    },
                  },
                  {
                    path: routePaths.adminDatasets,
                    lazy: {
                      Component: async () =>
                        (
                          await fetchCode(
                            () => import("./features/admin-datasets/datasets-page.tsx"),
                          )
                        ).DatasetsPage,
                    },
                  },
                  {
                    path: routePaths.adminDataset,
                    lazy: {
                      Component: async () =>
                        (
                          await fetchCode(
                            () => import("./features/admin-datasets/dataset-page.tsx"),
                          )
                        ).DatasetPage,
                    },
                  },
                  {
                    path: routePaths.adminDisplays,
                    lazy: {
                      Component: async () =>
                        (
                          await fetchCode(
                            () => import("./features/admin-displays/displays-page.tsx"),
                          )
                        ).DisplaysPage,
                    },
                  },
                  {
                    path: routePaths.adminRequests,
                    lazy: {
                      Component: async () =>
                        (
                          await fetchCode(
                            () => import("./features/admin-requests/requests-page.tsx"),
                          )
                        ).RequestsPage,
                    },
                  },
                  {
                    path: routePaths.adminSessions,
                    lazy: {
                      Component: async () =>
                        (
                          await fetchCode(
                            () => import("./features/admin-sessions/sessions-page.tsx"),
                          )
                        ).SessionsPage,
                    },
                  },
                  {
                    path: routePaths.adminAudit,
                    lazy: {
                      Component: async () =>
                        (await fetchCode(() => import("./features/admin-audit/audit-page.tsx")))
                          .AuditPage,
                    },
                  },
                  { path: "*", Component: NotFoundPage },
                ],
              },
            ],
          },
          { path: "*", Component: NotFoundPage },
        ],
      },
    ],
  },
];
