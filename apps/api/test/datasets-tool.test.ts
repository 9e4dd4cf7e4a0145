/** `sallyport datasets …`, beside an API that runs on the same data directory. */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it, vi } from "vitest";
import { readRows } from "./dashboards.ts";
import { createTeamApp } from "./team.ts";
import { signInForBody } from "./test-browser.ts";
import { run, type Outcome } from "./tool.ts";

// A child takes a second to start on a busy machine, and some tests start several.
vi.setConfig({ testTimeout: 90_000 });

const csv = "day;product;price;code\n2026-01-31;Pen;1,50;007\n2026-02-01;Ink;2,25;012\n";

const open = async () => {
  const app = await createTeamApp();
  const files = join(app.dataDirectory, "files");
  mkdirSync(files);
  const write = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(files, name), content);
    return join(files, name);
  };
  const tool = (arguments_: readonly string[], input = ""): Promise<Outcome> =>
    run(app.dataDirectory, ["datasets", ...arguments_], { input });
  return { app, write, tool };
};
describe("datasets import", () => {
  it("makes a dataset of a file, shows what it takes its columns for, and an API that runs sees it at once", async () => {
    const { app, write, tool } = await open();
    const outcome = await tool([
      "import",
      write("orders.csv", csv),
      "--name",
      "orders",
      "--title",
      "Orders",
      "--type",
      "product=text",
      "--label",
      "price=Amount",
      "--unit",
      "price=EUR",
      "--number",
      "price=2",
    ]);
    expect(outcome).toEqual({
      code: 0,
      stderr: "",
      stdout: [
        "Read as utf-8, separated by semicolon, with decimal commas; types by the first 2 rows:",
        "",
        "  column   type     label",
        "  day      date     Day",
        "  product  text     Product",
        "  price    decimal  Amount (EUR, 2 digits)",
        "  code     text     Code",
        "",
        "2 rows imported. The dataset orders has 2 rows now.",
        "",
      ].join("\n"),
    });
    const client = await signInForBody(app, "mica");
    expect((await client.send("GET", "/datasets/orders")).body).toMatchObject({
      title: "Orders",
      rowCount: 2,
      version: 2,
    });
    expect(await readRows(app, "orders")).toEqual([
      ["2026-01-31", "Pen", 1.5, "007"],
      ["2026-02-01", "Ink", 2.25, "012"],
    ]);
    const events = app.auditEvents().filter(({ action }) => action.startsWith("dataset."));
    expect(events.map(({ detail }) => detail["by"])).toEqual(["command line", "command line"]);
  });

  it("adds rows or replaces them, from files and from standard input, and asks which", async () => {
    const { app, write, tool } = await open();
    const file = write("orders.csv", csv);
    // As an import leaves it that was killed on its way into a dataset of its own.
    await tool([
      "import",
      write("header.csv", "day;product;price;code\n"),
      "--name",
      "orders",
      "--type",
      "day=date",
      "--type",
      "price=decimal",
    ]);
    expect((await tool(["import", file, "--name", "orders"])).stdout).toBe(
      "2 rows imported. The dataset orders has 2 rows now.\n",
    );
    expect(await tool(["import", file, "--name", "orders"])).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/exists\. Say --append .* or --replace/) as string,
    });
    expect((await tool(["import", "-", "--name", "orders", "--append"], csv)).stdout).toBe(
      "2 rows imported. The dataset orders has 4 rows now.\n",
    );
    expect(
      (
        await tool([
          "import",
          write("x.ndjson", '{"product":"Nib"}\n'),
          "--name",
          "orders",
          "--append",
        ])
      ).stdout,
    ).toBe("1 row imported. The dataset orders has 5 rows now.\n");
    expect(
      (
        await tool(
          ["import", "-", "--format", "json", "--name", "orders", "--replace"],
          '[{"price":1}]',
        )
      ).stdout,
    ).toBe("1 row imported. The dataset orders has 1 row now.\n");
    expect(await readRows(app, "orders")).toEqual([[null, null, 1, null]]);
    expect(
      readdirSync(join(app.dataDirectory, "imports")).filter((name) => name.startsWith("rows-")),
    ).toEqual([]);
  });

  it("reads what spreadsheets write, says what it passed over, and asks what stands for null", async () => {
    const { app, write, tool } = await open();
    const file = write(
      "sheet.csv",
      'sep=;\nday;amount;\n2026-01-01; "1,5" ;\n;;\n2026-01-02;NA;\n;;\n',
    );
    const asked = await tool(["import", file, "--name", "orders", "--dry-run"]);
    expect(asked.stdout).toContain("  amount  text  Amount\n");
    expect(asked.stdout).toContain(
      `only because of "NA". If that stands for an empty cell, say --null-markers 'NA'.`,
    );
    const outcome = await tool(["import", file, "--name", "orders", "--null-markers", "-,NA"]);
    expect(outcome.stdout).toContain(
      "\n2 lines with nothing in them were passed over.\n2 rows imported.",
    );
    expect(await readRows(app, "orders")).toEqual([
      ["2026-01-01", 1.5],
      ["2026-01-02", null],
    ]);
  });

  it("names each bad row by its line, ends with 1 and leaves nothing, no dataset either", async () => {
    const { app, write, tool } = await open();
    const file = write("bad.csv", `${csv}${"2026-02-01;Ink;2,25;013\n".repeat(30)}yesterday;Pen\n`);
    const late = write("late.csv", `n\n${"1\n".repeat(600_000)}many\n`);
    expect(
      await tool(["import", file, "--name", "orders", "--type", "code=integer"]),
    ).toMatchObject({
      code: 1,
      stderr: "Line 34: 2 cells instead of 4.\nNothing was imported.\n",
    });
    expect(await tool(["import", late, "--name", "late"])).toMatchObject({
      code: 1,
      stderr: "Line 600002, n: Not a whole number.\nNothing was imported.\n",
    });
    expect(await app.dependencies.datasets.list("", 1)).toEqual([]);
  });

  it("only looks, when that is asked for", async () => {
    const { app, write, tool } = await open();
    const outcome = await tool([
      "import",
      write("orders.csv", csv),
      "--name",
      "orders",
      "--dry-run",
    ]);
    expect(outcome).toMatchObject({
      code: 0,
      stderr: "",
      stdout: expect.stringMatching(/All of 2 rows fit\. Nothing was imported\.\n$/) as string,
    });
    expect(await app.dependencies.datasets.list("", 1)).toEqual([]);
  });

  it("says in words what is wrong with how it was called", async () => {
    const { write, tool } = await open();
    const file = write("orders.csv", csv);
    const outcomes = await Promise.all([
      tool(["import", "/nowhere.csv", "--name", "orders"]),
      tool(["import", file, "--name", "Two Words"]),
      tool(["import", file, "--name", "orders", "--type", "price=money"]),
      tool(["import", file, "--name", "orders", "--type", "cost=text"]),
      tool(["import", file, "--name", "orders", "--append", "--replace"]),
      tool(["import", write("x.json", "[]"), "--name", "orders"]),
      tool(["import", write("empty.csv", ""), "--name", "orders"]),
      tool(["import", write("orders.csv.gz", gzipSync(csv)), "--name", "orders"]),
      tool(["import", write("orders.xlsx", "PK\u0003\u0004\u0014\0"), "--name", "orders"]),
    ]);
    expect(outcomes.map(({ code, stderr }) => [code, stderr.split("\n", 1)[0]])).toEqual([
      [1, "/nowhere.csv: cannot be read (ENOENT: no such file or directory, stat '/nowhere.csv')."],
      [
        1,
        "/name: This must be lower-case letters and digits, with single hyphens or underscores between them.",
      ],
      [1, "--type price=money: the types are text, integer, decimal, boolean, date, timestamp."],
      [
        1,
        "--type cost=text: not COLUMN=TYPE with a column of the file. Its columns are: day, product, price, code.",
      ],
      [1, "Say either --append or --replace."],
      [1, "Row 1: There are no rows in the file."],
      [1, "Line 1: The file is empty."],
      [
        1,
        "Line 1: This is a compressed file or a workbook, and no text. Unpack it, or save it as CSV.",
      ],
      [
        1,
        "Line 1: This is a compressed file or a workbook, and no text. Unpack it, or save it as CSV.",
      ],
    ]);
    expect(
      outcomes.map(({ stderr }) => stderr).filter((text) => text.split("\n").length > 2),
    ).toEqual([]);
    expect((await tool(["list"])).stdout).toBe("There are no datasets yet.\n");
    expect(outcomes.map(({ stderr }) => stderr).join("")).not.toMatch(/\n\s+at /);
  });
});

describe("datasets list, delete-rows and delete", () => {
  it("do what they say", async () => {
    const { app, write, tool } = await open();
    expect((await tool(["list"])).stdout).toBe("There are no datasets yet.\n");
    await tool(["import", write("orders.csv", csv), "--name", "orders"]);
    expect((await tool(["list"])).stdout).toMatch(
      /^orders: orders; 2 rows, changed \d{4}-.*Z\n {2}day \(date\), product \(text\), price \(decimal\), code \(text\)\n$/,
    );
    expect(
      await tool(["delete-rows", "orders", "--column", "day", "--from", "2026-02-01"]),
    ).toMatchObject({
      code: 0,
      stdout: "1 row deleted. The dataset orders has 1 row now.\n",
    });
    expect((await tool(["delete-rows", "orders", "--column", "day"])).code).toBe(1);
    expect(await tool(["delete", "orders"])).toMatchObject({
      code: 0,
      stdout: "The dataset orders is deleted, with 1 row.\n",
    });
    expect(await tool(["delete", "orders"])).toMatchObject({
      code: 1,
      stderr: 'There is no dataset "orders".\n',
    });
    // What is left of its table goes when the API looks after its database.
    await app.dependencies.maintain();
    expect(app.countTablesOfRows()).toBe(0);
  });
});
