import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { createWorld, type Tab, type World } from "../../test/fake-browser.ts";
import { Can, SallyportProvider, sectionQuery, useCan, useSection, useSession } from "./react.tsx";

const show = ({ client }: Tab, page: ReactNode, queryClient = new QueryClient()): string =>
  renderToStaticMarkup(
    <QueryClientProvider client={queryClient}>
      <SallyportProvider client={client}>{page}</SallyportProvider>
    </QueryClientProvider>,
  );
const signedIn = async (world: World, permissions: readonly string[]): Promise<Tab> => {
  world.server.grant("mike", ["finance"]);
  world.network.instead = (request, route) => {
    const answer = route === "POST /login" ? world.server.handle(request) : null;
    return answer && { ...answer, body: { ...(answer.body as object), permissions } };
  };
  return world.signedInTab();
};

function Rights(): ReactNode {
  const edits = useCan({ permission: "sections:write" });
  const both = useCan({ permission: "sections:write", section: "people" });
  return `${useSession()?.user.username ?? "visitor"} ${edits} ${both}`;
}

test("What is meant for a permission or a section is shown to those who have it, and the fallback to the others", async () => {
  const world = createWorld();
  const tab = await signedIn(world, ["sections:write"]);
  const page = (
    <>
      <Can permission="sections:write">writes</Can>
      <Can permission="users:write" fallback=" and no users,">
        {" "}
        and users,
      </Can>
      <Can section="finance"> sees finance</Can>
      <Can section="people"> and people</Can>
      <Can permission="sections:write" section="people" fallback=".">
        !
      </Can>
    </>
  );
  expect(show(tab, page)).toBe("writes and no users, sees finance.");
  expect(show(tab, <Rights />)).toBe("mike true false");
});

test("A page whose session is over goes on showing what its user may see; a visitor's shows nothing that needs a right", async () => {
  const world = createWorld();
  const tab = await signedIn(world, ["sections:write"]);
  world.server.endAll("idle");
  tab.client.call("GET /sections").catch(() => undefined);
  await world.advance(2000);
  expect(tab.client.state().status).toBe("expired");
  expect(show(tab, <Rights />)).toBe("mike true false");
  await world.until(tab.client.signOut());
  expect(show(tab, <Rights />)).toBe("visitor false false");
  expect(show(tab, <Can section="finance">finance</Can>)).toBe("");
});

test("useSection shows what the section's query brought, under the same key", async () => {
  const world = createWorld();
  const tab = await signedIn(world, []);
  const queryClient = new QueryClient();
  const input = { include: "data", last: "P30D" } as const;
  function SectionPage(): ReactNode {
    const { data, isPending } = useSection("finance", input, { staleTime: 60_000 });
    return isPending ? "…" : data?.slug;
  }
  expect(show(tab, <SectionPage />, queryClient)).toBe("…");
  const query = sectionQuery(tab.client, "finance", input);
  expect(query.queryKey).toEqual([
    "GET /sections/:slug",
    "usr_mike",
    { params: { slug: "finance" }, query: input },
  ]);
  await world.until(queryClient.fetchQuery(query));
  expect(world.log.at(-1)?.path).toBe("/sections/finance?include=data&last=P30D");
  expect(show(tab, <SectionPage />, queryClient)).toContain("finance");
});

test("A hook outside the provider says what it needs", async () => {
  expect(() => renderToStaticMarkup(<Rights />)).toThrow("needs a SallyportProvider above it");
});
