/**
 * How a panel is looked at, as the page's address has it, so that a link shows what was shared:
 * `?sort.<panel>=-price`, `page.<panel>=2`, `view.<panel>=table`, and `hide.<panel>=<series>` once
 * for each series that is taken away.
 */
import { numberFormat } from "../ui/reader.ts";
export interface PanelView {
  /**
   * The name of a column, with a hyphen before it for descending order; null for the order of the
   * panel's own query.
   */
  readonly sort: string | null;
  readonly page: number;
  /** A chart, as the table behind it. */
  readonly asTable: boolean;
  /** The keys of the series of a chart that are not drawn. */
  readonly hidden: readonly string[];
}
export type TableView = Pick<PanelView, "sort" | "page">;

const lastPage = 10_000;
const mostHidden = 50;

export const plainView: PanelView = { sort: null, page: 1, asTable: false, hidden: [] };

export const readPanelView = (search: URLSearchParams, panelId: string): PanelView => {
  const sort = search.get(`sort.${panelId}`);
  const page = Number(search.get(`page.${panelId}`));
  return {
    sort: sort === null || sort === "" || sort.length > 101 ? null : sort,
    page: Number.isInteger(page) && page >= 1 && page <= lastPage ? page : 1,
    asTable: search.get(`view.${panelId}`) === "table",
    hidden: [...new Set(search.getAll(`hide.${panelId}`))].slice(0, mostHidden),
  };
};

export const withPanelView = (
  search: URLSearchParams,
  panelId: string,
  { sort, page, asTable, hidden }: PanelView,
): URLSearchParams => {
  const next = new URLSearchParams(search);
  const set = (name: string, value: string | null): void =>
    value === null ? next.delete(`${name}.${panelId}`) : next.set(`${name}.${panelId}`, value);
  set("sort", sort);
  set("page", page === 1 ? null : String(page));
  set("view", asTable ? "table" : null);
  next.delete(`hide.${panelId}`);
  for (const key of hidden) next.append(`hide.${panelId}`, key);
  return next;
};

/** The parameters of one panel as one text, which is the same as long as they are. */
export const viewText = (search: URLSearchParams, panelId: string): string =>
  withPanelView(new URLSearchParams(), panelId, readPanelView(search, panelId)).toString();

export type Direction = "ascending" | "descending";

export const directionOf = (sort: string | null, column: string): Direction | null =>
  sort === column ? "ascending" : sort === `-${column}` ? "descending" : null;

/**
 * What a press on a column's head asks for: its first order, the other one, and then the panel's
 * own order again. Numbers and times begin with the largest.
 */
export const nextSort = (sort: string | null, column: string, first: Direction): string | null => {
  const written = (direction: Direction): string =>
    direction === "ascending" ? column : `-${column}`;
  const now = directionOf(sort, column);
  if (now === null) return written(first);
  return now === first ? written(first === "ascending" ? "descending" : "ascending") : null;
};

/** `1–25 of 3,201` */
export const rowsShown = (
  page: number,
  pageSize: number,
  shown: number,
  total: number,
  locale?: string,
): string => {
  const number = (value: number): string => numberFormat(locale).format(value);
  if (shown === 0) return `0 of ${number(total)}`;
  const first = (page - 1) * pageSize + 1;
  return `${number(first)}–${number(first + shown - 1)} of ${number(total)}`;
};
