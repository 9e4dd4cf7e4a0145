import { describe, expect, it } from "vitest";
import { AppError } from "@sallyport/shared/core";
import { explain, printable, Stop } from "./terminal.ts";

describe("what the tool says", () => {
  it("gives no orders to the terminal, whatever a file or a name has in it", () => {
    expect(printable("column \u001b[2J\u009b31m\r\u0007ä\t👋\n")).toBe(
      "column \\u001b[2J\\u009b31m\\u000d\\u0007ä\t👋\n",
    );
    expect(explain(new Stop("--type \u001b]0;gotcha\u0007=text"))).toBe(
      "--type \\u001b]0;gotcha\\u0007=text",
    );
  });

  it("tells each mistake once", () => {
    const issue = {
      pointer: "/query/column",
      code: "unknown_column",
      detail: "The dataset has no such column.",
    };
    expect(
      explain(
        new AppError("validation_failed", {
          detail: `${issue.pointer}: ${issue.detail}`,
          errors: [issue],
        }),
      ),
    ).toBe("/query/column: The dataset has no such column.");
    expect(
      explain(new AppError("validation_failed", { detail: "Not valid.", errors: [issue] })),
    ).toBe("Not valid.\n/query/column: The dataset has no such column.");
  });
});
