import type { Client, ResponseBody, Contract } from "@sallyport/shared/client";
import { apiQuery } from "@sallyport/shared/react";
import type { LoaderFunction } from "react-router";
import type { AppSession } from "../../session/app-session.ts";

export type SectionWithData = ResponseBody<Contract["GET /sections/:slug"]>;
export type PanelWithData = SectionWithData["panels"][number];

/** The whole page in one request. */
export const sectionQuery = (client: Client, slug: string) => apiQuery(client, "GET /sections/:slug", { params: { slug }, query: { include: "data" } });

/**
 * Asks for the section before anything is rendered, and beside the question who is signed in.
 * Does not wait: the page shows its skeleton, and what came of it, a failure too, is in the cache.
 */
export const sectionLoader =
  (app: AppSession): LoaderFunction =>
  ({ params }) => {
    void app.queryClient.prefetchQuery(sectionQuery(app.client(), params["slug"] ?? ""));
    return null;
  };
