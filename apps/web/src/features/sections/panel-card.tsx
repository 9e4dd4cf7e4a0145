import { Button } from "@mantine/core";
import { ApiError } from "@sallyport/shared/client";
import { useClient } from "@sallyport/shared/react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { IconAlertTriangle } from "@tabler/icons-react";
import { lazy, Suspense, useId, type CSSProperties, type ReactNode } from "react";
import { RequestId } from "../../ui/request-id.tsx";
import { Loading, SkeletonBlock } from "../../ui/skeleton.tsx";
import { MetricBody } from "./metric-body.tsx";
import classes from "./panel-card.module.css";
import { sectionQuery, type PanelWithData } from "./queries.ts";
import { TableBody } from "./table-body.tsx";

const MarkdownBody = lazy(() => import("./markdown-body.tsx"));

type DataPanel = Extract<PanelWithData, { followsRange: boolean }>;

/** One panel. It fails alone, and can be asked for again alone. */
export function PanelCard({ slug, panel }: { readonly slug: string; readonly panel: PanelWithData }): ReactNode {
  const titleId = useId();
  return (
    <section className={classes.card} data-kind={panel.kind} style={{ "--span": panel.width } as CSSProperties} aria-labelledby={titleId}>
      <div className={classes.head}>
        <h2 id={titleId} className={classes.title}>
          {panel.title}
        </h2>
        {panel.description !== undefined && panel.description !== "" && <p className={classes.description}>{panel.description}</p>}
      </div>
      <div className={classes.body}>{panel.kind === "markdown" ? <Markdown text={panel.text} /> : "followsRange" in panel ? <DataBody slug={slug} panel={panel} /> : null}</div>
    </section>
  );
}

function Markdown({ text }: { readonly text: string }): ReactNode {
  if (text.trim() === "") return <Nothing />;
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

function DataBody({ slug, panel }: { readonly slug: string; readonly panel: DataPanel }): ReactNode {
  const client = useClient();
  const queryClient = useQueryClient();
  const retry = useMutation({
    mutationFn: () => client.call("GET /sections/:slug/panels/:panelId/data", { params: { slug, panelId: panel.id } }),
    // The section's own answer is where panels live, so that the next refetch replaces all of them alike.
    onSuccess: (data) =>
      queryClient.setQueryData(
        sectionQuery(client, slug).queryKey,
        (section) => section && { ...section, panels: section.panels.map((other) => (other.id === panel.id && "followsRange" in other ? withData(other, data) : other)) },
      ),
  });

  if (panel.error && !panel.data) {
    const newer = retry.error instanceof ApiError ? retry.error : null;
    const requestId = newer ? newer.problem.requestId : panel.error.requestId;
    return (
      <div className={classes.failure}>
        <IconAlertTriangle size={22} stroke={1.75} aria-hidden="true" />
        <div role="alert">
          <p className={classes.failureText}>{retry.error && !newer ? "The server did not answer." : (newer?.message ?? panel.error.detail)}</p>
          <p className={classes.requestId}>
            <RequestId id={requestId} />
          </p>
        </div>
        <Button size="xs" variant="default" loading={retry.isPending} aria-label={`Retry: ${panel.title}`} onClick={() => retry.mutate()}>
          Retry
        </Button>
      </div>
    );
  }
  if (!panel.data || panel.data.rows.length === 0) return <Nothing />;
  return panel.kind === "metric" ? <MetricBody title={panel.title} data={panel.data} /> : <TableBody title={panel.title} data={panel.data} />;
}

const withData = (panel: DataPanel, data: NonNullable<DataPanel["data"]>): DataPanel => {
  const { error: _, ...rest } = panel;
  return { ...rest, data };
};

const Nothing = (): ReactNode => <p className={classes.nothing}>Nothing here yet.</p>;
