import type { Session } from "../contract/contract.ts";
import type { importEndpoints } from "../contract/imports.ts";
import { expectOutcome, type Input } from "./ask.ts";
import type { BehaviourTable, Prepared, Shown } from "./behaviour.ts";
import { awaitImport, errorsOf } from "./dataset-steps.ts";
import { includes, same } from "./differences.ts";
import {
  addDataset,
  addOrders,
  addOrderTable,
  asCsv,
  asJson,
  asOrders,
  figs,
  orderRows,
  orders,
  signInToAdminister,
} from "./orders.ts";
import type { Subject } from "./subject.ts";

const unknownImport = { params: { importId: `imp_${"A".repeat(22)}` } };

const plan = async (subject: Subject, mica: Session, body: object): Promise<Input> => {
  const reply = await expectOutcome(subject, 200, "POST /imports", { body }, mica);
  const status = reply.body as { id: string; status: string };
  same(reply.headers.get("location"), `/imports/${status.id}`, "Location");
  same(status.status, "expected", "the status of a plan");
  return { params: { importId: status.id } };
};

/** Says what is to become of rows, sends them, and waits until it is over. */
const carryOut = async (
  subject: Subject,
  mica: Session,
  body: object,
  upload: NonNullable<Input["upload"]>,
  query: Input["query"] = {},
): Promise<Record<string, unknown>> => {
  const planned = await plan(subject, mica, body);
  const sent = { ...planned, query, upload };
  const { body: status } = await expectOutcome(
    subject,
    200,
    "PUT /imports/:importId/rows",
    sent,
    mica,
  );
  return awaitImport(subject, mica, (status as { id: string }).id);
};

const prepareAppend = async (subject: Subject, mica: Session): Promise<Prepared> => {
  await addOrders(subject, mica);
  const planned = await plan(subject, mica, { dataset: orders.name, mode: "append" });
  return { request: { ...planned, upload: asJson([]) } };
};

const notKnown = (key: "PUT /imports/:importId/rows" | "DELETE /imports/:importId"): Shown => ({
  name: "says so where no such import is known",
  run: async (subject) => {
    const input = key.startsWith("PUT") ? { ...unknownImport, upload: asJson([]) } : unknownImport;
    await expectOutcome(subject, "not_found", key, input, await signInToAdminister(subject));
  },
});

export const importBehaviours: Pick<BehaviourTable, keyof typeof importEndpoints> = {
  "POST /dataset-detections": {
    request: { upload: { type: "application/json", content: '[{"a":1}]' } },
    wrong: { query: { header: "maybe" }, pointer: "/query/header" },
    succeeds: {
      200: {
        name: "recognises the columns of a file of each kind",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const detect = async (
            upload: NonNullable<Input["upload"]>,
            query: Input["query"] = {},
          ): Promise<unknown> =>
            (await expectOutcome(subject, 200, "POST /dataset-detections", { query, upload }, mica))
              .body;
          includes(
            await detect(asCsv("day;amount", "2026-01-31;1,5")),
            {
              format: "csv",
              delimiter: "semicolon",
              decimal: "comma",
              columns: [
                { name: "day", type: "date" },
                { name: "amount", type: "decimal" },
              ],
            },
            "a CSV file",
          );
          const found = {
            columns: [
              { name: "id", label: "Id", type: "integer", format: { style: "code" } },
              { name: "at", label: "At", type: "timestamp" },
              { name: "price", label: "Price", type: "decimal" },
              { name: "note", label: "Note", type: "text" },
              { name: "paid", label: "Paid", type: "boolean" },
            ],
            rows: [
              ["7", "2026-01-31", "1", "", ""],
              ["8", "2026-01-31T09:30:00Z", "2.5", "007", "true"],
            ],
            rowsSeen: 2,
            blankRows: 0,
            suggestedNullMarkers: [],
            strays: [],
          };
          const rows = [
            { id: 7, at: "2026-01-31", price: 1 },
            { id: 8, at: "2026-01-31T09:30:00Z", price: 2.5, note: "007", paid: true },
          ];
          same(await detect(asJson(rows)), { format: "json", ...found }, "an array");
          same(
            await detect({
              type: "application/x-ndjson",
              content: rows.map((row) => JSON.stringify(row)).join("\n"),
            }),
            { format: "ndjson", ...found },
            "an object on each line",
          );
          for (const [type, content] of [
            ["application/json", '[{"a":1},{"a":2.5},{"a":"whole'],
            ["application/x-ndjson", '{"a":1}\n{"a":2.5}\n{"a":"whole"'],
          ] as const)
            includes(
              await detect({ type, content }, { cut: "true" }),
              { columns: [{ name: "a", type: "decimal" }], rowsSeen: 2 },
              "the beginning of a file",
            );
        },
      },
    },
    fails: {
      rows_rejected: {
        name: "says of a file without rows that there are none",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          for (const content of ["[]", "[1, 2]"])
            same(
              errorsOf(
                await expectOutcome(
                  subject,
                  "rows_rejected",
                  "POST /dataset-detections",
                  { upload: { type: "application/json", content } },
                  mica,
                ),
              ),
              [["/0", "unreadable"]],
              "what is pointed at",
            );
        },
      },
    },
  },

  "POST /imports": {
    request: { body: { dataset: orders.name, mode: "append" } },
    prepare: addOrders,
    wrong: { body: { dataset: orders.name, mode: "create" }, pointer: "/columns" },
    succeeds: {
      200: {
        name: "makes a dataset with its rows, and gives one other columns, each in one moment",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const columns = [
            { name: "day", label: "Day", type: "date", source: "Tag" },
            { name: "sum", label: "Sum", type: "decimal", unit: "EUR", source: "Summe" },
          ];
          const file = asCsv("Summe,Tag", "1.5,2026-01-31");
          await plan(subject, mica, { dataset: "sums", mode: "create", columns });
          const sums = { params: { name: "sums" } };
          await expectOutcome(subject, "not_found", "GET /datasets/:name", sums, mica);
          includes(
            await carryOut(
              subject,
              mica,
              { dataset: "sums", mode: "create", title: "Sums", attribution: "Ours", columns },
              file,
            ),
            { status: "done", result: { rows: 1, rowCount: 1, version: 1 } },
            "a dataset that is made",
          );
          const read = async () =>
            (await expectOutcome(subject, 200, "GET /datasets/:name", sums, mica)).body;
          includes(
            await read(),
            {
              title: "Sums",
              attribution: "Ours",
              rowCount: 1,
              columns: [
                { name: "day", label: "Day", type: "date" },
                { name: "sum", label: "Sum", type: "decimal", unit: "EUR" },
              ],
            },
            "what was made",
          );
          includes(
            await carryOut(subject, mica, { dataset: "sums", mode: "append", columns }, file),
            { status: "done", result: { rows: 1, rowCount: 2, version: 2 } },
            "rows that are added under the names of their file",
          );
          const others = [{ name: "place", label: "Place", type: "text" }];
          includes(
            await carryOut(
              subject,
              mica,
              { dataset: "sums", mode: "replace", columns: others },
              asJson([{ place: "Rome" }, { place: "Oslo" }]),
            ),
            { status: "done", result: { rows: 2, rowCount: 2, version: 3 } },
            "other columns",
          );
          includes(await read(), { title: "Sums", rowCount: 2, columns: others }, "what it is now");
        },
      },
    },
    fails: {
      not_found: {
        name: "says so where there is no such dataset",
        run: async (subject) => {
          await expectOutcome(
            subject,
            "not_found",
            "POST /imports",
            { body: { dataset: "nothing", mode: "append" } },
            await signInToAdminister(subject),
          );
        },
      },
      dataset_name_taken: {
        name: "makes no dataset of a name that another has, also where that came meanwhile",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const { name, columns } = orders;
          const body = { dataset: name, mode: "create", columns };
          const planned = await plan(subject, mica, body);
          await addOrders(subject, mica);
          await expectOutcome(subject, "dataset_name_taken", "POST /imports", { body }, mica);
          const sent = { ...planned, upload: asOrders(figs) };
          await expectOutcome(subject, 200, "PUT /imports/:importId/rows", sent, mica);
          includes(
            await awaitImport(subject, mica, String(planned.params?.["importId"])),
            { status: "failed", problem: { code: "dataset_name_taken" } },
            "one that came too late",
          );
        },
      },
      dataset_in_use: {
        name: "gives a dataset no columns that panels do not fit which read it, and names them",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          await addOrderTable(subject, mica);
          const without = orders.columns.filter(({ name }) => name !== "item");
          const { problem } = await expectOutcome(
            subject,
            "dataset_in_use",
            "POST /imports",
            { body: { dataset: orders.name, mode: "replace", columns: without } },
            mica,
          );
          same(
            problem?.errors?.map(({ code, detail }) => [code, detail.includes('"item"')]),
            [["unknown_column", true]],
            "what would not fit",
          );
          await subject.arrange({
            kind: "permissionGiven",
            person: "mike",
            permission: "datasets:write",
          });
          const unnamed = await expectOutcome(
            subject,
            "dataset_in_use",
            "POST /imports",
            { body: { dataset: orders.name, mode: "replace", columns: without } },
            await subject.signInAs("mike", { delivery: "body" }),
          );
          same(
            [unnamed.problem?.errors ?? [], unnamed.problem?.detail?.includes("orders")],
            [[], false],
            "what is said to somebody who may not know of the section",
          );
          const more = [...orders.columns, { name: "note", label: "Note", type: "text" }];
          includes(
            await carryOut(
              subject,
              mica,
              { dataset: orders.name, mode: "replace", columns: more },
              asJson([{ note: "ripe" }]),
            ),
            { status: "done", result: { rowCount: 1 } },
            "columns that every panel fits",
          );
        },
      },
    },
  },

  "PUT /imports/:importId/rows": {
    request: { ...unknownImport, upload: { type: "application/json", content: "[]" } },
    prepare: prepareAppend,
    wrong: { ...unknownImport, query: { header: "maybe" }, pointer: "/query/header" },
    succeeds: {
      200: {
        name: "takes the rows of a plan once, and keeps those that do not fit as they were",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          await addDataset(subject, mica, orders, orderRows);
          const planned = await plan(subject, mica, { dataset: orders.name, mode: "append" });
          const sent = { ...planned, upload: asOrders(',2026-02-30,,"a ""fig""",1,x,true') };
          await expectOutcome(subject, 200, "PUT /imports/:importId/rows", sent, mica);
          const id = String(planned.params?.["importId"]);
          includes(
            await awaitImport(subject, mica, id),
            {
              status: "failed",
              problem: {
                code: "rows_rejected",
                badRows: {
                  header: ["placed", "day", "region", "item", "quantity", "price", "paid"],
                  rows: [
                    {
                      line: 2,
                      cells: ["", "2026-02-30", "", 'a "fig"', "1", "x", "true"],
                      reason: "day: Not a date such as 2026-01-31. price: Not a number.",
                    },
                  ],
                },
              },
            },
            "rows of CSV",
          );
          await expectOutcome(subject, "not_found", "PUT /imports/:importId/rows", sent, mica);
          includes(
            await carryOut(
              subject,
              mica,
              { dataset: orders.name, mode: "append" },
              { type: "application/x-ndjson", content: '{"quantity":1}\n{"quantity":"1"}\nno\n' },
            ),
            {
              problem: {
                badRows: {
                  header: ["row"],
                  rows: [
                    {
                      line: 2,
                      cells: ['{"quantity":"1"}'],
                      reason: "quantity: Not a whole number.",
                    },
                    { line: 3, cells: ["no"], reason: "No JSON." },
                  ],
                },
              },
            },
            "lines of JSON",
          );
        },
      },
    },
    fails: { not_found: notKnown("PUT /imports/:importId/rows") },
  },

  "DELETE /imports/:importId": {
    request: unknownImport,
    prepare: prepareAppend,
    wrong: { params: { importId: "imp_1" }, pointer: "/params/importId" },
    succeeds: {
      200: {
        name: "gives up an import that is not over, and says how one has ended that is",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          await addOrders(subject, mica);
          const planned = await plan(subject, mica, { dataset: orders.name, mode: "append" });
          const giveUp = async (input: Input): Promise<unknown> =>
            (await expectOutcome(subject, 200, "DELETE /imports/:importId", input, mica)).body;
          const cancelled = { status: "failed", problem: { code: "import_cancelled" } };
          includes(await giveUp(planned), cancelled, "an import that waits for rows");
          const sent = { ...planned, upload: asOrders(figs) };
          await expectOutcome(subject, "not_found", "PUT /imports/:importId/rows", sent, mica);
          const { id } = await carryOut(
            subject,
            mica,
            { dataset: orders.name, mode: "append" },
            asOrders(figs),
          );
          includes(
            await giveUp({ params: { importId: String(id) } }),
            { status: "done", result: { rows: 1 } },
            "an import that is over",
          );
        },
      },
    },
    fails: { not_found: notKnown("DELETE /imports/:importId") },
  },
};
