/**
 * Whether a section as a file fits the datasets that there are: everything that its schema cannot
 * say.
 */
import type { Chart, PanelDefinition, Query, SectionDefinition } from "../../contract/contract.ts";
import type { ValidationIssue } from "../answering/errors.ts";
import { markdownLevels, mostMarkdownLevels } from "./markdown-levels.ts";
import type { Refused, ResultColumn } from "../queries/resolved-query.ts";

type Described = { readonly ok: true; readonly columns: readonly ResultColumn[] } | Refused;
/** The columns of a query's result, or why the query does not fit its dataset. */
type Describe = (query: Query) => Described;

const isNumber = ({ type }: ResultColumn): boolean => type === "integer" || type === "decimal";
const isTime = ({ type }: ResultColumn): boolean => type === "date" || type === "timestamp";
/** A whole number may name a category, such as the hour of a day; a decimal cannot. */
const isCategory = ({ type }: ResultColumn): boolean =>
  type === "text" || type === "boolean" || type === "integer";

const kindOf = ({ type }: ResultColumn): string =>
  type === "integer" || type === "decimal" ? "a number" : type === "text" ? "text" : `a ${type}`;

const prefixed = (pointer: string, issues: readonly ValidationIssue[]): ValidationIssue[] =>
  issues.map((issue) => ({ ...issue, pointer: `${pointer}${issue.pointer}` }));

const checkChart = (
  chart: Chart,
  columns: readonly ResultColumn[],
  pointer: string,
): ValidationIssue[] => {
  const issues: ValidationIssue[] = [];
  const refuse = (member: string, code: string, detail: string): void =>
    void issues.push({ pointer: `${pointer}/${member}`, code, detail });
  const check = (
    name: string,
    member: string,
    fits: (column: ResultColumn) => boolean,
    expected: string,
  ): void => {
    const found = columns.find((column) => column.name === name);
    if (found === undefined)
      refuse(
        member,
        "unknown_column",
        `The result has no column ${JSON.stringify(name)}. It has ${columns.map((column) => JSON.stringify(column.name)).join(", ")}.`,
      );
    else if (!fits(found))
      refuse(
        member,
        "wrong_column_type",
        `The column ${JSON.stringify(name)} is ${kindOf(found)}; here it takes ${expected}.`,
      );
  };
  const { type, x, y, series, stacked, horizontal } = chart;
  const isShare = type === "share";
  check(
    x,
    "x",
    (column) => isCategory(column) || (!isShare && isTime(column)),
    isShare ? "a category: text, a boolean or a whole number" : "a time or a category: no decimal",
  );
  const used = new Set([x]);
  for (const [index, name] of y.entries()) {
    check(name, `y/${index}`, isNumber, "a number");
    if (used.has(name))
      refuse(
        `y/${index}`,
        "duplicate_column",
        `The column ${JSON.stringify(name)} is in this chart already.`,
      );
    used.add(name);
  }
  if (series !== undefined) {
    if (isShare)
      refuse(
        "series",
        "not_supported",
        "A share has one part for each value of `x`, and no series.",
      );
    check(series, "series", isCategory, "a category: text, a boolean or a whole number");
    if (used.has(series))
      refuse(
        "series",
        "duplicate_column",
        `The column ${JSON.stringify(series)} is in this chart already.`,
      );
  }
  if (y.length > 1 && (series !== undefined || isShare))
    refuse(
      "y",
      "too_many_columns",
      isShare ? "A share has one column of values." : "With `series`, `y` names one column.",
    );
  if (stacked !== undefined && type !== "area" && type !== "bar")
    refuse("stacked", "not_supported", "Areas and bars are stacked, nothing else.");
  if (horizontal !== undefined && type !== "bar")
    refuse("horizontal", "not_supported", "Bars are horizontal, nothing else.");
  return issues;
};

/**
 * Every reason why a panel that has passed its schema does not fit its dataset.
 * @param pointer to the panel
 */
export const checkPanel = (
  panel: PanelDefinition,
  describe: Describe,
  pointer: string,
): ValidationIssue[] => {
  if (panel.kind === "markdown" && markdownLevels(panel.text) > mostMarkdownLevels)
    return [
      {
        pointer: `${pointer}/text`,
        code: "too_deep",
        detail: `Lists, quotations, links and emphasis are nested in each other at most ${mostMarkdownLevels} levels deep.`,
      },
    ];
  if (!("query" in panel)) return [];
  const compile = (
    query: Query,
    member: string,
  ): { readonly issues: ValidationIssue[]; readonly columns: readonly ResultColumn[] | null } => {
    const compiled = describe(query);
    return compiled.ok
      ? { issues: [], columns: compiled.columns }
      : { issues: prefixed(`${pointer}/${member}`, compiled.issues), columns: null };
  };
  const { issues, columns } = compile(panel.query, "query");
  if (panel.kind === "chart")
    return columns === null ? issues : checkChart(panel.chart, columns, `${pointer}/chart`);
  if (panel.kind !== "metric") return issues;

  const [first] = columns ?? [];
  if (first !== undefined && !isNumber(first))
    issues.push({
      pointer: `${pointer}/query/select/0`,
      code: "wrong_column_type",
      detail: `A metric's first column is its number, and this one is ${kindOf(first)}.`,
    });
  const { trend } = panel;
  if (trend === undefined) return issues;
  if (trend.dataset !== panel.query.dataset)
    return [
      ...issues,
      {
        pointer: `${pointer}/trend/dataset`,
        code: "other_dataset",
        detail: `A metric's trend is of the dataset of its number, ${JSON.stringify(panel.query.dataset)}.`,
      },
    ];
  const compiled = compile(trend, "trend");
  issues.push(...compiled.issues);
  if (compiled.columns === null) return issues;
  const [time, value] = compiled.columns;
  if (time !== undefined && !isTime(time))
    issues.push({
      pointer: `${pointer}/trend/select/0`,
      code: "wrong_column_type",
      detail: `A trend's first column is a time, and this one is ${kindOf(time)}.`,
    });
  if (value === undefined)
    issues.push({
      pointer: `${pointer}/trend/select`,
      code: "column_required",
      detail: "A trend has two columns: a time, and the value at it.",
    });
  else if (!isNumber(value))
    issues.push({
      pointer: `${pointer}/trend/select/1`,
      code: "wrong_column_type",
      detail: `A trend's second column is the value, a number, and this one is ${kindOf(value)}.`,
    });
  return issues;
};

/**
 * Every reason why a definition that has passed its schema does not fit the datasets, each with a
 * JSON pointer into the file: what the query compiler finds in a query or a trend, and charts and
 * metrics that do not fit their query's result.
 */
export const checkDefinition = (
  definition: SectionDefinition,
  describe: Describe,
): ValidationIssue[] =>
  definition.panels.flatMap((panel, index) => checkPanel(panel, describe, `/panels/${index}`));
