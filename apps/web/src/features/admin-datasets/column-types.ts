import type { Contract, ResponseBody } from "@sallyport/shared/client";

export type ColumnType = ResponseBody<Contract["GET /datasets/:name"]>["columns"][number]["type"];

export const typeTitles: { readonly [Type in ColumnType]: string } = {
  text: "Text",
  integer: "Whole number",
  decimal: "Number",
  boolean: "Yes or no",
  date: "Date",
  timestamp: "Point in time",
};
export const columnTypes = Object.keys(typeTitles) as ColumnType[];
