import type { Chart, Query } from "@sallyport/shared/contract";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useMemo, type ReactNode } from "react";
import { Button } from "../../ui/button.tsx";
import { withMember } from "./edit/draft.ts";
import {
  isCategory,
  isNumber,
  isTime,
  resultColumnsOf,
  type KnownDataset,
} from "./edit/result-columns.ts";
import classes from "./editor.module.css";
import { CheckMember, OptionalMember, SelectMember } from "./fields.tsx";
import { GroupIssue } from "./issues-in-view.tsx";
import { IconAction } from "./selection-form.tsx";

const typeTitles: Readonly<Record<Chart["type"], string>> = {
  line: "Line",
  area: "Area",
  bar: "Bar",
  share: "Share of a whole",
};
const types = Object.entries(typeTitles).map(([value, title]) => ({
  value: value as Chart["type"],
  title,
}));
const mostValues = 12;

/** Another type, without what it does not have. */
const withType = (chart: Chart, type: Chart["type"]): Chart => {
  const { stacked, horizontal, series, y, ...rest } = chart;
  const isShare = type === "share";
  return {
    ...rest,
    type,
    y: isShare ? y.slice(0, 1) : y,
    ...(series !== undefined && !isShare && { series }),
    ...(stacked !== undefined && (type === "area" || type === "bar") && { stacked }),
    ...(horizontal !== undefined && type === "bar" && { horizontal }),
  };
};

/** How the columns of the result become a chart. */
export function ChartForm({
  chart,
  query,
  dataset,
  onChange,
}: {
  readonly chart: Chart;
  readonly query: Query;
  readonly dataset: KnownDataset | undefined;
  readonly onChange: (chart: Chart) => void;
}): ReactNode {
  const columns = useMemo(() => resultColumnsOf(query, dataset), [query, dataset]);
  const isShare = chart.type === "share";
  const along = columns.filter((column) => isCategory(column) || (!isShare && isTime(column)));
  const values = columns.filter(isNumber);
  const asOptions = (
    found: typeof columns,
  ): readonly { readonly value: string; readonly title: string }[] =>
    found.map(({ name, label }) => ({ value: name, title: label }));
  const unused = values.find(({ name }) => name !== chart.x && !chart.y.includes(name));
  return (
    <fieldset className={classes.group}>
      <legend>Chart</legend>
      <SelectMember
        label="Type"
        pointer="/chart/type"
        value={chart.type}
        options={types}
        onChange={(type) => onChange(withType(chart, type))}
      />
      <SelectMember
        label={isShare ? "Parts" : "Along the axis"}
        pointer="/chart/x"
        value={chart.x}
        options={asOptions(along)}
        onChange={(x) => onChange({ ...chart, x })}
      />
      {chart.y.map((name, index) => (
        <div key={index} className={classes.row}>
          <SelectMember
            label={index === 0 ? "Values" : `Values ${index + 1}`}
            pointer={`/chart/y/${index}`}
            value={name}
            options={asOptions(values)}
            onChange={(next) => onChange({ ...chart, y: chart.y.with(index, next) })}
          />
          {chart.y.length > 1 && (
            <IconAction
              label={`Remove the values ${name}`}
              onClick={() => onChange({ ...chart, y: chart.y.toSpliced(index, 1) })}
            >
              <IconTrash size={16} aria-hidden="true" />
            </IconAction>
          )}
        </div>
      ))}
      <GroupIssue pointer="/chart/y" />
      {unused && !isShare && chart.series === undefined && chart.y.length < mostValues && (
        <div>
          <Button
            size="xs"
            variant="default"
            onClick={() => onChange({ ...chart, y: [...chart.y, unused.name] })}
          >
            <IconPlus size={15} aria-hidden="true" /> Add values
          </Button>
        </div>
      )}
      {!isShare && (
        <OptionalMember
          label="A series for each"
          pointer="/chart/series"
          none="None"
          value={chart.series}
          options={asOptions(columns.filter((column) => isCategory(column)))}
          onChange={(series) => {
            const next = withMember(chart, "series", series);
            onChange(series === undefined ? next : { ...next, y: chart.y.slice(0, 1) });
          }}
        />
      )}
      {(chart.type === "area" || chart.type === "bar") && (
        <CheckMember
          label="Stacked"
          pointer="/chart/stacked"
          checked={chart.stacked === true}
          onChange={(checked) => onChange(withMember(chart, "stacked", checked || undefined))}
        />
      )}
      {chart.type === "bar" && (
        <CheckMember
          label="Lying bars"
          pointer="/chart/horizontal"
          checked={chart.horizontal === true}
          onChange={(checked) => onChange(withMember(chart, "horizontal", checked || undefined))}
        />
      )}
      <GroupIssue pointer="/chart" />
    </fieldset>
  );
}
