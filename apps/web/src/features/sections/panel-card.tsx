import { Button } from "@mantine/core";
import { ApiError } from "@sallyport/shared/client";
import { sectionQuery, useClient } from "@sallyport/shared/react";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { IconAlertTriangle } from "@tabler/icons-react";
import {
  lazy,
  Suspense,
  useId,
  useRef,
  useState,
  type CSSProperties,
  type ReactNode,
  type Ref,
} from "react";
import { useSearchParams } from "react-router";
import { RequestId } from "../../ui/request-id.tsx";
import { Loading, SkeletonBlock } from "../../ui/skeleton.tsx";
import { ChartBody } from "./charts/chart-body.tsx";
import { EmbedBody } from "./embed-body.tsx";
import { MetricBody } from "./metric-body.tsx";
import classes from "./panel-card.module.css";
import { PanelMenu } from "./panel-menu.tsx";
import {
  inputOf,
  panelQuery,
  type DataPanel,
  type PanelRows,
  type PanelWithData,
} from "./queries.ts";
import { PagedTable, TableBody } from "./table-body.tsx";
import { readTableView, withTableView, type TableView } from "./table-view.ts";
import { queryOfRange, type ChosenRange } from "./time-range.ts";

const MarkdownBody = lazy(() => import("./markdown-body.tsx"));

/** What every panel has to know about the section it is in. */
export interface SectionInView {
  readonly slug: string;
  readonly title: string;
  readonly range: ChosenRange;
  readonly rangeLabel: string;
  /** Whether the range of time leaves anything out. */
  readonly isNarrowed: boolean;
}

/** One panel. It fails alone, and can be asked for again alone. */
export function PanelCard({
  section,
  panel,
}: {
  readonly section: SectionInView;
  readonly panel: PanelWithData;
}): ReactNode {
  if ("followsRange" in panel)
    return panel.kind === "table" ? (
      <TableCard section={section} panel={panel} />
    ) : (
      <DataCard section={section} panel={panel} />
    );
  return (
    <Card panel={panel}>
      {panel.kind === "markdown" ? (
        <Markdown text={panel.text} />
      ) : (
        <EmbedBody title={panel.title} url={panel.url} height={panel.height} />
      )}
    </Card>
  );
}

/** On a tablet a quarter is too narrow: four of them stand two by two. */
const tabletSpanOf = (width: number): number => (width === 3 ? 6 : Math.max(width, 4));

function Card({
  panel,
  card,
  menu,
  busy = false,
  children,
}: {
  readonly panel: PanelWithData;
  readonly card?: Ref<HTMLElement>;
  readonly menu?: ReactNode;
  readonly busy?: boolean;
  readonly children: ReactNode;
}): ReactNode {
  const titleId = useId();
  return (
    <section
      ref={card}
      role="group"
      className={classes.card}
      data-kind={panel.kind}
      style={{ "--span": panel.width, "--tablet-span": tabletSpanOf(panel.width) } as CSSProperties}
      aria-labelledby={titleId}
    >
      <div className={classes.head}>
        <div className={classes.titles}>
          <h2 id={titleId} className={classes.title}>
            {panel.title}
          </h2>
          {panel.description !== undefined && panel.description !== "" && (
            <p className={classes.description}>{panel.description}</p>
          )}
        </div>
        {menu}
      </div>
      <div className={classes.body} data-busy={busy}>
        {children}
      </div>
    </section>
  );
}

function Markdown({ text }: { readonly text: string }): ReactNode {
  if (text.trim() === "") return <p className={classes.nothing}>Nothing here yet.</p>;
  const lines = Math.min(12, Math.ceil(text.length / 90) + 1);
  const skeleton = (
    <Loading what="text">
      {Array.from({ length: lines }, (_, line) => (
        <SkeletonBlock key={line} height="1rem" width={line === lines - 1 ? "60%" : "100%"} />
      ))}
    </Loading>
  );
  return (
    <Suspense fallback={skeleton}>
      <MarkdownBody text={text} />
    </Suspense>
  );
}

/** A panel whose data all come with the section. */
function DataCard({
  section,
  panel,
}: {
  readonly section: SectionInView;
  readonly panel: DataPanel;
}): ReactNode {
  const card = useRef<HTMLElement>(null);
  const [asTable, setAsTable] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const { data } = panel;
  // An aggregate over no rows is a row without a value.
  const isEmpty =
    !data || data.rows.length === 0 || (panel.kind === "metric" && data.rows[0]?.[0] === null);
  const menu = !isEmpty && (
    <PanelMenu
      section={section}
      panel={panel}
      sort={null}
      card={card}
      asTable={asTable}
      onAsTable={setAsTable}
      onFailure={setFailure}
    />
  );
  return (
    <Card panel={panel} card={card} menu={menu}>
      {panel.error && !data ? (
        <SectionsFailure section={section} panel={panel} error={panel.error} />
      ) : isEmpty ? (
        <Nothing section={section} panel={panel} />
      ) : panel.kind === "metric" ? (
        <MetricBody title={panel.title} good={panel.good} data={data} />
      ) : panel.kind === "chart" && !asTable ? (
        <ChartBody title={panel.title} chart={panel.chart} data={data} />
      ) : (
        <TableBody title={panel.title} data={data} />
      )}
      <Footnotes section={section} panel={panel} failure={failure} />
    </Card>
  );
}

/** A table. Its first page comes with the section; another page or order, as the address has it, by itself. */
function TableCard({
  section,
  panel,
}: {
  readonly section: SectionInView;
  readonly panel: Extract<DataPanel, { kind: "table" }>;
}): ReactNode {
  const client = useClient();
  const card = useRef<HTMLElement>(null);
  const [search, setSearch] = useSearchParams();
  const [failure, setFailure] = useState<string | null>(null);
  const view = readTableView(search, panel.id);
  const isOwn = view.sort !== null || view.page > 1;
  const own = useQuery({
    ...panelQuery(client, section.slug, panel.id, section.range, view, panel.pageSize),
    enabled: isOwn,
    placeholderData: keepPreviousData,
  });
  const show = (next: TableView): void =>
    setSearch((now) => withTableView(now, panel.id, next), { preventScrollReset: true });

  // While another page is on its way, the rows are still those of the page before.
  const data: (PanelRows & { readonly page?: number }) | undefined = isOwn
    ? (own.data ?? (own.isPending ? panel.data : undefined))
    : panel.data;
  const isEmpty = !data || data.rows.length === 0;
  const total = data?.total ?? data?.rows.length ?? 0;
  const sorting = { sort: view.sort, onSort: (sort: string | null) => show({ sort, page: 1 }) };
  const menu = !isEmpty && (
    <PanelMenu
      section={section}
      panel={panel}
      sort={view.sort}
      card={card}
      asTable
      onAsTable={() => undefined}
      onFailure={setFailure}
    />
  );
  return (
    <Card
      panel={panel}
      card={card}
      menu={menu}
      busy={isOwn && own.isFetching && (own.isPlaceholderData || own.isPending)}
    >
      {isOwn && own.isError && !own.data ? (
        <Failure
          title={panel.title}
          error={own.error}
          pending={own.isFetching}
          onRetry={() => void own.refetch()}
          more={
            <Button size="xs" variant="subtle" onClick={() => show({ sort: null, page: 1 })}>
              Back to the first page
            </Button>
          }
        />
      ) : !isOwn && panel.error && !panel.data ? (
        <SectionsFailure section={section} panel={panel} error={panel.error} />
      ) : isEmpty && isOwn && own.isPending ? (
        <Loading what={panel.title}>
          <SkeletonBlock height="12rem" />
        </Loading>
      ) : isEmpty && view.page > 1 && total > 0 ? (
        <div className={classes.nothing}>
          <p>There is no page {view.page} here; the table is shorter.</p>
          <Button
            size="xs"
            variant="default"
            onClick={() => show({ ...view, page: Math.ceil(total / panel.pageSize) })}
          >
            Go to the last page
          </Button>
        </div>
      ) : isEmpty ? (
        <Nothing section={section} panel={panel} />
      ) : data && (data.total !== undefined || isOwn) ? (
        <PagedTable
          title={panel.title}
          data={data}
          sorting={sorting}
          page={view.page}
          shownPage={data.page ?? 1}
          pageSize={panel.pageSize}
          total={total}
          onPage={(page) => show({ ...view, page })}
        />
      ) : data ? (
        <TableBody title={panel.title} data={data} />
      ) : null}
      <Footnotes section={section} panel={panel} failure={failure} />
    </Card>
  );
}

/** The section has come, but not this panel's part of it. */
function SectionsFailure({
  section,
  panel,
  error,
}: {
  readonly section: SectionInView;
  readonly panel: DataPanel;
  readonly error: NonNullable<DataPanel["error"]>;
}): ReactNode {
  const client = useClient();
  const queryClient = useQueryClient();
  const retry = useMutation({
    mutationFn: () =>
      client.call("GET /sections/:slug/panels/:panelId/data", {
        params: { slug: section.slug, panelId: panel.id },
        query: {
          ...queryOfRange(section.range),
          ...(panel.kind === "table" && { limit: panel.pageSize }),
        },
      }),
    // The section's own answer is where panels live, so that the next refetch replaces all of them alike.
    onSuccess: (data) =>
      queryClient.setQueryData(
        sectionQuery(client, section.slug, inputOf(section.range)).queryKey,
        (found) =>
          found && {
            ...found,
            panels: found.panels.map((other) =>
              other.id === panel.id && "followsRange" in other ? withData(other, data) : other,
            ),
          },
      ),
  });
  return (
    <Failure
      title={panel.title}
      error={retry.error ?? error}
      pending={retry.isPending}
      onRetry={() => retry.mutate()}
    />
  );
}

function Failure({
  title,
  error,
  pending,
  onRetry,
  more,
}: {
  readonly title: string;
  readonly error: Error | NonNullable<DataPanel["error"]>;
  readonly pending: boolean;
  readonly onRetry: () => void;
  readonly more?: ReactNode;
}): ReactNode {
  const { text, requestId } =
    error instanceof ApiError
      ? // What the API says in detail of a failed query is for those who call it.
        {
          text: error.problem.code === "panel_failed" ? error.problem.title : error.message,
          requestId: error.problem.requestId,
        }
      : error instanceof Error
        ? { text: "The server did not answer.", requestId: null }
        : { text: error.detail, requestId: error.requestId };
  return (
    <div className={classes.failure}>
      <IconAlertTriangle size={22} stroke={1.75} aria-hidden="true" />
      <div role="alert">
        <p className={classes.failureText}>{text}</p>
        {requestId !== null && (
          <p className={classes.requestId}>
            <RequestId id={requestId} />
          </p>
        )}
      </div>
      <Button
        size="xs"
        variant="default"
        loading={pending}
        aria-label={`Retry: ${title}`}
        onClick={onRetry}
      >
        Retry
      </Button>
      {more}
    </div>
  );
}

const withData = (panel: DataPanel, data: PanelRows): DataPanel => {
  const { error: _, ...rest } = panel;
  return { ...rest, data };
};

/** Nothing at all is another thing than nothing within the range that is looked at. */
const Nothing = ({
  section,
  panel,
}: {
  readonly section: SectionInView;
  readonly panel: DataPanel;
}): ReactNode => (
  <p className={classes.nothing}>
    {panel.followsRange &&
    (section.isNarrowed || (panel.data?.range?.from ?? panel.data?.range?.to ?? null) !== null)
      ? "Nothing in this range."
      : "Nothing here yet."}
  </p>
);

const Footnotes = ({
  section,
  panel,
  failure,
}: {
  readonly section: SectionInView;
  readonly panel: DataPanel;
  readonly failure: string | null;
}): ReactNode => (
  <>
    {section.isNarrowed && !panel.followsRange && (
      <p className={classes.footnote}>Not narrowed by the time range.</p>
    )}
    {failure !== null && (
      <p className={classes.downloadFailure} role="alert">
        {failure}
      </p>
    )}
  </>
);
