import { expect, test } from "vitest";
import {
  nextSort,
  plainView,
  readPanelView,
  rowsShown,
  viewText,
  withPanelView,
} from "./panel-view.ts";

test("how a panel is looked at is in the address for each panel by itself, and what is the rule is not", () => {
  const view = { sort: "-price", page: 2, asTable: true, hidden: ["a b", "c&d"] };
  const search = withPanelView(new URLSearchParams("last=P30D&sort.b=x"), "a", view);
  expect(search.toString()).toBe(
    "last=P30D&sort.b=x&sort.a=-price&page.a=2&view.a=table&hide.a=a+b&hide.a=c%26d",
  );
  expect(readPanelView(search, "a")).toEqual(view);
  expect(readPanelView(search, "b")).toEqual({ ...plainView, sort: "x" });
  expect(withPanelView(search, "a", plainView).toString()).toBe("last=P30D&sort.b=x");
});

test("what is in the address for another panel leaves a panel's own view the same", () => {
  const search = new URLSearchParams("hide.a=x&hide.a=x&page.a=2");
  expect(viewText(search, "a")).toBe(
    viewText(withPanelView(search, "b", { ...plainView, page: 3 }), "a"),
  );
  expect(readPanelView(search, "a").hidden).toEqual(["x"]);
});

test.each(["0", "-1", "2.5", "x", "", "10001"])("page %j is the first", (page) => {
  expect(readPanelView(new URLSearchParams({ "page.a": page }), "a").page).toBe(1);
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
