import { expect, test } from "vitest";
import { nextSort, readTableView, rowsShown, withTableView } from "./table-view.ts";

test("order and page are in the address for each panel by itself, and what is the rule is not", () => {
  const search = withTableView(new URLSearchParams("last=P30D&sort.b=x"), "a", {
    sort: "-price",
    page: 2,
  });
  expect(search.toString()).toBe("last=P30D&sort.b=x&sort.a=-price&page.a=2");
  expect(readTableView(search, "a")).toEqual({ sort: "-price", page: 2 });
  expect(readTableView(search, "b")).toEqual({ sort: "x", page: 1 });
  expect(withTableView(search, "a", { sort: null, page: 1 }).toString()).toBe("last=P30D&sort.b=x");
});

test.each(["0", "-1", "2.5", "x", "", "10001"])("page %j is the first", (page) => {
  expect(readTableView(new URLSearchParams({ "page.a": page }), "a").page).toBe(1);
});

test("a column's head leads from its first order to the other, and back to none", () => {
  expect(nextSort(null, "price", "descending")).toBe("-price");
  expect(nextSort("-price", "price", "descending")).toBe("price");
  expect(nextSort("price", "price", "descending")).toBeNull();
  expect(nextSort("-price", "name", "ascending")).toBe("name");
});

test("the rows that are shown are counted", () => {
  expect(rowsShown(1, 25, 25, 3201, "en")).toBe("1–25 of 3,201");
  expect(rowsShown(129, 25, 1, 3201, "en")).toBe("3,201–3,201 of 3,201");
  expect(rowsShown(9, 25, 0, 30, "en")).toBe("0 of 30");
});
