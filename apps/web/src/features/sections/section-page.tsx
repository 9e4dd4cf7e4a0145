import { ApiError } from "@sallyport/shared/client";
import { useCan, useClientState, useSection, useSession } from "@sallyport/shared/react";
import { IconCloudOff } from "@tabler/icons-react";
import { keepPreviousData, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import {
  lazy,
  Suspense,
  use,
  useCallback,
  useDeferredValue,
  useMemo,
  useState,
  type ReactNode,
} from "react";
import { Link, Navigate, useLocation, useNavigate, useParams, useSearchParams } from "react-router";
import { paths } from "../../paths.ts";
import { NoAnswer } from "../../session/no-answer.tsx";
import { SeenAs } from "../../session/seen-as.ts";
import { AgainButton } from "../../ui/again-button.tsx";
import { buttonLook } from "../../ui/button.tsx";
import { fetchCode } from "../../ui/late-code.ts";
import { MessagePage } from "../../ui/message-page.tsx";
import { PageHeading } from "../../ui/page-heading.tsx";
import { RequestId } from "../../ui/request-id.tsx";
import { SectionSkeleton } from "../../ui/section-skeleton.tsx";
import { VisuallyHidden } from "../../ui/visually-hidden.tsx";
import { ownRangeOf, pageRangeOf } from "../../panels/answered-range.ts";
import { PanelCard } from "./panel-card.tsx";
import type { SectionInView } from "./section-in-view.ts";
import { viewText, withPanelView, type PanelView } from "../../panels/panel-view.ts";
import { inputOf, isOfSection, type SectionWithData } from "./queries.ts";
import { RangeControl } from "./range-control.tsx";
import { RefreshControl } from "./refresh-control.tsx";
import classes from "./section-page.module.css";
import { readRange, withRange, type ChosenRange } from "../../panels/time-range.ts";
import toolbar from "./toolbar.module.css";

/** Most people never see it. */
const NoAccessPage = lazy(async () => ({
  default: (await fetchCode(() => import("./no-access-page.tsx"))).NoAccessPage,
}));

/** Nobody tells visitors what changes. */
const visitorsEverySeconds = 60;

export function SectionPage(): ReactNode {
  const { slug = "" } = useParams();
  // Another section is another page: nothing of the one before is carried over.
  return <SectionOf key={slug} slug={slug} />;
}

function SectionOf({ slug }: { readonly slug: string }): ReactNode {
  const state = useClientState();
  const session = useSession();
  const seenAs = use(SeenAs);
  const { pathname, search, hash } = useLocation();
  const range = useMemo(() => readRange(new URLSearchParams(search)), [search]);
  // The loader has asked already: what it was refused is not asked for once more. Another range
  // leaves the old rows in place until its own are there.
  const query = useSection(slug, inputOf(range), {
    retryOnMount: false,
    placeholderData: keepPreviousData,
  });
  // The cache forgets it when it asks again: what is said of it stays until there is something else
  // to say.
  const [failure, setFailure] = useState(query.error);
  const wasRefused = failure instanceof ApiError && failure.status === 401;
  const now = query.isFetching && !query.data && !wasRefused ? failure : query.error;
  if (now !== failure) setFailure(now);
  // What arrives is not drawn in one go: between its pieces the page answers to whoever touches it.
  const isReady = query.data !== undefined;
  const [wasReady] = useState(isReady);
  const isDrawn = useDeferredValue(isReady, wasReady);

  // First: a right that has been taken away hides what had been shown before.
  if (failure instanceof ApiError && failure.status === 403)
    return (
      <Suspense fallback={<SectionSkeleton />}>
        <NoAccessPage />
      </Suspense>
    );
  // A session that was over before this page was opened: there is no page to keep under a dialog,
  // and the request waits for a new sign-in.
  const endedBefore = state.status === "expired" && state.session === null;
  if (endedBefore || (wasRefused && state.status === "visitor"))
    return <Navigate to={paths.signIn({ next: pathname + search + hash })} replace />;
  // An address of before leads to the one of now. What another section left in its place is no
  // answer to this one.
  if (query.data && !query.isPlaceholderData && query.data.slug !== slug) {
    const of = query.data.slug;
    const path = seenAs === null ? paths.section(of) : paths.seeAsSection(seenAs, of);
    return <Navigate to={path + search + hash} replace />;
  }
  if (query.data && isDrawn) return <Loaded section={query.data} range={range} query={query} />;
  if (failure && !query.data && state.status !== "expired") {
    return (
      <MessagePage
        icon={<IconCloudOff size={28} stroke={1.6} />}
        title="This section could not be loaded"
        actions={
          <AgainButton pending={query.isFetching} onClick={() => void query.refetch()}>
            Try again
          </AgainButton>
        }
        footnote={failure instanceof ApiError && <RequestId id={failure.problem.requestId} />}
      >
        {failure instanceof ApiError ? <p>{failure.message}</p> : <NoAnswer error={failure} />}
      </MessagePage>
    );
  }
  return (
    <SectionSkeleton title={session?.sections.find((section) => section.slug === slug)?.title} />
  );
}

function Loaded({
  section,
  range,
  query,
}: {
  readonly section: SectionWithData;
  readonly range: ChosenRange;
  readonly query: UseQueryResult<SectionWithData>;
}): ReactNode {
  const session = useSession();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const [search, setSearch] = useSearchParams();
  const { slug, title, description, panels, timeBounds, last } = section;
  const page = useMemo(() => pageRangeOf(panels, range, last), [panels, range, last]);
  // How a panel is looked at is no step that one would want to go back by: it replaces the address,
  // a range adds one.
  const show = useCallback(
    (panelId: string, view: PanelView): void => {
      const next = withPanelView(new URLSearchParams(window.location.search), panelId, view);
      void navigate({ search: next.toString() }, { replace: true, preventScrollReset: true });
    },
    [navigate],
  );
  const inView = useMemo<SectionInView>(
    () => ({ slug, title, range, page, show }),
    [slug, title, range, page, show],
  );
  const refresh = (): void =>
    void queryClient.invalidateQueries({
      predicate: ({ queryKey }) => isOfSection(queryKey, slug),
    });
  const hasData = panels.some((panel) => "followsRange" in panel);
  const mayRead = useCan({ permission: "sections:read" });
  const isOwnView = use(SeenAs) === null;
  const mayEdit = useCan({ permission: "sections:write" }) && mayRead && isOwnView;
  return (
    <>
      <div className={classes.head}>
        <div className={classes.title}>
          <PageHeading title={title} lead={description}>
            {title}
          </PageHeading>
          {mayEdit && (
            <Link
              to={paths.adminSectionEdit(slug)}
              {...buttonLook({ variant: "default", size: "xs" }, classes.edit)}
            >
              Edit
            </Link>
          )}
        </div>
        {hasData && (
          <div className={toolbar.toolbar}>
            {timeBounds && (
              <RangeControl
                range={range}
                label={page.label}
                own={ownRangeOf(panels, last)}
                bounds={timeBounds}
                onChange={(next) =>
                  setSearch((now) => withRange(now, next), { preventScrollReset: true })
                }
              />
            )}
            <RefreshControl
              everySeconds={section.refreshSeconds ?? (session ? null : visitorsEverySeconds)}
              updatedAt={query.isPlaceholderData ? null : query.dataUpdatedAt}
              isRefreshing={query.isFetching}
              failed={query.isError}
              onRefresh={refresh}
            />
          </div>
        )}
        {timeBounds && page.answered !== null && page.answered !== page.label && (
          <p className={toolbar.answered}>
            <VisuallyHidden>Time shown: </VisuallyHidden>
            {page.answered}
          </p>
        )}
        {timeBounds && <p className={toolbar.printed}>{page.label}</p>}
        <div role="status" className={classes.stale}>
          {query.isError && "These numbers could not be updated just now and may be out of date."}
        </div>
      </div>
      {panels.length === 0 ? (
        <p className={classes.empty}>This section has no panels yet.</p>
      ) : (
        <div className={classes.grid} aria-busy={query.isPlaceholderData}>
          {panels.map((panel) => (
            <PanelCard
              key={panel.id}
              section={inView}
              panel={panel}
              view={viewText(search, panel.id)}
            />
          ))}
        </div>
      )}
      <Sources panels={panels} />
    </>
  );
}

/** Where the numbers come from: each source once, however many panels rest on it. */
function Sources({ panels }: Pick<SectionWithData, "panels">): ReactNode {
  const sources = new Set(
    panels.flatMap((panel) => ("attribution" in panel && panel.attribution) || []),
  );
  if (sources.size === 0) return null;
  return (
    <footer className={classes.sources} aria-label="Sources">
      <h2 className={classes.sourcesTitle}>{sources.size === 1 ? "Source" : "Sources"}</h2>
      {[...sources].map((source) => (
        <p key={source}>{source}</p>
      ))}
    </footer>
  );
}
