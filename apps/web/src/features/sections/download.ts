import type { Client } from "@sallyport/shared/client";
import { rangeInFileName } from "../../panels/answered-range.ts";
import { csvOf, fileNameOf } from "../../panels/csv.ts";
import type { DataPanel, PanelRows } from "../../panels/panel.ts";
import { saveFile } from "../../ui/save-file.ts";
import { queryOfRange, type ChosenRange } from "../../panels/time-range.ts";

/** The most that the API gives at once. */
const rowsAtOnce = 10_000;
const mostPages = 10_000;

/** Every row of a panel within the range, and of a table in the order that is looked at. */
const readAllRows = async (
  client: Client,
  slug: string,
  panel: DataPanel,
  range: ChosenRange,
  sort: string | null,
): Promise<PanelRows> => {
  const ask = (query: object): Promise<PanelRows> =>
    client.call("GET /sections/:slug/panels/:panelId/data", {
      params: { slug, panelId: panel.id },
      query: { ...queryOfRange(range), ...query },
    });
  if (panel.kind !== "table")
    return panel.kind === "chart" && panel.data?.points !== undefined
      ? ask({ points: rowsAtOnce })
      : (panel.data ?? ask({}));
  const rows: PanelRows["rows"] = [];
  for (let page = 1; page <= mostPages; page++) {
    const found = await ask({ page, limit: rowsAtOnce, ...(sort !== null && { sort }) });
    rows.push(...found.rows);
    if (found.rows.length < rowsAtOnce || rows.length >= (found.total ?? 0))
      return { ...found, rows };
  }
  throw new Error("There is no end to the rows of this panel.");
};

export const downloadCsv = async (
  client: Client,
  section: { readonly slug: string; readonly title: string; readonly range: ChosenRange },
  panel: DataPanel,
  sort: string | null,
): Promise<void> => {
  const found = await readAllRows(client, section.slug, panel, section.range, sort);
  const { columns, rows } = found;
  // A file of rows has no place for it but its name.
  const range = panel.followsRange ? [rangeInFileName(found)] : [];
  saveFile(
    fileNameOf([section.title, panel.title, ...range], "csv", new Date()),
    new Blob([csvOf(columns, rows)], { type: "text/csv;charset=utf-8" }),
  );
};
