import { ApiError } from "@sallyport/shared/client";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useId, type CSSProperties, type ReactNode, type Ref } from "react";
import { AgainButton } from "../ui/again-button.tsx";
import { RequestId } from "../ui/request-id.tsx";
import { allTime, labelOfAnswered } from "./answered-range.ts";
import { MarkdownBody } from "./markdown-body.tsx";
import type { DataPanel, PanelWithData } from "./panel.ts";
import classes from "./panel-frame.module.css";

/** On a tablet a quarter is too narrow: four of them stand two by two. */
const tabletSpanOf = (width: number): number => (width === 3 ? 6 : Math.max(width, 4));

type FramedPanel = Pick<PanelWithData, "kind" | "title" | "width" | "description">;

/** The card that a panel stands in, as wide as it is said to be. */
export function PanelFrame({
  panel,
  card,
  menu,
  range,
  busy = false,
  children,
}: {
  readonly panel: FramedPanel;
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

export const MarkdownPanel = ({ text }: { readonly text: string }): ReactNode =>
  text.trim() === "" ? (
    <p className={classes.nothing}>Nothing here yet.</p>
  ) : (
    <MarkdownBody text={text} />
  );

/** In the place of what could not be read or drawn. */
export function PanelFailure({
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

/** Nothing at all is another thing than nothing within the range that is looked at. */
export const EmptyPanel = ({ panel }: { readonly panel: DataPanel }): ReactNode => (
  <p className={classes.nothing}>
    {panel.followsRange && panel.data && labelOfAnswered(panel.data) !== allTime
      ? `Nothing in this range: ${labelOfAnswered(panel.data)}.`
      : "Nothing here yet."}
  </p>
);
