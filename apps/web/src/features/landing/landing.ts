import { apiQuery } from "@sallyport/shared/react";
import { redirect, type LoaderFunction } from "react-router";
import { paths } from "../../paths.ts";
import type { AppSession } from "../../session/app-session.ts";
import { startSectionOf } from "./start-section.ts";
import { areFirstStepsOver } from "./first-steps-over.ts";

/** With more sections than so, an installation is no new one. */
const mostSectionsAtFirst = 3;

/**
 * The section that this person has chosen to begin with, or the first that there is for them. A
 * visitor for whom there is none has to sign in; a
 * user for whom there is none meets the empty page. On a new installation a visitor reads that it
 * has to be set up, and an admin what there is to do.
 */
export const landingLoader =
  (app: AppSession): LoaderFunction =>
  async () => {
    await app.started();
    const client = app.client();
    const state = client.state();
    if (state.status === "signedIn") {
      const { user, sections, permissions } = state.session;
      const chosen = startSectionOf(state.session);
      if (chosen) throw redirect(paths.section(chosen.slug));
      const [first] = sections;
      // Whoever has several is past the beginning: nothing is asked for their sake.
      const isBeginning =
        sections.length <= mostSectionsAtFirst &&
        permissions.includes("sections:write") &&
        !areFirstStepsOver(user.id);
      if (first && !isBeginning) throw redirect(paths.section(first.slug));
      return null;
    }
    if (state.status === "expired") {
      // A session that was over before this page was opened: what it may see waits for a new
      // sign-in.
      if (state.session === null) throw redirect(paths.signIn());
      return null;
    }
    const { items } = await app.queryClient.fetchQuery(apiQuery(client, "GET /sections"));
    if (items[0]) throw redirect(paths.section(items[0].slug));
    const setup = await app.queryClient
      .fetchQuery({ ...apiQuery(client, "GET /setup"), retry: false })
      .catch(() => null);
    if (setup?.done === false) return null;
    throw redirect(paths.signIn());
  };
