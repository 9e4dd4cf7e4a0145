import type { Session } from "../contract/contract.ts";
import type { datasetEndpoints } from "../contract/datasets.ts";
import { expectOutcome, type Input } from "./ask.ts";
import type { BehaviourTable } from "./behaviour.ts";
import { holds, includes, same } from "./differences.ts";
import {
  addOrderPanels,
  addOrders,
  addOrderTable,
  asCsv,
  asJson,
  orders,
  orderTable,
  panelsOf,
  putSection,
  signInToAdminister,
} from "./orders.ts";
import { signIn } from "./steps.ts";
import type { Subject } from "./subject.ts";
import { type RowsEndpoint, errorsOf, gzip, latin1, notFound, ofOrders } from "./dataset-steps.ts";

/** As their text: the rows as CSV have 380 characters. */
const aboutAsLargeAsOrders = (bytes: unknown): void =>
  holds(Number(bytes) > 190 && Number(bytes) < 1_520, `their size is ${String(bytes)} bytes`);

const tagOfOrders = async (subject: Subject, mica: Session): Promise<string> =>
  (await expectOutcome(subject, 200, "GET /datasets/:name", ofOrders, mica)).headers.get("etag") ??
  "";

export const datasetBehaviours: Pick<
  BehaviourTable,
  Exclude<keyof typeof datasetEndpoints, RowsEndpoint>
> = {
  "GET /datasets": {
    request: {},
    wrong: { query: { limit: "201" }, pointer: "/query/limit" },
    succeeds: {
      200: {
        name: "lists every dataset by name, in pages, without its rows",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          await addOrders(subject, mica);
          const found: { name: string }[] = [];
          for (let cursor: string | undefined | null; cursor !== null;) {
            const { body } = await expectOutcome(
              subject,
              200,
              "GET /datasets",
              { query: { limit: 2, cursor } },
              mica,
            );
            const { items, nextCursor } = body as {
              items: { name: string }[];
              nextCursor: string | null;
            };
            holds(items.length === 2 || nextCursor === null, `a page of two has ${items.length}`);
            found.push(...items);
            cursor = nextCursor;
          }
          const names = found.map(({ name }) => name);
          same(names, names.toSorted(), "the order of the names");
          const {
            id: _,
            updatedAt: __,
            bytes,
            ...listed
          } = found.find(({ name }) => name === orders.name) as unknown as Record<string, unknown>;
          same(
            listed,
            { ...orders, rowCount: 8, version: 2, panelCount: 0 },
            "what the list says of the orders",
          );
          aboutAsLargeAsOrders(bytes);
          const list = async (query: Input["query"]): Promise<Record<string, unknown>> =>
            (await expectOutcome(subject, 200, "GET /datasets", { query }, mica)).body as Record<
              string,
              unknown
            >;
          const namesOf = (body: Record<string, unknown>): string[] =>
            (body["items"] as { name: string }[]).map(({ name }) => name);
          for (const sort of ["title", "-title", "rowCount", "-rowCount", "updatedAt", "-name"]) {
            const all = await list({ sort });
            const paged: string[] = [];
            for (let cursor: string | null | undefined; cursor !== null;) {
              const page = await list({ sort, limit: 3, cursor });
              paged.push(...namesOf(page));
              cursor = page["nextCursor"] as string | null;
            }
            same([paged, all["total"]], [namesOf(all), found.length], `by ${sort}`);
          }
          same(
            [namesOf(await list({ q: "OF FRUIT" })), (await list({ q: "%" }))["total"]],
            [[orders.name], 0],
            "what is found",
          );
          await addOrderPanels(subject, mica, orderTable, orderTable);
          includes(
            (await list({ q: orders.name }))["items"],
            [{ name: orders.name, panelCount: 2 }],
            "how many panels read it",
          );
        },
      },
    },
    fails: {},
  },

  "POST /datasets": {
    request: { body: { ...orders, columns: [...orders.columns] } },
    another: { body: { ...orders, title: "Another", columns: [...orders.columns] } },
    wrong: {
      body: { ...orders, columns: [{ name: "day", label: "Day", type: "moment" }] },
      pointer: "/columns/0/type",
    },
    succeeds: {
      201: {
        name: "creates a dataset without rows, and says where it is",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const { attribution: _, ...unattributed } = orders;
          const { body, headers } = await expectOutcome(
            subject,
            201,
            "POST /datasets",
            { body: unattributed },
            mica,
          );
          const { id, updatedAt, ...created } = body as Record<string, unknown>;
          same(
            created,
            { ...unattributed, attribution: null, rowCount: 0, version: 1 },
            "the dataset",
          );
          holds(/^dat_[\w-]{22}$/.test(String(id)), `its id is ${String(id)}`);
          same(headers.get("location"), `/datasets/${orders.name}`, "Location");
          same(
            Date.parse(String(updatedAt)),
            Date.parse(mica.accessExpiresAt) - mica.expiresIn * 1000,
            "when it was changed",
          );
        },
      },
    },
    fails: {
      dataset_name_taken: {
        name: "refuses a name that another dataset has",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          await addOrders(subject, mica);
          same(
            errorsOf(
              await expectOutcome(
                subject,
                "dataset_name_taken",
                "POST /datasets",
                { body: { ...orders, title: "Another" } },
                mica,
              ),
            ),
            [["/name", "taken"]],
            "what is wrong",
          );
        },
      },
    },
  },

  "POST /datasets/detection": {
    request: { upload: { type: "text/csv", content: "a,b\n1,2\n" } },
    wrong: { query: { header: "maybe" }, pointer: "/query/header" },
    succeeds: {
      200: {
        name: "recognises how a CSV file is to be read and which columns it has",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const detect = async (
            upload: NonNullable<Input["upload"]>,
            query: Input["query"] = {},
          ): Promise<unknown> =>
            (await expectOutcome(subject, 200, "POST /datasets/detection", { query, upload }, mica))
              .body;
          same(
            await detect(asCsv("Day;Price;Sold?", "2026-01-31;1,5;true", "2026-02-01;2,25;false")),
            {
              delimiter: "semicolon",
              encoding: "utf-8",
              decimal: "comma",
              header: "names",
              columns: [
                { name: "Day", label: "Day", type: "date" },
                { name: "Price", label: "Price", type: "decimal" },
                { name: "Sold?", label: "Sold?", type: "boolean" },
              ],
              rows: [
                ["2026-01-31", "1,5", "true"],
                ["2026-02-01", "2,25", "false"],
              ],
              rowsSeen: 2,
              blankRows: 0,
              suggestedNullMarkers: [],
              strays: [],
            },
            "a file of French habits",
          );
          const fromSpreadsheet = asCsv(
            "sep=;",
            "day;amount; ",
            '2026-01-01; "1,5" ;',
            ";;",
            "2026-01-02;NA;",
          );
          includes(
            await detect(fromSpreadsheet),
            {
              delimiter: "semicolon",
              decimal: "comma",
              header: "names",
              columns: [
                { name: "day", type: "date" },
                { name: "amount", type: "text" },
              ],
              rowsSeen: 2,
              blankRows: 1,
              suggestedNullMarkers: ["NA"],
            },
            "a file from a spreadsheet",
          );
          includes(
            await detect(fromSpreadsheet, { nullMarkers: "NA,-" }),
            { columns: [{ type: "date" }, { type: "decimal" }], suggestedNullMarkers: [] },
            "the same file by one who says what stands for null",
          );
          includes(
            await detect({ type: "text/csv", content: latin1("café,1\nthé,2\n") }),
            {
              delimiter: "comma",
              encoding: "windows-1252",
              header: "absent",
              rows: [
                ["café", "1"],
                ["thé", "2"],
              ],
              rowsSeen: 2,
            },
            "a file in an old encoding, without a header",
          );
          includes(
            await detect(asCsv("a|b", "1|2026-01-31T09:30:00Z"), { header: "skip" }),
            {
              delimiter: "pipe",
              header: "skip",
              columns: [{ type: "integer" }, { type: "timestamp" }],
              rowsSeen: 1,
            },
            "a file whose header is to be skipped",
          );
        },
      },
    },
    fails: {
      rows_rejected: {
        name: "says of a file that is no CSV why it is none",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          for (const content of [await gzip("a,b\n1,2\n"), "sep=:\na:b\n"]) {
            const reply = await expectOutcome(
              subject,
              "rows_rejected",
              "POST /datasets/detection",
              { upload: { type: "text/csv", content } },
              mica,
            );
            same(errorsOf(reply), [["/lines/1", "unreadable"]], "what is pointed at");
          }
        },
      },
    },
  },

  "GET /datasets/:name": {
    request: { params: { name: orders.name } },
    wrong: { params: { name: "Orders" }, pointer: "/params/name" },
    succeeds: {
      200: {
        name: "tells what a dataset is",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          await addOrders(subject, mica);
          const {
            id: _,
            updatedAt: __,
            bytes,
            ...body
          } = (await expectOutcome(subject, 200, "GET /datasets/:name", ofOrders, mica))
            .body as Record<string, unknown>;
          aboutAsLargeAsOrders(bytes);
          same(body, { ...orders, rowCount: 8, version: 2 }, "the dataset");
          // As a part of a path there is, which takes POST.
          const named = { ...orders, name: "detection" };
          await expectOutcome(subject, 201, "POST /datasets", { body: named }, mica);
          includes(
            (
              await expectOutcome(
                subject,
                200,
                "GET /datasets/:name",
                { params: { name: named.name } },
                mica,
              )
            ).body,
            { name: "detection" },
            "a dataset of that name",
          );
        },
      },
    },
    fails: { not_found: notFound("GET /datasets/:name", ofOrders) },
  },

  "GET /datasets/:name/readers": {
    request: { params: { name: orders.name } },
    wrong: { params: { name: "Orders" }, pointer: "/params/name" },
    succeeds: {
      200: {
        name: "tells which panels of which sections read a dataset",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          await addOrders(subject, mica);
          const readers = async (): Promise<unknown> =>
            (
              (await expectOutcome(subject, 200, "GET /datasets/:name/readers", ofOrders, mica))
                .body as { items: unknown }
            ).items;
          same(await readers(), [], "who reads it");
          const ids = await addOrderPanels(
            subject,
            mica,
            { kind: "markdown", title: "Words", width: 4, text: "Fruit" },
            orderTable,
            { ...orderTable, title: "Again" },
          );
          await putSection(subject, mica, {
            slug: "first",
            title: "First",
            position: 0,
            panels: [orderTable],
          });
          const [, table, again] = ids;
          const [first] = await panelsOf(subject, "first", mica);
          same(
            await readers(),
            [
              { slug: "first", title: "First", panels: [{ id: first?.id, title: "Orders" }] },
              {
                slug: "orders",
                title: "orders",
                panels: [
                  { id: table, title: "Orders" },
                  { id: again, title: "Again" },
                ],
              },
            ],
            "who reads it",
          );
          for (const permission of ["datasets:read", "datasets:write"] as const)
            await subject.arrange({ kind: "permissionGiven", person: "nora", permission });
          const nora = await signIn(subject, "nora");
          same(
            (await expectOutcome(subject, 200, "GET /datasets/:name/readers", ofOrders, nora)).body,
            { items: [], isComplete: false },
            "what is told to somebody who may know of none of them",
          );
          const { problem } = await expectOutcome(
            subject,
            "dataset_in_use",
            "DELETE /datasets/:name",
            ofOrders,
            nora,
          );
          same(problem?.errors, [], "and why it cannot be deleted");
        },
      },
    },
    fails: { not_found: notFound("GET /datasets/:name/readers", ofOrders) },
  },

  "PATCH /datasets/:name": {
    request: { params: { name: orders.name }, body: { title: "Fruit" } },
    prepare: addOrders,
    wrong: { params: { name: orders.name }, body: { title: 7 }, pointer: "/title" },
    succeeds: {
      200: {
        name: "changes title, attribution, labels and units, and leaves the rest as it was",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          await addOrders(subject, mica);
          const patch = async (body: object): Promise<Record<string, unknown>> =>
            (
              await expectOutcome(
                subject,
                200,
                "PATCH /datasets/:name",
                { ...ofOrders, body },
                mica,
              )
            ).body as Record<string, unknown>;
          includes(await patch({}), { title: orders.title, version: 2 }, "a change of nothing");
          includes(
            await patch({ title: "Fruit", attribution: null }),
            { title: "Fruit", attribution: null, version: 2, columns: orders.columns },
            "another title",
          );
          const changed = await patch({
            columns: [
              { name: "quantity", label: "Pieces", unit: null },
              { name: "price", unit: "USD" },
            ],
          });
          same(
            [changed["version"], changed["columns"]],
            [
              3,
              orders.columns.map((column) =>
                column.name === "quantity"
                  ? { name: "quantity", label: "Pieces", type: "integer" }
                  : column.name === "price"
                    ? { ...column, unit: "USD" }
                    : column,
              ),
            ],
            "the columns",
          );
          const reply = await expectOutcome(
            subject,
            "validation_failed",
            "PATCH /datasets/:name",
            { ...ofOrders, body: { columns: [{ name: "colour", label: "Colour" }] } },
            mica,
          );
          same(errorsOf(reply), [["/columns/0/name", "unknown_column"]], "what is wrong");
        },
      },
    },
    fails: {
      precondition_failed: {
        name: "overwrites nobody else's change of what a dataset says of itself, and minds no rows",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          await addOrders(subject, mica);
          const tag = await tagOfOrders(subject, mica);
          const patch = { ...ofOrders, headers: { "if-match": tag } };
          const rows = { ...ofOrders, upload: asJson([{ item: "figs" }]) };
          await expectOutcome(subject, 200, "POST /datasets/:name/rows", rows, mica);
          const first = await expectOutcome(
            subject,
            200,
            "PATCH /datasets/:name",
            { ...patch, body: { title: "Fruit" } },
            mica,
          );
          same(first.headers.get("etag"), await tagOfOrders(subject, mica), "the ETag of now");
          await expectOutcome(
            subject,
            "precondition_failed",
            "PATCH /datasets/:name",
            { ...patch, body: { title: "Vegetables" } },
            mica,
          );
        },
      },
      not_found: notFound("PATCH /datasets/:name", { ...ofOrders, body: { title: "Fruit" } }),
    },
  },

  "DELETE /datasets/:name": {
    request: { params: { name: orders.name } },
    prepare: addOrders,
    wrong: { params: { name: "Orders" }, pointer: "/params/name" },
    succeeds: {
      204: {
        name: "deletes a dataset, and its name is free again",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          await addOrders(subject, mica);
          await expectOutcome(subject, 204, "DELETE /datasets/:name", ofOrders, mica);
          await expectOutcome(subject, "not_found", "GET /datasets/:name", ofOrders, mica);
          await expectOutcome(subject, 201, "POST /datasets", { body: orders }, mica);
        },
      },
    },
    fails: {
      precondition_failed: {
        name: "deletes no dataset that somebody else has changed",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          await addOrders(subject, mica);
          const headers = { "if-match": await tagOfOrders(subject, mica) };
          const patch = { ...ofOrders, body: { attribution: "Theirs" } };
          await expectOutcome(subject, 200, "PATCH /datasets/:name", patch, mica);
          await expectOutcome(
            subject,
            "precondition_failed",
            "DELETE /datasets/:name",
            { ...ofOrders, headers },
            mica,
          );
        },
      },
      not_found: notFound("DELETE /datasets/:name", ofOrders),
      dataset_in_use: {
        name: "keeps a dataset while a panel reads it, and names the section",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const panelId = await addOrderTable(subject, mica);
          const { problem } = await expectOutcome(
            subject,
            "dataset_in_use",
            "DELETE /datasets/:name",
            ofOrders,
            mica,
          );
          holds(problem?.detail.includes("orders") === true, "the section is not named");
          same(
            problem?.errors?.map(({ pointer }) => pointer),
            [`/sections/orders/panels/${panelId}`],
            "the panels that are named",
          );
          await expectOutcome(subject, 200, "GET /datasets/:name", ofOrders, mica);
        },
      },
    },
  },
};
