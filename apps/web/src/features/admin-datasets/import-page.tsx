import { isWorthRetrying, retryDelayOf, useClient } from "@sallyport/shared/react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { Link, useSearchParams } from "react-router";
import { paths } from "../../paths.ts";
import { failureOf } from "../../session/failures.ts";
import { taggedQuery } from "../../session/tagged-query.ts";
import { AgainButton } from "../../ui/again-button.tsx";
import { Button, buttonLook } from "../../ui/button.tsx";
import { formatBytes } from "../../ui/byte-size.ts";
import { Callout } from "../../ui/callout.tsx";
import { Card, Cards } from "../../ui/card.tsx";
import { FileDrop, FileInput } from "../../ui/file-drop.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { Loading, SkeletonBlock } from "../../ui/skeleton.tsx";
import { useLeaveWarning } from "../../ui/use-leave-warning.ts";
import { ColumnsForm, importedColumnsOf, type ColumnEdits } from "./columns-form.tsx";
import { ImportOutcome, ImportProgress } from "./import-outcome.tsx";
import { ReadingForm } from "./reading-form.tsx";
import { rowsTypeOf } from "./rows-file.ts";
import { TargetForm, useTarget } from "./target-form.tsx";
import { useImport, type ReadingOptions } from "./use-import.ts";
import classes from "./import-page.module.css";

const messageOf = (error: Error): ReactNode => failureOf(error, {}, new Date()).message;

const accepted =
  ".csv,.tsv,.txt,.json,.ndjson,.jsonl,text/csv,application/json,application/x-ndjson";

/** So much of a file is looked at. */
const sampleBytes = 1_048_576;
let lastFile = 0;

interface ChosenFile {
  readonly id: number;
  readonly file: File;
}

/** From a file to rows of a dataset. Nothing is stored before it has been looked at. */
export function ImportPage(): ReactNode {
  const [search] = useSearchParams();
  const into = search.get("dataset");
  const back =
    into === null
      ? { to: paths.adminDatasets(), title: "Datasets" }
      : { to: paths.adminDataset(into), title: "The dataset" };
  const [chosen, setChosen] = useState<ChosenFile>();
  const another = useRef<HTMLInputElement>(null);
  const choose = (file: File): void => setChosen({ id: (lastFile += 1), file });
  return (
    <>
      <PageHead
        title={into === null ? "Import a dataset" : "Import rows"}
        back={back}
        lead="From a file of comma-separated values, or of JSON. It is shown to you before anything is stored."
      />
      {chosen === undefined ? (
        <div className={classes.drop}>
          <FileDrop label="Choose a file…" accept={accepted} onFile={choose}>
            CSV, a JSON array of objects, or NDJSON: an object on each line. Or drop it here.
          </FileDrop>
        </div>
      ) : (
        <>
          <FileInput ref={another} accept={accepted} onFile={choose} />
          <ChosenFileView
            key={chosen.id}
            chosen={chosen}
            into={into}
            onAnother={() => another.current?.click()}
          />
        </>
      )}
    </>
  );
}

function ChosenFileView({
  chosen: { id, file },
  into,
  onAnother,
}: {
  readonly chosen: ChosenFile;
  readonly into: string | null;
  readonly onAnother: () => void;
}): ReactNode {
  const client = useClient();
  const [reading, setReading] = useState<ReadingOptions>({});
  const [edits, setEdits] = useState<ColumnEdits>({});
  const dataset = useQuery({
    ...taggedQuery(client, "GET /datasets/:name", { params: { name: into ?? "" } }),
    enabled: into !== null,
  });
  const target = useTarget(file, into);
  const importing = useImport();
  useLeaveWarning(importing.phase === "sending");
  const isUnderWay = importing.phase === "sending" || importing.phase === "storing";
  const isOver = importing.phase === "done" || importing.phase === "failed";
  const facts = useRef<HTMLParagraphElement>(null);
  // What was pressed has gone with what stood here before.
  useEffect(() => facts.current?.focus({ preventScroll: true }), [isUnderWay, isOver]);
  const type = rowsTypeOf(file.name);
  const detected = useQuery({
    // A file has no members that would tell it from another.
    queryKey: ["POST /dataset-detections", client.userId(), id, reading],
    queryFn: ({ signal }) =>
      client.call(
        "POST /dataset-detections",
        {
          query: { ...reading, ...(file.size > sampleBytes && { cut: "true" as const }) },
          upload: { type, content: file.slice(0, sampleBytes) },
        },
        { signal },
      ),
    retry: isWorthRetrying,
    retryDelay: retryDelayOf,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const detection = detected.data;
  const error = detected.error ?? (into === null ? null : dataset.error);

  const fileFacts = (
    <p ref={facts} tabIndex={-1} className={classes.file}>
      <span>
        <bdi>{file.name}</bdi>, {formatBytes(file.size)}
      </span>
      {importing.phase === null && (
        <Button size="xs" variant="default" onClick={onAnother}>
          Choose another file
        </Button>
      )}
    </p>
  );

  if (isUnderWay)
    return (
      <div className={classes.page}>
        {fileFacts}
        <ImportProgress importing={importing} totalBytes={file.size} />
      </div>
    );
  if (isOver)
    return (
      <div className={classes.page}>
        {fileFacts}
        <ImportOutcome
          importing={importing}
          fileName={file.name}
          dataset={target.values.name}
          onAnother={onAnother}
        />
      </div>
    );

  const existing = into === null ? null : (dataset.data ?? null);
  const isReady = detection !== undefined && (into === null || existing !== null);
  const start = (): void => {
    if (detection === undefined || !target.check()) return;
    const { delimiter, decimal, header } = detection;
    const columns = importedColumnsOf(detection, edits, target.mode, existing);
    importing.run({
      file,
      plan: {
        dataset: target.values.name.trim(),
        mode: target.mode,
        ...(target.mode === "create" && { title: target.values.title.trim() }),
        ...(target.mode === "create" &&
          target.values.attribution.trim() !== "" && {
            attribution: target.values.attribution.trim(),
          }),
        columns,
      },
      reading:
        detection.format === "csv"
          ? {
              ...(delimiter && { delimiter }),
              ...(decimal && { decimal }),
              ...(header && { header }),
              ...reading,
            }
          : {},
    });
  };

  return (
    <form
      className={classes.page}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        start();
      }}
    >
      {fileFacts}
      {error !== null && (
        <Callout
          tone="danger"
          role="alert"
          title="The file cannot be read as it is"
          actions={
            <AgainButton
              size="xs"
              variant="default"
              pending={detected.isFetching}
              onClick={() => void detected.refetch()}
            >
              Try again
            </AgainButton>
          }
        >
          {messageOf(error)}
        </Callout>
      )}
      <Cards>
        {type === "text/csv" && (
          <ReadingForm detection={detection} reading={reading} onChange={setReading} />
        )}
        {isReady ? (
          <>
            <TargetForm target={target} existing={existing} />
            <Card title="Columns">
              <ColumnsForm
                detection={detection}
                edits={edits}
                mode={target.mode}
                existing={existing}
                onChange={setEdits}
              />
            </Card>
          </>
        ) : (
          error === null && (
            <Loading what="the file">
              <SkeletonBlock height="6rem" />
              <SkeletonBlock height="14rem" />
            </Loading>
          )
        )}
      </Cards>
      <div role="alert">
        {importing.refusals.length > 0 ? (
          <Callout tone="danger" title="Panels read the dataset that would not fit these columns">
            <ul className={classes.refusals}>
              {importing.refusals.map((refusal) => (
                <li key={refusal}>
                  <bdi>{refusal}</bdi>
                </li>
              ))}
            </ul>
          </Callout>
        ) : (
          importing.failure !== null &&
          importing.failure.message !== null && (
            <Callout tone="danger">{importing.failure.message}</Callout>
          )
        )}
      </div>
      <div className={classes.actions}>
        <Link
          to={into === null ? paths.adminDatasets() : paths.adminDataset(into)}
          {...buttonLook({ variant: "default" })}
        >
          Cancel
        </Link>
        <Button type="submit" disabled={!isReady}>
          {target.mode === "replace" ? "Replace all rows" : "Import"}
        </Button>
      </div>
    </form>
  );
}
