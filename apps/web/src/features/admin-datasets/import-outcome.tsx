import type { ReactNode } from "react";
import { Link } from "react-router";
import { paths } from "../../paths.ts";
import { Button, buttonLook } from "../../ui/button.tsx";
import { Callout } from "../../ui/callout.tsx";
import { Card } from "../../ui/card.tsx";
import { downloadText } from "../../ui/download.ts";
import { ScrollRegion } from "../../ui/scroll-region.tsx";
import { badRowsAsCsv } from "./rows-file.ts";
import type { ImportStatus, RunningImport } from "./use-import.ts";
import classes from "./import-page.module.css";
import { formatCount, numberFormat } from "../../ui/reader.ts";

/** How far it has come: first what has been sent, then what has been read. */
export function ImportProgress({
  importing,
  totalBytes,
}: {
  readonly importing: RunningImport;
  readonly totalBytes: number;
}): ReactNode {
  const { phase, sent, status } = importing;
  const isSending = phase === "sending";
  const share = isSending
    ? sent
    : (status?.bytes ?? 0) / Math.max(1, status?.totalBytes ?? totalBytes);
  return (
    <Card title={isSending ? "The file is being sent" : "The rows are being read"}>
      <progress
        className={classes.progress}
        aria-label={isSending ? "Sent" : "Read"}
        max={1}
        value={Math.min(1, share)}
      />
      <p role="status" className={classes.share}>
        {isSending
          ? `${numberFormat(undefined, { style: "percent" }).format(share)} sent`
          : `${formatCount(status?.rows ?? 0)} rows read`}
      </p>
      <p>
        {isSending
          ? "Nothing is stored yet. Stay on this page until it has arrived."
          : "They are seen once all of them are stored. This goes on if you leave the page."}
      </p>
      <Button variant="default" onClick={importing.cancel}>
        Give it up
      </Button>
    </Card>
  );
}

/** How it ended: what came in, or what was wrong. */
export function ImportOutcome({
  importing: { status, forget },
  fileName,
  dataset,
  onAnother,
}: {
  readonly importing: RunningImport;
  readonly fileName: string;
  readonly dataset: string;
  readonly onAnother: () => void;
}): ReactNode {
  const problem = status?.problem ?? null;
  if (status?.result)
    return (
      <Card title="The rows are stored">
        <p role="status">
          {formatCount(status.result.rows)} {status.result.rows === 1 ? "row" : "rows"} came in; the
          dataset has {formatCount(status.result.rowCount)} now.
        </p>
        <div className={classes.actions}>
          <Button variant="default" onClick={onAnother}>
            Import another file
          </Button>
          <Link to={paths.adminDataset(dataset)} {...buttonLook()}>
            Open the dataset
          </Link>
        </div>
      </Card>
    );
  return (
    <>
      <Callout
        tone={problem?.code === "import_cancelled" ? "info" : "danger"}
        role="alert"
        title="Nothing was stored"
        actions={
          <>
            <Button size="xs" variant="default" onClick={forget}>
              Back to the columns
            </Button>
            <Button size="xs" variant="default" onClick={onAnother}>
              Choose another file
            </Button>
          </>
        }
      >
        <p>
          <bdi>{problem?.detail}</bdi>
        </p>
      </Callout>
      {problem?.badRows && problem.badRows.rows.length > 0 && (
        <BadRows badRows={problem.badRows} fileName={fileName} />
      )}
    </>
  );
}

function BadRows({
  badRows,
  fileName,
}: {
  readonly badRows: NonNullable<NonNullable<ImportStatus["problem"]>["badRows"]>;
  readonly fileName: string;
}): ReactNode {
  return (
    <Card
      title="Rows that do not fit"
      actions={
        <Button
          size="xs"
          variant="default"
          onClick={() =>
            downloadText(
              `${fileName.replace(/\.[a-z0-9]+$/i, "")}-bad-rows.csv`,
              "text/csv",
              badRowsAsCsv(badRows),
            )
          }
        >
          Download them as CSV
        </Button>
      }
    >
      <ScrollRegion label="Table of the rows that do not fit">
        <table className={classes.bad}>
          <thead>
            <tr>
              <th scope="col">Line</th>
              <th scope="col">What is wrong</th>
              <th scope="col">The row</th>
            </tr>
          </thead>
          <tbody>
            {badRows.rows.map(({ line, cells, reason }) => (
              <tr key={line}>
                <th scope="row">{formatCount(line)}</th>
                <td>
                  <bdi>{reason}</bdi>
                </td>
                <td>
                  <bdi className={classes.row}>{cells.join(" · ")}</bdi>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </Card>
  );
}
