import type { PanelDefinition } from "@sallyport/shared/contract";
import { useState, type ReactNode } from "react";
import { ChartBody } from "../../panels/charts/chart-body.tsx";
import { EmbedBody } from "../../panels/embed-body.tsx";
import { MetricBody } from "../../panels/metric-body.tsx";
import { PanelBoundary } from "../../panels/panel-boundary.tsx";
import frame from "../../panels/panel-frame.module.css";
import { EmptyPanel, MarkdownPanel, PanelFailure, PanelFrame } from "../../panels/panel-frame.tsx";
import type { DataPanel, PanelWithData } from "../../panels/panel.ts";
import { TableBody } from "../../panels/table-body.tsx";
import { Loading, SkeletonBlock } from "../../ui/skeleton.tsx";
import classes from "./editor.module.css";
import { useMayPreview, usePreview } from "./use-preview.ts";
import { formatCount } from "../../ui/reader.ts";

/** A panel as its section will show it, drawn by the same parts. */
export function PanelOnCanvas({
  panel,
  sectionLast,
  isLive,
}: {
  readonly panel: PanelDefinition;
  readonly sectionLast: string | undefined;
  /** Whether it answers to whoever touches it; others are only looked at. */
  readonly isLive: boolean;
}): ReactNode {
  const shown = { ...panel, title: panel.title === "" ? "Without a title" : panel.title };
  return (
    <PanelFrame panel={shown}>
      <div className={classes.preview} inert={!isLive}>
        <PanelBoundary
          of={panel}
          renderFailure={(retry) => (
            <PanelFailure
              title={shown.title}
              error={{ detail: "This panel could not be drawn.", requestId: null }}
              pending={false}
              onRetry={retry}
            />
          )}
        >
          <Body panel={shown} sectionLast={sectionLast} />
        </PanelBoundary>
      </div>
    </PanelFrame>
  );
}

function Body({
  panel,
  sectionLast,
}: {
  readonly panel: PanelDefinition;
  readonly sectionLast: string | undefined;
}): ReactNode {
  const preview = usePreview(panel, sectionLast);
  const mayPreview = useMayPreview();
  if (panel.kind === "markdown") return <MarkdownPanel text={panel.text} />;
  if (panel.kind === "embed") {
    // Letter by letter an address would be as many pages.
    const settled = preview.panel?.kind === "embed" ? preview.panel.url : null;
    const url = mayPreview ? settled : panel.url;
    return preview.issues.length > 0 ? (
      <Refused count={preview.issues.length} />
    ) : url === null ? null : (
      <EmbedBody title={panel.title} url={url} height={panel.height} />
    );
  }
  if (!mayPreview) return <p className={frame.nothing}>Shown to whoever may look at datasets.</p>;
  if (preview.issues.length > 0) return <Refused count={preview.issues.length} />;
  if (preview.error)
    return (
      <PanelFailure
        title={panel.title}
        error={preview.error}
        pending={preview.isAsking}
        onRetry={preview.askAgain}
      />
    );
  if (!preview.panel || !("followsRange" in preview.panel))
    return (
      <Loading what={panel.title}>
        <SkeletonBlock height={panel.kind === "metric" ? "4.5rem" : "12rem"} />
      </Loading>
    );
  return (
    <div className={classes.drawn} data-old={preview.isOld && preview.isAsking}>
      <Drawn title={panel.title} panel={preview.panel} />
    </div>
  );
}

const Refused = ({ count }: { readonly count: number }): ReactNode => (
  <p className={frame.nothing}>
    {count === 1 ? "One thing has" : `${count} things have`} to be mended before it can be shown.
  </p>
);

function Drawn({
  title,
  panel,
}: {
  readonly title: string;
  readonly panel: Extract<PanelWithData, DataPanel>;
}): ReactNode {
  const [hidden, setHidden] = useState<readonly string[]>([]);
  const { data } = panel;
  if (!data || data.rows.length === 0 || (panel.kind === "metric" && data.rows[0]?.[0] === null))
    return <EmptyPanel panel={panel} />;
  if (panel.kind === "metric") return <MetricBody title={title} good={panel.good} data={data} />;
  if (panel.kind === "chart")
    return (
      <ChartBody title={title} chart={panel.chart} data={data} hidden={hidden} onHide={setHidden} />
    );
  const total = data.total ?? data.rows.length;
  return (
    <>
      <TableBody title={title} data={data} />
      {total > data.rows.length && (
        <p className={frame.footnote}>
          The first {formatCount(data.rows.length)} of {formatCount(total)} rows.
        </p>
      )}
    </>
  );
}
