import type { Client, ResponseBody, Contract } from "@sallyport/shared/client";
import {
  apiQuery,
  isWorthRetrying,
  retryDelayOf,
  sectionQuery,
  type SectionInput,
} from "@sallyport/shared/react";
import { queryOptions, type QueryKey } from "@tanstack/react-query";
import type { LoaderFunction } from "react-router";
import type { AppSession } from "../../session/app-session.ts";
import type { TableView } from "./table-view.ts";
import { queryOfRange, readRange, type ChosenRange } from "./time-range.ts";

export type SectionWithData = ResponseBody<Contract["GET /sections/:slug"]>;
export type PanelWithData = SectionWithData["panels"][number];
export type DataPanel = Extract<PanelWithData, { followsRange: boolean }>;
export type PanelRows = NonNullable<DataPanel["data"]>;

const sectionKey = "GET /sections/:slug";
const panelKey = "GET /sections/:slug/panels/:panelId/data";

/** The whole page in one request. */
export const inputOf = (range: ChosenRange): SectionInput => ({
  include: "data",
  ...queryOfRange(range),
});

/** One panel as the address has it: another order or another page than those that come with the section. The rows know which page they are. */
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
 * Asks for the section before anything is rendered, and beside the question who is signed in.
 * Does not wait: the page shows its skeleton, and what came of it, a failure too, is in the cache.
 */
export const sectionLoader =
  (app: AppSession): LoaderFunction =>
  ({ params, request }) => {
    void app.queryClient.prefetchQuery(
      sectionQuery(
        app.client(),
        params["slug"] ?? "",
        inputOf(readRange(new URL(request.url).searchParams)),
      ),
    );
    return null;
  };
