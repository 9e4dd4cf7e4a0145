/** Which page of a table is looked at, and by which column it is sorted, as the page's address has it: `?sort.<panel>=-price&page.<panel>=2`. */
export interface TableView {
  /** The name of a column, with a hyphen before it for descending order; null for the order of the panel's own query. */
  readonly sort: string | null;
  readonly page: number;
}

const lastPage = 10_000;

export const readTableView = (search: URLSearchParams, panelId: string): TableView => {
  const sort = search.get(`sort.${panelId}`);
  const page = Number(search.get(`page.${panelId}`));
  return {
    sort: sort === null || sort === "" || sort.length > 101 ? null : sort,
    page: Number.isInteger(page) && page >= 1 && page <= lastPage ? page : 1,
  };
};

export const withTableView = (
  search: URLSearchParams,
  panelId: string,
  { sort, page }: TableView,
): URLSearchParams => {
  const next = new URLSearchParams(search);
  if (sort === null) next.delete(`sort.${panelId}`);
  else next.set(`sort.${panelId}`, sort);
  if (page === 1) next.delete(`page.${panelId}`);
  else next.set(`page.${panelId}`, String(page));
  return next;
};

export type Direction = "ascending" | "descending";

export const directionOf = (sort: string | null, column: string): Direction | null =>
  sort === column ? "ascending" : sort === `-${column}` ? "descending" : null;

/** What a press on a column's head asks for: its first order, the other one, and then the panel's own order again. Numbers and times begin with the largest. */
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
  const number = (value: number): string => new Intl.NumberFormat(locale).format(value);
  if (shown === 0) return `0 of ${number(total)}`;
  const first = (page - 1) * pageSize + 1;
  return `${number(first)}–${number(first + shown - 1)} of ${number(total)}`;
};
