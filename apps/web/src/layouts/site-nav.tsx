import { apiQuery, useClient, useClientState, useSession } from "@sallyport/shared/react";
import { IconSettings } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode, type Ref } from "react";
import { matchPath, NavLink, useLocation, useMatch } from "react-router";
import { readRange, withRange } from "../panels/time-range.ts";
import { paths, routePaths } from "../paths.ts";
import { useAdminPages } from "../session/admin-pages.ts";
import { SectionIcon } from "../ui/section-icon.tsx";
import { Loading, SkeletonBlock } from "../ui/skeleton.tsx";
import classes from "./site-nav.module.css";

const noViews: ReadonlyMap<string, string> = new Map();

/**
 * What a link to a section carries along: the range of time that was chosen on the page it stands
 * on, and how the panels of that section were looked at when it was left. The latter for one user,
 * and no longer than this page is loaded.
 */
const useSectionViews = (userId: string | null): ((slug: string) => string) => {
  const { pathname, search } = useLocation();
  const slug = matchPath(`/${routePaths.section}`, pathname)?.params.slug;
  const [kept, setKept] = useState({ userId, views: noViews });
  const views = kept.userId === userId ? kept.views : noViews;
  if (slug !== undefined && (views.get(slug) ?? "") !== search)
    setKept({ userId, views: new Map(views).set(slug, search) });
  const range = readRange(new URLSearchParams(search));
  return (of) => {
    const view = new URLSearchParams(views.get(of));
    // From a page without a range, a section is found as it was left.
    return (slug === undefined ? view : withRange(view, range)).toString();
  };
};

/**
 * The column beside the page: where else one may go. On a phone it folds away under the header.
 * @param area takes the links of the area that the page is in, where it has some of its own
 */
export function SiteNav({
  open,
  area,
}: {
  readonly open: boolean;
  readonly area: Ref<HTMLDivElement>;
}): ReactNode {
  const mayAdminister = useAdminPages().length > 0;
  const isInAdmin = useMatch(`/${routePaths.admin}/*`) !== null;
  // There it is somebody else's, in the room of the area.
  const isSeenAs = useMatch(`/${routePaths.seeAs}/*`) !== null;
  return (
    <div id="site-nav" className={classes.nav} data-open={open}>
      <div ref={area} className={classes.area} />
      {!isSeenAs && <SectionNav />}
      {mayAdminister && !isInAdmin && !isSeenAs && (
        <nav aria-label="Administration" className={classes.group}>
          <NavLink to={paths.admin()} className={classes.link ?? ""}>
            <IconSettings size={18} stroke={1.75} aria-hidden="true" />
            <span>Administration</span>
          </NavLink>
        </nav>
      )}
    </div>
  );
}

/** The sections this person may open, and no others. */
function SectionNav(): ReactNode {
  const client = useClient();
  const { status } = useClientState();
  const session = useSession();
  const publicSections = useQuery({
    ...apiQuery(client, "GET /sections"),
    enabled: status === "visitor",
  });
  const sections = session?.sections ?? publicSections.data?.items;
  const searchFor = useSectionViews(session?.user.id ?? null);
  // An admin of an installation that has none yet.
  if (session?.sections.length === 0) return null;
  return (
    <nav aria-label="Sections" className={classes.group}>
      <p className={classes.heading} aria-hidden="true">
        Sections
      </p>
      {sections ? (
        <ul className={classes.list}>
          {sections.map((section) => (
            <li key={section.slug}>
              <NavLink
                to={{ pathname: paths.section(section.slug), search: searchFor(section.slug) }}
                className={classes.link ?? ""}
              >
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
