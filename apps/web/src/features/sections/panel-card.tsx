import { ApiError } from "@sallyport/shared/client";
import { sectionQuery, useClient } from "@sallyport/shared/react";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { IconAlertTriangle } from "@tabler/icons-react";
import { memo, useId, useRef, useState, type CSSProperties, type ReactNode, type Ref } from "react";
import { AgainButton } from "../../ui/again-button.tsx";
import { RequestId } from "../../ui/request-id.tsx";
import { Loading, SkeletonBlock } from "../../ui/skeleton.tsx";
import { VisuallyHidden } from "../../ui/visually-hidden.tsx";
import { ChartBody } from "./charts/chart-body.tsx";
import { EmbedBody } from "./embed-body.tsx";
import { MarkdownBody } from "./markdown-body.tsx";
import { MetricBody } from "./metric-body.tsx";
import classes from "./panel-card.module.css";
import { allTime, labelOfAnswered } from "./answered-range.ts";
import { PanelBoundary } from "./panel-boundary.tsx";
import { PanelMenu } from "./panel-menu.tsx";
import type { SectionInView } from "./section-in-view.ts";
import { plainView, readPanelView, type PanelView, type TableView } from "./panel-view.ts";
import {
  inputOf,
  panelQuery,
  type DataPanel,
  type PanelRows,
  type PanelWithData,
} from "./queries.ts";
import { PagedTable, TableBody } from "./table-body.tsx";
import { queryOfRange } from "./time-range.ts";
import { Button } from "../../ui/button.tsx";

interface CardProps {
  readonly section: SectionInView;
  readonly panel: PanelWithData;
  /** How it is looked at, as `viewText` has it: the same text as long as nothing changes. */
  readonly view: string;
}

/** One panel. It fails alone, and can be asked for again alone. */
export const PanelCard = memo(function PanelCard(props: CardProps): ReactNode {
  const { panel } = props;
  return (
    <PanelBoundary
      of={panel}
      renderFailure={(retry) => (
        <Card panel={panel}>
          <Failure
            title={panel.title}
            error={{ detail: "This panel could not be drawn.", requestId: null }}
            pending={false}
            onRetry={retry}
          />
        </Card>
      )}
    >
      <CardOfKind {...props} />
    </PanelBoundary>
  );
});

function CardOfKind({ section, panel, view: text }: CardProps): ReactNode {
  if ("followsRange" in panel) {
    const view = readPanelView(new URLSearchParams(text), panel.id);
    return panel.kind === "table" ? (
      <TableCard section={section} panel={panel} view={view} />
    ) : (
      <DataCard section={section} panel={panel} view={view} />
    );
  }
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
  range,
  busy = false,
  children,
}: {
  readonly panel: PanelWithData;
  readonly card?: Ref<HTMLElement>;
  readonly menu?: ReactNode;
  readonly range?: ReactNode;
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
          {range}
        </div>
        {menu}
      </div>
      <div className={classes.body} data-busy={busy}>
        {children}
      </div>
    </section>
  );
}

const Markdown = ({ text }: { readonly text: string }): ReactNode =>
  text.trim() === "" ? (
    <p className={classes.nothing}>Nothing here yet.</p>
  ) : (
    <MarkdownBody text={text} />
  );

/**
 * Which time the panel shows, where that is not what the page says of all; printed in any case,
 * since a page of paper is looked at alone.
 */
function AnsweredRange({
  section,
  panel,
  data,
}: {
  readonly section: SectionInView;
  readonly panel: DataPanel;
  readonly data: PanelRows | undefined;
}): ReactNode {
  if (!panel.followsRange || !data) return null;
  const label = labelOfAnswered(data);
  return (
    <p className={classes.range} data-printed={label === section.page.answered}>
      <VisuallyHidden>Time shown: </VisuallyHidden>
      {label}
    </p>
  );
}

/** A panel whose data all come with the section. */
function DataCard({
  section,
  panel,
  view,
}: {
  readonly section: SectionInView;
  readonly panel: DataPanel;
  readonly view: PanelView;
}): ReactNode {
  const card = useRef<HTMLElement>(null);
  const { asTable } = view;
  const show = (next: Partial<PanelView>): void => section.show(panel.id, { ...view, ...next });
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
      data={data}
      asTable={asTable}
      onAsTable={(next) => show({ asTable: next })}
      onFailure={setFailure}
    />
  );
  return (
    <Card
      panel={panel}
      card={card}
      menu={menu}
      range={!isEmpty && <AnsweredRange section={section} panel={panel} data={data} />}
    >
      {panel.error && !data ? (
        <SectionsFailure section={section} panel={panel} error={panel.error} />
      ) : isEmpty ? (
        <Nothing panel={panel} />
      ) : panel.kind === "metric" ? (
        <MetricBody title={panel.title} good={panel.good} data={data} />
      ) : panel.kind === "chart" && !asTable ? (
        <ChartBody
          title={panel.title}
          chart={panel.chart}
          data={data}
          hidden={view.hidden}
          onHide={(hidden) => show({ hidden })}
        />
      ) : (
        <TableBody title={panel.title} data={data} />
      )}
      <Footnotes section={section} panel={panel} failure={failure} />
    </Card>
  );
}

/**
 * A table. Its first page comes with the section; another page or order, as the address has it, by
 * itself.
 */
function TableCard({
  section,
  panel,
  view,
}: {
  readonly section: SectionInView;
  readonly panel: Extract<DataPanel, { kind: "table" }>;
  readonly view: TableView;
}): ReactNode {
  const client = useClient();
  const card = useRef<HTMLElement>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const isOwn = view.sort !== null || view.page > 1;
  const own = useQuery({
    ...panelQuery(client, section.slug, panel.id, section.range, view, panel.pageSize),
    enabled: isOwn,
    placeholderData: keepPreviousData,
  });
  const show = (next: TableView): void => section.show(panel.id, { ...plainView, ...next });

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
      data={data}
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
      range={!isEmpty && <AnsweredRange section={section} panel={panel} data={data} />}
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
        <Nothing panel={panel} />
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
    // The section's own answer is where panels live, so that the next refetch replaces all of them
    // alike.
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
  readonly error: Error | { readonly detail: string; readonly requestId: string | null };
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
      <AgainButton
        size="xs"
        variant="default"
        pending={pending}
        aria-label={`Retry: ${title}`}
        onClick={onRetry}
      >
        Retry
      </AgainButton>
      {more}
    </div>
  );
}

const withData = (panel: DataPanel, data: PanelRows): DataPanel => {
  const { error: _, ...rest } = panel;
  return { ...rest, data };
};

/** Nothing at all is another thing than nothing within the range that is looked at. */
const Nothing = ({ panel }: { readonly panel: DataPanel }): ReactNode => (
  <p className={classes.nothing}>
    {panel.followsRange && panel.data && labelOfAnswered(panel.data) !== allTime
      ? `Nothing in this range: ${labelOfAnswered(panel.data)}.`
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
    {section.page.isNarrowed && !panel.followsRange && (
      <p className={classes.footnote}>Not narrowed by the time range.</p>
    )}
    {failure !== null && (
      <p className={classes.downloadFailure} role="alert">
        {failure}
      </p>
    )}
  </>
);
