import { describe, expect, it } from "vitest";
import { badRowsAsCsv, datasetNameOf, rowsTypeOf, titleOf } from "./rows-file.ts";

describe("a file of rows", () => {
  it("is told by its name what it is", () => {
    expect(["a.CSV", "a.json", "a.NDJSON", "a.jsonl", "a"].map(rowsTypeOf)).toEqual([
      "text/csv",
      "application/json",
      "application/x-ndjson",
      "application/x-ndjson",
      "text/csv",
    ]);
  });

  it("suggests a title and a name that a dataset can have", () => {
    expect(titleOf("élan_of-2026.csv")).toBe("Élan of 2026");
    expect(datasetNameOf("Élan of 2026")).toBe("elan-of-2026");
    expect(datasetNameOf("شركة")).toBe("");
    expect(datasetNameOf("-a-")).toBe("a");
  });

  it("gives its bad rows back as they were, with line and reason behind them", () => {
    const csv = badRowsAsCsv({
      header: ["day", "note"],
      rows: [
        { line: 2, cells: ["x", 'say "so", please'], reason: "day: Not a date." },
        { line: 5, cells: ["=1+1", " ", "more"], reason: "3 cells instead of 2." },
        { line: 9, cells: [], reason: "No text." },
      ],
    });
    expect(csv).toBe(
      [
        "day,note,,line,reason",
        'x,"say ""so"", please",,2,day: Not a date.',
        '=1+1," ",more,5,3 cells instead of 2.',
        ",,,9,No text.",
        "",
      ].join("\r\n"),
    );
  });
});
