import type { PanelDefinition } from "@sallyport/shared/contract";
import type { ReactNode } from "react";
import { Callout } from "../../ui/callout.tsx";
import { withMember } from "./edit/draft.ts";
import { gridColumns } from "./edit/grid.ts";
import { kindTitles, newPanel, panelKinds, toKind, trendOf } from "./edit/new-panels.ts";
import { hasQuery, type KnownDataset } from "./edit/result-columns.ts";
import { withQuery } from "./edit/selections.ts";
import { ChartForm } from "./chart-form.tsx";
import classes from "./editor.module.css";
import {
  CheckMember,
  LongTextMember,
  NumberMember,
  OptionalMember,
  Part,
  SelectMember,
  TextMember,
} from "./fields.tsx";
import { GroupIssue } from "./issues-in-view.tsx";
import { QueryForm } from "./query-form.tsx";

const widthTitles: Readonly<Record<number, string>> = {
  3: "3 of 12: a quarter",
  4: "4 of 12: a third",
  6: "6 of 12: a half",
  8: "8 of 12: two thirds",
  9: "9 of 12: three quarters",
  12: "12 of 12: all of it",
};
const widths = Array.from({ length: gridColumns }, (_, index) => ({
  value: String(index + 1),
  title: widthTitles[index + 1] ?? `${index + 1} of 12`,
}));

export type ChangePanel = (panel: PanelDefinition, what: string | null) => void;

interface PanelFormProps<Panel extends PanelDefinition> {
  readonly panel: Panel;
  /** Null for whoever may not look at datasets. */
  readonly datasets: readonly KnownDataset[] | null;
  readonly onChange: ChangePanel;
}

/** Everything that a panel says, as fields. */
export function PanelForm({
  panel,
  datasets,
  onChange,
}: PanelFormProps<PanelDefinition>): ReactNode {
  const datasetOf = (): KnownDataset | undefined =>
    datasets?.find(({ name }) => hasQuery(panel) && name === panel.query.dataset) ?? datasets?.[0];
  return (
    <div className={classes.members}>
      <SelectMember
        label="Kind"
        pointer="/kind"
        value={panel.kind}
        options={panelKinds
          // Without a dataset there is nothing to ask.
          .filter(
            (kind) =>
              datasets !== null || hasQuery(panel) || !("query" in newPanel(kind, undefined)),
          )
          .map((kind) => ({ value: kind, title: kindTitles[kind] }))}
        onChange={(kind) => onChange(toKind(panel, kind, datasetOf()), null)}
      />
      <TextMember
        label="Title"
        pointer="/title"
        maxLength={100}
        value={panel.title}
        onChange={(title) => onChange({ ...panel, title }, "/title")}
      />
      <TextMember
        label="Description"
        pointer="/description"
        maxLength={500}
        value={panel.description}
        onChange={(description) =>
          onChange(
            withMember(panel, "description", description === "" ? undefined : description),
            "/description",
          )
        }
      />
      <SelectMember
        label="Width"
        pointer="/width"
        value={String(panel.width)}
        options={widths}
        onChange={(width) => onChange({ ...panel, width: Number(width) }, null)}
      />
      <GroupIssue pointer="" />
      {panel.kind === "markdown" && (
        <LongTextMember
          label="Text"
          pointer="/text"
          description="Markdown: **bold**, lists, tables, [links](https://example.com)."
          rows={14}
          maxLength={20_000}
          value={panel.text}
          onChange={(text) => onChange({ ...panel, text }, "/text")}
        />
      )}
      {panel.kind === "embed" && (
        <>
          <TextMember
            label="Address"
            pointer="/url"
            type="url"
            inputMode="url"
            description="Of a page that lets itself be shown in others. Whoever sees the section sees the address."
            maxLength={2_000}
            value={panel.url}
            onChange={(url) => onChange({ ...panel, url }, "/url")}
          />
          <NumberMember
            label="Height in pixels"
            pointer="/height"
            value={panel.height}
            least={100}
            most={2_000}
            isRequired
            onChange={(height) => height !== undefined && onChange({ ...panel, height }, "/height")}
          />
        </>
      )}
      {hasQuery(panel) &&
        (datasets === null ? (
          <Callout tone="info">
            What it asks of its dataset is for whoever may look at datasets. The rest of it you can
            change.
          </Callout>
        ) : (
          <DataForm panel={panel} datasets={datasets} onChange={onChange} />
        ))}
    </div>
  );
}

function DataForm({
  panel,
  datasets,
  onChange,
}: {
  readonly panel: Extract<PanelDefinition, { query: unknown }>;
  readonly datasets: readonly KnownDataset[];
  readonly onChange: ChangePanel;
}): ReactNode {
  const dataset = datasets.find(({ name }) => name === panel.query.dataset);
  const changeDataset = (name: string): void => {
    const next = datasets.find((one) => one.name === name);
    if (!next) return;
    // Columns of another dataset are other columns: the panel begins anew.
    const { title, width, description } = panel;
    onChange(
      {
        ...newPanel(panel.kind, next),
        title,
        width,
        ...(description !== undefined && { description }),
        ...("good" in panel && panel.good !== undefined && { good: panel.good }),
      },
      null,
    );
  };
  return (
    <>
      <QueryForm
        query={panel.query}
        datasets={datasets}
        pointer="/query"
        onDataset={changeDataset}
        onChange={(query, what) => onChange(withQuery(panel, query), what)}
      >
        {panel.kind === "chart" && (
          <ChartForm
            chart={panel.chart}
            query={panel.query}
            dataset={dataset}
            onChange={(chart) => onChange({ ...panel, chart }, null)}
          />
        )}
      </QueryForm>
      {panel.kind === "table" && (
        <NumberMember
          label="Rows on a page"
          pointer="/pageSize"
          value={panel.pageSize}
          least={5}
          most={100}
          placeholder="25"
          onChange={(pageSize) => onChange(withMember(panel, "pageSize", pageSize), "/pageSize")}
        />
      )}
      {panel.kind === "metric" && (
        <>
          <OptionalMember
            label="Good news is"
            pointer="/good"
            none="Neither"
            value={panel.good}
            options={[
              { value: "up", title: "A number that rises" },
              { value: "down", title: "A number that falls" },
            ]}
            onChange={(good) => onChange(withMember(panel, "good", good), null)}
          />
          {(panel.trend !== undefined || trendOf(panel.query, dataset) !== undefined) && (
            <CheckMember
              label="A small line under the number"
              pointer="/trend"
              checked={panel.trend !== undefined}
              onChange={(checked) =>
                onChange(
                  withMember(panel, "trend", checked ? trendOf(panel.query, dataset) : undefined),
                  null,
                )
              }
            />
          )}
          {panel.trend && (
            <Part title="What the line shows" isOpen={false}>
              <GroupIssue pointer="/trend/dataset" />
              <QueryForm
                query={panel.trend}
                datasets={datasets}
                pointer="/trend"
                onChange={(trend, what) => onChange({ ...panel, trend }, what)}
              />
            </Part>
          )}
        </>
      )}
    </>
  );
}
