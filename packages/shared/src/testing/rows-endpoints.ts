import type { Session } from "../contract/contract.ts";
import { expectOutcome, type Input } from "./ask.ts";
import type { BehaviourTable, EndpointBehaviours, Shown } from "./behaviour.ts";
import { includes, same } from "./differences.ts";
import {
  addDataset,
  addOrders,
  asCsv,
  asJson,
  asOrders,
  figs,
  orderRows,
  orders,
  signInToAdminister,
} from "./orders.ts";
import type { Subject } from "./subject.ts";
import {
  type RowsEndpoint,
  awaitImport,
  errorsOf,
  gzip,
  latin1,
  notFound,
  ofOrders,
} from "./dataset-steps.ts";

const rowCountOf = async (subject: Subject, mica: Session): Promise<unknown> => {
  const { rowCount, version } = (
    await expectOutcome(subject, 200, "GET /datasets/:name", ofOrders, mica)
  ).body as { rowCount: number; version: number };
  return { rowCount, version };
};

const unknownImport = `imp_${"A".repeat(22)}`;

type RowsKey = "POST /datasets/:name/rows" | "PUT /datasets/:name/rows";

const rowsBehaviours = (
  key: RowsKey,
  before: number,
  succeeds200: Shown,
): EndpointBehaviours<RowsKey> => ({
  request: { params: { name: orders.name }, upload: { type: "application/json", content: "[]" } },
  another: { params: { name: orders.name }, upload: { type: "application/json", content: "[ ]" } },
  prepare: addOrders,
  wrong: {
    params: { name: orders.name },
    query: { delimiter: "dash" },
    pointer: "/query/delimiter",
  },
  succeeds: {
    200: succeeds200,
    202: {
      name: "does the work afterwards where nobody waits for it, and says where to ask how it goes",
      run: async (subject) => {
        const mica = await signInToAdminister(subject);
        await addOrders(subject, mica);
        const { body, headers } = await expectOutcome(
          subject,
          202,
          key,
          { ...ofOrders, query: { wait: "false" }, upload: asJson(orderRows.slice(0, 2)) },
          mica,
        );
        const { id } = body as { id: string };
        same(headers.get("location"), `/imports/${id}`, "Location");
        includes(
          await awaitImport(subject, mica, id),
          {
            id,
            dataset: orders.name,
            status: "done",
            result: { rows: 2, rowCount: before + 2, version: 3 },
          },
          "how it went",
        );
        same(
          await rowCountOf(subject, mica),
          { rowCount: before + 2, version: 3 },
          "what the dataset is now",
        );
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
          key,
          { params: { name: "nothing" }, upload: asJson([]) },
          await signInToAdminister(subject),
        );
      },
    },
    rows_rejected: {
      name: "stores nothing where one row is wrong, and points at each that is",
      run: async (subject) => {
        const mica = await signInToAdminister(subject);
        await addOrders(subject, mica);
        const rejected = async (upload: NonNullable<Input["upload"]>) =>
          errorsOf(
            await expectOutcome(subject, "rows_rejected", key, { ...ofOrders, upload }, mica),
          );
        same(
          await rejected(
            asOrders(
              ",2026-02-28,,,1,1.5,true",
              ",2026-02-30,,,2.5,cheap,maybe",
              ",2026-03-01,,,3,,",
            ),
          ),
          [
            ["/lines/3/day", "wrong_value"],
            ["/lines/3/quantity", "wrong_value"],
            ["/lines/3/price", "wrong_value"],
            ["/lines/3/paid", "wrong_value"],
          ],
          "what is wrong with the CSV",
        );
        same(
          await rejected(
            asCsv("day,colour,item,quantity,price,paid,placed", "2026-02-28,red,,,,,"),
          ),
          [
            ["/lines/1/colour", "unknown_column"],
            ["/lines/1/region", "missing_column"],
          ],
          "what is wrong with the header",
        );
        same(
          await rejected(asJson([{ quantity: 1 }, { quantity: "1", colour: "red" }])),
          [
            ["/1/colour", "unknown_column"],
            ["/1/quantity", "wrong_value"],
          ],
          "what is wrong with the JSON",
        );
        same(
          await rejected({
            type: "application/x-ndjson",
            content: '{"quantity":1}\n{"placed":"2026-10-24T21:30:00"}\n',
          }),
          [["/lines/2/placed", "wrong_value"]],
          "what is wrong with the lines",
        );
        same(
          await rejected(
            asOrders(
              ",2026-02-30,,,1,1.5,true",
              ',2026-03-01,a "fig,,1,1.5,true',
              ",2026-02-30,,,1,1.5,true",
            ),
          ),
          [
            ["/lines/2/day", "wrong_value"],
            ["/lines/3/region", "unreadable"],
          ],
          "what is wrong with a CSV that can be read half",
        );
        same(
          await rejected(asOrders(',2026-02-28,north,"figs" or dates,1,1.5,true')),
          [["/lines/2/item", "unreadable"]],
          "what is wrong with a quote that does not close its cell",
        );
        same(
          await rowCountOf(subject, mica),
          { rowCount: 8, version: 2 },
          "what the dataset is now",
        );
      },
    },
    dataset_changed: {
      name: "stores nothing where somebody else has changed the rows meanwhile",
      run: async (subject) => {
        const mica = await signInToAdminister(subject);
        await addOrders(subject, mica);
        await subject.arrange({ kind: "rowsChangedMeanwhile" });
        await expectOutcome(
          subject,
          "dataset_changed",
          key,
          { ...ofOrders, upload: asJson(orderRows) },
          mica,
        );
        same(
          await rowCountOf(subject, mica),
          { rowCount: 8, version: 2 },
          "what the dataset is now",
        );
      },
    },
  },
});

export const rowsEndpointBehaviours: Pick<BehaviourTable, RowsEndpoint> = {
  "POST /datasets/:name/rows": rowsBehaviours("POST /datasets/:name/rows", 8, {
    name: "adds rows as CSV, as JSON and as lines of JSON, plain or compressed",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      await addOrders(subject, mica);
      const add = async (
        upload: NonNullable<Input["upload"]>,
        query: Input["query"] = {},
        headers: Input["headers"] = {},
      ): Promise<unknown> =>
        (
          await expectOutcome(
            subject,
            200,
            "POST /datasets/:name/rows",
            { ...ofOrders, query, headers, upload },
            mica,
          )
        ).body;
      same(
        await add(
          asCsv("quantity;item;price;day;placed;region;paid", "5;figs;1,5;;;;", "6;;2,25;;;;"),
        ),
        {
          rows: 2,
          rowCount: 10,
          version: 3,
          read: {
            delimiter: "semicolon",
            encoding: "utf-8",
            decimal: "comma",
            header: "names",
            blankRows: 0,
          },
        },
        "rows as CSV",
      );
      same(
        await add(asJson([{ item: "figs", paid: false }, {}])),
        { rows: 2, rowCount: 12, version: 4, read: {} },
        "rows as JSON",
      );
      same(
        await add({ type: "application/x-ndjson", content: '{"item":"figs"}\n{"item":"dates"}' }),
        { rows: 2, rowCount: 14, version: 5, read: {} },
        "rows as lines of JSON",
      );
      includes(
        await add({
          type: "text/csv; charset=iso-8859-1",
          content: latin1("placed,day,region,item,quantity,price,paid\n,,,nèfle,,,\n"),
        }),
        { rows: 1, rowCount: 15, read: { encoding: "windows-1252" } },
        "rows in an old encoding",
      );
      includes(
        await add(asCsv("2026-01-31T00:00:00Z,2026-01-31,north,figs,1,2.5,true"), {
          header: "absent",
        }),
        { rows: 1, rowCount: 16 },
        "rows without a header",
      );
      includes(
        await add(
          { type: "text/csv", content: await gzip(asOrders(figs).content) },
          {},
          { "content-encoding": "gzip" },
        ),
        { rows: 1, rowCount: 17, version: 8 },
        "rows as gzip",
      );
      same(
        await add(
          asCsv(
            "sep=|",
            "|||||||",
            "quantity|item|price|day|placed|region|paid|",
            '7| "figs" |NA|||NA||',
            "|||||||",
            "",
          ),
          { nullMarkers: "NA,-" },
        ),
        {
          rows: 1,
          rowCount: 18,
          version: 9,
          read: {
            delimiter: "pipe",
            encoding: "utf-8",
            decimal: "point",
            header: "names",
            nullMarkers: ["NA", "-"],
            blankRows: 3,
          },
        },
        "rows from a spreadsheet",
      );
    },
  }),

  "PUT /datasets/:name/rows": rowsBehaviours("PUT /datasets/:name/rows", 0, {
    name: "replaces all rows at once",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      await addOrders(subject, mica);
      const { body } = await expectOutcome(
        subject,
        200,
        "PUT /datasets/:name/rows",
        { ...ofOrders, upload: asOrders(figs) },
        mica,
      );
      same(
        body,
        {
          rows: 1,
          rowCount: 1,
          version: 3,
          read: {
            delimiter: "comma",
            encoding: "utf-8",
            decimal: "point",
            header: "names",
            blankRows: 0,
          },
        },
        "what came in",
      );
      const none = await expectOutcome(
        subject,
        200,
        "PUT /datasets/:name/rows",
        { ...ofOrders, upload: asJson([]) },
        mica,
      );
      same(none.body, { rows: 0, rowCount: 0, version: 4, read: {} }, "what came in of nothing");
    },
  }),

  "DELETE /datasets/:name/rows": {
    request: { params: { name: orders.name }, query: { column: "day", to: "2026-10-25" } },
    prepare: addOrders,
    wrong: { params: { name: orders.name }, query: {}, pointer: "/query/column" },
    succeeds: {
      200: {
        name: "deletes the rows of a range, from ≤ value < to, and none without a value",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          await addOrders(subject, mica);
          const remove = async (query: Input["query"]): Promise<unknown> =>
            (
              await expectOutcome(
                subject,
                200,
                "DELETE /datasets/:name/rows",
                { ...ofOrders, query },
                mica,
              )
            ).body;
          same(
            await remove({ column: "quantity", from: "100" }),
            { deleted: 0, rowCount: 8, version: 2 },
            "of a range with nothing in it",
          );
          same(
            await remove({
              column: "day",
              from: "2026-10-25",
              to: "2026-10-26",
              dryRun: "true",
            }),
            { deleted: 4, rowCount: 8, version: 2 },
            "of one day, only counted",
          );
          same(
            await remove({ column: "day", from: "2026-10-25", to: "2026-10-26" }),
            { deleted: 4, rowCount: 4, version: 3 },
            "of one day",
          );
          same(
            await remove({ column: "quantity", to: "1000" }),
            { deleted: 3, rowCount: 1, version: 4 },
            "of every quantity there is",
          );
          for (const [query, expected] of [
            [{ column: "colour", from: "red" }, ["/query/column", "unknown_column"]],
            [{ column: "paid", from: "true" }, ["/query/column", "not_ordered"]],
            [{ column: "day", from: "the first" }, ["/query/from", "wrong_value_type"]],
            [{ column: "day" }, ["/query/from", "bound_required"]],
          ] as const)
            same(
              errorsOf(
                await expectOutcome(
                  subject,
                  "validation_failed",
                  "DELETE /datasets/:name/rows",
                  { ...ofOrders, query },
                  mica,
                ),
              ),
              [expected],
              "what is wrong",
            );
        },
      },
    },
    fails: {
      not_found: notFound("DELETE /datasets/:name/rows", {
        ...ofOrders,
        query: { column: "day", to: "2026-10-25" },
      }),
      dataset_changed: {
        name: "deletes nothing where somebody else has changed the rows meanwhile",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          await addOrders(subject, mica);
          await subject.arrange({ kind: "rowsChangedMeanwhile" });
          await expectOutcome(
            subject,
            "dataset_changed",
            "DELETE /datasets/:name/rows",
            { ...ofOrders, query: { column: "day", to: "2026-10-25" } },
            mica,
          );
          same(
            await rowCountOf(subject, mica),
            { rowCount: 8, version: 2 },
            "what the dataset is now",
          );
        },
      },
    },
  },

  "GET /imports/:importId": {
    request: { params: { importId: unknownImport } },
    wrong: { params: { importId: "imp_1" }, pointer: "/params/importId" },
    succeeds: {
      200: {
        name: "tells how an import went, and what was wrong with its rows",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          await addDataset(subject, mica, orders, orderRows);
          const start = async (upload: NonNullable<Input["upload"]>): Promise<string> =>
            (
              (
                await expectOutcome(
                  subject,
                  202,
                  "POST /datasets/:name/rows",
                  { ...ofOrders, query: { wait: "false" }, upload },
                  mica,
                )
              ).body as { id: string }
            ).id;
          const good = asJson(orderRows.slice(0, 1));
          const bytes = (good.content as string).length;
          const id = await start(good);
          same(
            await awaitImport(subject, mica, id),
            {
              id,
              dataset: orders.name,
              status: "done",
              bytes,
              totalBytes: bytes,
              rows: 1,
              result: { rows: 1, rowCount: 9, version: 3, read: {} },
              problem: null,
            },
            "an import that went well",
          );
          const failed = await awaitImport(
            subject,
            mica,
            await start(asJson([{ quantity: "many" }])),
          );
          includes(
            failed,
            {
              status: "failed",
              result: null,
              problem: {
                code: "rows_rejected",
                errors: [{ pointer: "/0/quantity", code: "wrong_value" }],
              },
            },
            "an import that failed",
          );
        },
      },
    },
    fails: {
      not_found: {
        name: "says so where no such import is known",
        run: async (subject) => {
          await expectOutcome(
            subject,
            "not_found",
            "GET /imports/:importId",
            { params: { importId: unknownImport } },
            await signInToAdminister(subject),
          );
        },
      },
    },
  },
};

/** What holds for rows however they are sent. */
export const rowFileBehaviours: readonly Shown[] = [
  {
    name: "rows in gzip files that were packed one by one and joined are read to the end of the last",
    beyondTheMock: "gzipInParts",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      await addOrders(subject, mica);
      const [header = "", ...rows] = asOrders(figs).content.split("\n");
      const parts = [await gzip(`${header}\n`), await gzip(rows.join("\n"))];
      const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
      joined.set(parts[0] as Uint8Array, 0);
      joined.set(parts[1] as Uint8Array, (parts[0] as Uint8Array).length);
      const upload = { type: "text/csv", content: joined } as const;
      const { body } = await expectOutcome(
        subject,
        200,
        "POST /datasets/:name/rows",
        { ...ofOrders, headers: { "content-encoding": "gzip" }, upload },
        mica,
      );
      includes(body, { rows: 1 }, "the rows that were read");
    },
  },
];
