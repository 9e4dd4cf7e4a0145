import { apiQuery, useClient, useClientState, useSession } from "@sallyport/shared/react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { NavLink } from "react-router";
import { paths } from "../paths.ts";
import { SectionIcon } from "../ui/section-icon.tsx";
import { Loading, SkeletonBlock } from "../ui/skeleton.tsx";
import classes from "./section-nav.module.css";

/** The sections this person may open, and no others. On a phone it folds away under the header. */
export function SectionNav({ open }: { readonly open: boolean }): ReactNode {
  const client = useClient();
  const { status } = useClientState();
  const session = useSession();
  const publicSections = useQuery({
    ...apiQuery(client, "GET /sections"),
    enabled: status === "visitor",
  });
  const sections = session?.sections ?? publicSections.data?.items;
  return (
    <nav id="section-nav" aria-label="Sections" className={classes.nav} data-open={open}>
      <p className={classes.heading} aria-hidden="true">
        Sections
      </p>
      {sections ? (
        <ul className={classes.list}>
          {sections.map((section) => (
            <li key={section.slug}>
              <NavLink to={paths.section(section.slug)} className={classes.link ?? ""}>
                <SectionIcon name={section.icon} />
                <span>{section.title}</span>
              </NavLink>
            </li>
          ))}
          {sections.length === 0 && <li className={classes.empty}>None are open to visitors.</li>}
        </ul>
      ) : (
        !publicSections.isError && (
          <Loading what="sections">
            <div className={classes.skeleton}>
              <SkeletonBlock height="1.75rem" />
              <SkeletonBlock height="1.75rem" />
              <SkeletonBlock height="1.75rem" />
            </div>
          </Loading>
        )
      )}
    </nav>
  );
}
