import "@fontsource-variable/inter/index.css";
import "./ui/global.css";
import { SallyportProvider } from "@sallyport/shared/react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode, useSyncExternalStore, type ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { createBrowserRouter, RouterProvider } from "react-router";
import { basenameOf, rememberBasePath } from "./base-path.ts";
import { loadConfig } from "./config.ts";
import { routes } from "./routes.tsx";
import { AppSessionContext } from "./session/app-session-context.ts";
import { createAppSession, type AppSession } from "./session/app-session.ts";
import { Button } from "./ui/button.tsx";
import { followColorScheme } from "./ui/chosen-color-scheme.ts";
import { ConfigProblemPage } from "./ui/config-problem-page.tsx";

// From here on the stylesheet follows the attribute; what the boot script set bridged the time
// before it.
document.documentElement.style.removeProperty("color-scheme");
followColorScheme();

function App({
  app,
  router,
}: {
  readonly app: AppSession;
  readonly router: ReturnType<typeof createBrowserRouter>;
}): ReactNode {
  const client = useSyncExternalStore(app.subscribe, app.client);
  return (
    <AppSessionContext value={app}>
      <QueryClientProvider client={app.queryClient}>
        <SallyportProvider client={client} mayAsk={app.updates.mayAsk}>
          <RouterProvider router={router} />
        </SallyportProvider>
      </QueryClientProvider>
    </AppSessionContext>
  );
}

/**
 * The router keeps the place of a page under the key of its entry in the history, and calls every
 * entry alike that it finds without one: whatever page a tab is opened at would begin at the place
 * of the one before.
 */
const nameHistoryEntry = (): void => {
  const state = window.history.state as { readonly key?: string } | null;
  if (state?.key !== undefined) return;
  window.history.replaceState({ ...state, key: Math.random().toString(36).slice(2) }, "");
};

const start = async (): Promise<ReactNode> => {
  try {
    const installed = await loadConfig(window.sallyportConfig);
    rememberBasePath(new URL(document.baseURI).pathname);
    // A constant of the build: without that mode, nothing of the mock is in it.
    const mocked =
      import.meta.env.MODE === "mock"
        ? await (await import("./mock/start-mock.tsx")).startMock()
        : null;
    if (mocked && "problem" in mocked) return await mocked.problem;
    const config = { ...installed, ...mocked };
    const queryClient = new QueryClient();
    const app = createAppSession(config, queryClient, await window.sallyportEarly);
    // Whether there is a connection is found out by asking, and told by the client: a browser that
    // thinks it is offline would only wait, and say nothing.
    queryClient.setDefaultOptions({
      queries: {
        staleTime: 30_000,
        refetchOnWindowFocus: app.updates.mayAsk,
        networkMode: "always",
      },
      mutations: { networkMode: "always" },
    });
    const basename = basenameOf(document.baseURI);
    nameHistoryEntry();
    const router = createBrowserRouter(routes(app, basename), { basename });
    return <App app={app} router={router} />;
  } catch (error) {
    return (
      <ConfigProblemPage
        message={error instanceof Error ? error.message : String(error)}
        address={new URL("config.json", document.baseURI).href}
        retry={<Button onClick={() => window.location.reload()}>Try again</Button>}
      />
    );
  }
};

const root = document.getElementById("root");
// Not awaited at the top level: the bundler could then no longer put together what is always
// fetched together.
if (root) void start().then((page) => createRoot(root).render(<StrictMode>{page}</StrictMode>));
