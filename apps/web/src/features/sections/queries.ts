import type { Client, ResponseBody, Contract } from "@sallyport/shared/client";
import {
  apiQuery,
  isWorthRetrying,
  requireSignedIn,
  retryDelayOf,
  sectionQuery,
  type SectionInput,
} from "@sallyport/shared/react";
import { queryOptions, type QueryKey } from "@tanstack/react-query";
import type { LoaderFunction } from "react-router";
import { paths } from "../../paths.ts";
import type { AppSession } from "../../session/app-session.ts";
import type { TableView } from "../../panels/panel-view.ts";
import { queryOfRange, readRange, type ChosenRange } from "../../panels/time-range.ts";

export type SectionWithData = ResponseBody<Contract["GET /sections/:slug"]>;

const sectionKey = "GET /sections/:slug";
const panelKey = "GET /sections/:slug/panels/:panelId/data";

/** The whole page in one request. */
export const inputOf = (range: ChosenRange): SectionInput => ({
  include: "data",
  ...queryOfRange(range),
});

/**
 * One panel as the address has it: another order or another page than those that come with the
 * section. The rows know which page they are.
 */
export const panelQuery = (
  client: Client,
  slug: string,
  panelId: string,
  range: ChosenRange,
  { sort, page }: TableView,
  limit: number,
) => {
  const input = {
    params: { slug, panelId },
    query: { ...queryOfRange(range), ...(sort !== null && { sort }), page, limit },
  };
  return queryOptions({
    queryKey: [...apiQuery(client, panelKey, input).queryKey],
    queryFn: async ({ signal }) => ({ ...(await client.call(panelKey, input, { signal })), page }),
    retry: isWorthRetrying,
    retryDelay: retryDelayOf,
  });
};

/** The contract keys under which there are data of sections. */
export const isOfSection = (queryKey: QueryKey, slug: string): boolean => {
  const [key, , input] = queryKey as readonly [
    unknown,
    unknown,
    { readonly params?: { readonly slug?: string } } | undefined,
  ];
  return (key === sectionKey || key === panelKey) && input?.params?.slug === slug;
};

/**
 * Whether a visitor is known to be refused: then nothing is asked that could only be answered with
 * an error.
 */
const isClosedToVisitor = async (app: AppSession, slug: string): Promise<boolean> => {
  const client = app.client();
  // Beside the question who is signed in; the navigation needs the list too.
  const listing = app.queryClient.fetchQuery(apiQuery(client, "GET /sections")).catch(() => null);
  const [{ status }, list] = await Promise.all([app.started(), listing]);
  return (
    status === "visitor" &&
    list?.nextCursor === null &&
    !list.items.some((section) => section.slug === slug)
  );
};

/**
 * Asks for the section before anything is rendered, and beside the question who is signed in.
 * Does not wait: the page shows its skeleton, and what came of it, a failure too, is in the cache.
 * Only where nobody is known from the last visit it waits, and leads visitors to sign in.
 */
export const sectionLoader =
  (app: AppSession, basename: string): LoaderFunction =>
  async (args) => {
    const { params, request } = args;
    const slug = params["slug"] ?? "";
    if (app.client().userId() === null && (await isClosedToVisitor(app, slug)))
      await requireSignedIn(app.client(), {
        basename,
        signInPath: (next) => paths.signIn({ next }),
      })(args);
    void app.queryClient.prefetchQuery(
      sectionQuery(app.client(), slug, inputOf(readRange(new URL(request.url).searchParams))),
    );
    return null;
  };
