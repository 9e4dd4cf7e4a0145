import { IconDeviceTv } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState, type ReactNode } from "react";
import { useLoaderData } from "react-router";
import { ChartBody } from "../../panels/charts/chart-body.tsx";
import { EmbedBody } from "../../panels/embed-body.tsx";
import { MetricBody } from "../../panels/metric-body.tsx";
import { PanelBoundary } from "../../panels/panel-boundary.tsx";
import frame from "../../panels/panel-frame.module.css";
import { EmptyPanel, MarkdownPanel, PanelFailure, PanelFrame } from "../../panels/panel-frame.tsx";
import type { DataPanel, PanelWithData } from "../../panels/panel.ts";
import { TableBody } from "../../panels/table-body.tsx";
import { useAppSession } from "../../session/app-session-context.ts";
import { AppTitle } from "../../ui/app-title.ts";
import { Callout } from "../../ui/callout.tsx";
import { MessagePage } from "../../ui/message-page.tsx";
import { Moment } from "../../ui/moment.tsx";
import { PageHeading } from "../../ui/page-heading.tsx";
import { SectionSkeleton } from "../../ui/section-skeleton.tsx";
import classes from "./display-page.module.css";
import { DisplayEnded, followDisplay, readDisplay, type DisplaySource } from "./read-display.ts";
import { formatCount } from "../../ui/reader.ts";

/** Nobody is there to press anything: it asks by itself until there is an answer. */
const againMilliseconds = 10_000;
/** The stream tells of what changes; this is for what no stream tells, such as the day. */
const usuallyMilliseconds = 5 * 60_000;

/** A section on a wall: all of the screen, and nothing to press. */
export function DisplayPage(): ReactNode {
  const token = useLoaderData<string | null>();
  const { config } = useAppSession();
  const source = useMemo(
    () => (token === null ? null : { apiUrl: config.apiUrl, token }),
    [config.apiUrl, token],
  );
  return (
    <AppTitle value={config.title}>
      <main className={classes.page}>
        {source === null ? (
          <MessagePage
            icon={<IconDeviceTv size={28} stroke={1.6} />}
            title="This screen has no display link"
          >
            <p>Open it on the link that was made for it. Whoever grants sections makes another.</p>
          </MessagePage>
        ) : (
          <Screen key={source.token} source={source} />
        )}
      </main>
    </AppTitle>
  );
}

function Screen({ source }: { readonly source: DisplaySource }): ReactNode {
  const { data, error, isFetching, dataUpdatedAt, refetch } = useQuery({
    queryKey: ["display", source.token],
    queryFn: ({ signal }) => readDisplay(source, signal),
    retry: false,
    refetchIntervalInBackground: true,
    refetchInterval: ({ state }) =>
      state.status === "error" || state.data === undefined
        ? againMilliseconds
        : (state.data.section.refreshSeconds ?? usuallyMilliseconds / 1000) * 1000,
  });
  useEffect(() => followDisplay(source, () => void refetch()), [source, refetch]);
  // While it asks again, what was said of the last try stays.
  const [failure, setFailure] = useState(error);
  const now = isFetching && !data ? failure : error;
  if (now !== failure) setFailure(now);
  if (failure instanceof DisplayEnded)
    return (
      <MessagePage
        icon={<IconDeviceTv size={28} stroke={1.6} />}
        title="This display link has ended"
      >
        <p>
          It shows nothing any more. Whoever grants sections can make another; open this screen on
          that one.
        </p>
      </MessagePage>
    );
  if (!data)
    return failure ? (
      <MessagePage icon={<IconDeviceTv size={28} stroke={1.6} />} title="No connection">
        <p role="status">The server does not answer. This screen tries again by itself.</p>
      </MessagePage>
    ) : (
      <SectionSkeleton title={undefined} />
    );
  const { title, description, panels } = data.section;
  return (
    <>
      <div role="status" className={classes.state}>
        {failure && (
          <Callout tone="warning" title="No connection">
            This is what was there on <Moment at={new Date(dataUpdatedAt).toISOString()} />. The
            screen tries again by itself.
          </Callout>
        )}
      </div>
      <PageHeading title={title} lead={description}>
        {title}
      </PageHeading>
      {panels.length === 0 ? (
        <p>This section has no panels yet.</p>
      ) : (
        <div className={classes.grid}>
          {panels.map((panel) => (
            <PanelFrame key={panel.id} panel={panel}>
              <PanelBoundary
                of={panel}
                renderFailure={(retry) => (
                  <PanelFailure
                    title={panel.title}
                    error={{ detail: "This panel could not be drawn.", requestId: null }}
                    pending={false}
                    onRetry={retry}
                  />
                )}
              >
                <Body panel={panel} onRetry={() => void refetch()} />
              </PanelBoundary>
            </PanelFrame>
          ))}
        </div>
      )}
    </>
  );
}

function Body({
  panel,
  onRetry,
}: {
  readonly panel: PanelWithData;
  readonly onRetry: () => void;
}): ReactNode {
  if (panel.kind === "markdown") return <MarkdownPanel text={panel.text} />;
  if (panel.kind === "embed")
    return <EmbedBody title={panel.title} url={panel.url} height={panel.height} />;
  if (panel.error && !panel.data)
    return (
      <PanelFailure title={panel.title} error={panel.error} pending={false} onRetry={onRetry} />
    );
  return <Drawn panel={panel} />;
}

function Drawn({ panel }: { readonly panel: DataPanel }): ReactNode {
  const [hidden, setHidden] = useState<readonly string[]>([]);
  const { title, data } = panel;
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
