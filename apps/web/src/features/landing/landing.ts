import { apiQuery } from "@sallyport/shared/react";
import { redirect, type LoaderFunction } from "react-router";
import { paths } from "../../paths.ts";
import type { AppSession } from "../../session/app-session.ts";

/**
 * The first section there is for this person. A visitor for whom there is none has to sign in; a
 * user for whom there is none meets the empty page.
 */
export const landingLoader =
  (app: AppSession): LoaderFunction =>
  async () => {
    await app.started();
    const client = app.client();
    const state = client.state();
    if (state.status === "signedIn") {
      const first = state.session.sections[0];
      if (first) throw redirect(paths.section(first.slug));
      return null;
    }
    if (state.status === "expired") {
      // A session that was over before this page was opened: what it may see waits for a new
      // sign-in.
      if (state.session === null) throw redirect(paths.signIn());
      return null;
    }
    const { items } = await app.queryClient.fetchQuery(apiQuery(client, "GET /sections"));
    throw redirect(items[0] ? paths.section(items[0].slug) : paths.signIn());
  };
