import { sectionQuery, useClient } from "@sallyport/shared/react";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { memo, useRef, useState, type ReactNode } from "react";
import { labelOfAnswered } from "../../panels/answered-range.ts";
import { ChartBody } from "../../panels/charts/chart-body.tsx";
import { EmbedBody } from "../../panels/embed-body.tsx";
import { MetricBody } from "../../panels/metric-body.tsx";
import { PanelBoundary } from "../../panels/panel-boundary.tsx";
import classes from "../../panels/panel-frame.module.css";
import { EmptyPanel, MarkdownPanel, PanelFailure, PanelFrame } from "../../panels/panel-frame.tsx";
import {
  plainView,
  readPanelView,
  type PanelView,
  type TableView,
} from "../../panels/panel-view.ts";
import type { DataPanel, PanelRows, PanelWithData } from "../../panels/panel.ts";
import { PagedTable, TableBody } from "../../panels/table-body.tsx";
import { queryOfRange } from "../../panels/time-range.ts";
import { Button } from "../../ui/button.tsx";
import { Loading, SkeletonBlock } from "../../ui/skeleton.tsx";
import { VisuallyHidden } from "../../ui/visually-hidden.tsx";
import { PanelMenu } from "./panel-menu.tsx";
import { inputOf, panelQuery } from "./queries.ts";
import type { SectionInView } from "./section-in-view.ts";

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
        <PanelFrame panel={panel}>
          <PanelFailure
            title={panel.title}
            error={{ detail: "This panel could not be drawn.", requestId: null }}
            pending={false}
            onRetry={retry}
          />
        </PanelFrame>
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
    <PanelFrame panel={panel}>
      {panel.kind === "markdown" ? (
        <MarkdownPanel text={panel.text} />
      ) : (
        <EmbedBody title={panel.title} url={panel.url} height={panel.height} />
      )}
    </PanelFrame>
  );
}

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
    <PanelFrame
      panel={panel}
      card={card}
      menu={menu}
      range={!isEmpty && <AnsweredRange section={section} panel={panel} data={data} />}
    >
      {panel.error && !data ? (
        <SectionsFailure section={section} panel={panel} error={panel.error} />
      ) : isEmpty ? (
        <EmptyPanel panel={panel} />
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
    </PanelFrame>
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
    <PanelFrame
      panel={panel}
      card={card}
      menu={menu}
      range={!isEmpty && <AnsweredRange section={section} panel={panel} data={data} />}
      busy={isOwn && own.isFetching && (own.isPlaceholderData || own.isPending)}
    >
      {isOwn && own.isError && !own.data ? (
        <PanelFailure
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
        <EmptyPanel panel={panel} />
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
    </PanelFrame>
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
    <PanelFailure
      title={panel.title}
      error={retry.error ?? error}
      pending={retry.isPending}
      onRetry={() => retry.mutate()}
    />
  );
}

const withData = (panel: DataPanel, data: PanelRows): DataPanel => {
  const { error: _, ...rest } = panel;
  return { ...rest, data };
};

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
