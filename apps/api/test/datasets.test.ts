/**
 * Datasets through the API: what a person with the permission may do to them, and that nobody gets
 * a row out.
 */
import type { IncomingMessage } from "node:http";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { addPanel, queriedDataset, readRows } from "./dashboards.ts";
import { createTeamApp, type TeamApp } from "./team.ts";
import { createBrowser, signInForBody, type BodyClient, type Reply } from "./test-browser.ts";

const columns = [
  { name: "day", label: "Day", type: "date" },
  { name: "price", label: "Price", type: "decimal", unit: "USD" },
  { name: "paid", label: "Paid", type: "boolean" },
];

const open = async () => {
  const app = await createTeamApp();
  const client = await signInForBody(app, "mica");
  return { app, client };
};
const create = (client: BodyClient, definition: object = {}): Promise<Reply> =>
  client.send("POST", "/datasets", {
    body: { name: "orders", title: "Orders", columns, ...definition },
  });
const sendRows = (
  client: BodyClient,
  method: "POST" | "PUT",
  body: string | Uint8Array,
  type = "text/csv",
  query = "",
  headers: Record<string, string> = {},
): Promise<Reply> =>
  client.send(method, `/datasets/orders/rows${query}`, {
    body,
    headers: { "content-type": type, ...headers },
  });
const eventsOf = (app: TeamApp) =>
  app.auditEvents().filter(({ action }) => action.startsWith("dataset."));
const auditOf = (app: TeamApp): unknown[] =>
  eventsOf(app).map(({ action, detail }) => [action, detail]);
/** The first and the last value of each column of times. */
const timeBoundsOf = async (app: TeamApp) => (await queriedDataset(app, "orders")).timeBounds;
const errorsOf = (reply: Reply): unknown =>
  (reply.body.errors ?? []).map(({ pointer, code }) => [pointer, code]);

describe("a dataset", () => {
  it("is created, found, listed, changed and deleted, and each change leaves its trace", async () => {
    const { app, client } = await open();
    const created = await create(client, { attribution: "From the shop" });
    expect(created).toMatchObject({
      status: 201,
      body: {
        name: "orders",
        title: "Orders",
        attribution: "From the shop",
        columns,
        rowCount: 0,
        version: 1,
        updatedAt: new Date(app.clock.now()).toISOString(),
      },
    });
    expect(created.headers.get("location")).toBe("/datasets/orders");
    const listed = { ...created.body, bytes: 0 };
    expect((await client.send("GET", "/datasets/orders")).body).toEqual(listed);
    expect((await client.send("GET", "/datasets")).body).toEqual({
      items: [{ ...listed, panelCount: 0 }],
      nextCursor: null,
      total: 1,
    });

    const changed = await client.send("PATCH", "/datasets/orders", {
      body: {
        title: "All orders",
        attribution: null,
        columns: [
          { name: "price", label: "Amount", unit: null },
          { name: "day", unit: "d" },
        ],
      },
    });
    expect(changed).toMatchObject({
      status: 200,
      body: { title: "All orders", attribution: null, version: 2 },
    });
    expect(changed.body["columns"]).toEqual([
      { name: "day", label: "Day", type: "date", unit: "d" },
      { name: "price", label: "Amount", type: "decimal" },
      { name: "paid", label: "Paid", type: "boolean" },
    ]);
    // What changes no column leaves what was computed from the rows true.
    expect(
      (await client.send("PATCH", "/datasets/orders", { body: { title: "Orders" } })).body[
        "version"
      ],
    ).toBe(2);

    expect((await client.send("DELETE", "/datasets/orders")).status).toBe(204);
    expect((await client.send("GET", "/datasets/orders")).status).toBe(404);
    expect((await client.send("DELETE", "/datasets/orders")).status).toBe(404);
    expect(auditOf(app).map((event) => (event as [string])[0])).toEqual([
      "dataset.create",
      "dataset.change",
      "dataset.change",
      "dataset.delete",
    ]);
    for (const event of eventsOf(app))
      expect(event).toMatchObject({ actorUserId: app.userIds.mica, subjectType: "dataset" });
  });

  it("is changed whatever its columns look like in the database, where somebody wrote them by hand", async () => {
    const { app, client } = await open();
    await create(client);
    app.runSql("UPDATE datasets SET columns = ?", JSON.stringify(columns, null, 2));
    const changed = await client.send("PATCH", "/datasets/orders", { body: { title: "Sales" } });
    expect(changed).toMatchObject({ status: 200, body: { title: "Sales", columns } });
  });

  it("that has been changed between a look and the write is looked at again, by whatever hand it was", async () => {
    const { app, client } = await open();
    await create(client);
    const { stores } = app.dependencies;
    const { apply, remove } = stores.datasets;
    stores.datasets.apply = (...asked) => {
      stores.datasets.apply = apply;
      app.runSql("UPDATE datasets SET attribution = 'By hand'");
      return apply(...asked);
    };
    const changed = await client.send("PATCH", "/datasets/orders", { body: { title: "Sales" } });
    expect(changed.body).toMatchObject({ title: "Sales", attribution: "By hand" });
    stores.datasets.remove = (...asked) => {
      stores.datasets.remove = remove;
      app.runSql("UPDATE datasets SET row_count = 7, version = version + 1");
      return remove(...asked);
    };
    expect((await client.send("DELETE", "/datasets/orders")).status).toBe(204);
    expect(auditOf(app).slice(1)).toMatchObject([
      ["dataset.change", { before: { attribution: "By hand" }, after: { title: "Sales" } }],
      ["dataset.delete", { rows: 7 }],
    ]);
    stores.datasets.remove = remove;
    expect((await client.send("DELETE", "/datasets/orders")).status).toBe(404);
  });

  it("has a name of its own", async () => {
    const { client } = await open();
    await create(client);
    const again = await create(client, { title: "Others" });
    expect(again).toMatchObject({ status: 409, body: { code: "dataset_name_taken" } });
    expect((await client.send("GET", "/datasets/orders")).body["title"]).toBe("Orders");
  });

  it("is listed page by page, in the order of the names", async () => {
    const { client } = await open();
    for (const name of ["c", "a", "b"]) await create(client, { name });
    const first = await client.send("GET", "/datasets?limit=2");
    expect(first.body.items).toMatchObject([{ name: "a" }, { name: "b" }]);
    expect(first.headers.get("link")).toBe(
      `<?limit=2&cursor=${String(first.body["nextCursor"])}>; rel="next"`,
    );
    const second = await client.send(
      "GET",
      `/datasets?limit=2&cursor=${String(first.body["nextCursor"])}`,
    );
    expect(second.body).toMatchObject({ items: [{ name: "c" }], nextCursor: null });
    for (const cursor of ["x", "e30", "WzFd"])
      expect([cursor, (await client.send("GET", `/datasets?cursor=${cursor}`)).status]).toEqual([
        cursor,
        400,
      ]);
  });

  it("is not deleted while panels read it, and the sections of those are named", async () => {
    const { app, client } = await open();
    await create(client);
    await create(client, { name: "others" });
    const total = { aggregate: "sum", column: "price", name: "total" } as const;
    await addPanel(app, "finance", {
      kind: "table",
      title: "Table",
      width: 12,
      query: { dataset: "orders", select: [{ column: "price" }] },
    });
    const metric = await addPanel(app, "marketing", {
      kind: "metric",
      title: "Number",
      width: 3,
      query: { dataset: "others", select: [total] },
      trend: { dataset: "others", select: [{ column: "day" }, total] },
    });
    // A metric's small line may come from another dataset than its number, where somebody wrote so
    // by hand.
    app.runSql(
      "UPDATE panels SET definition = json_set(definition, '$.trend.dataset', 'orders') WHERE id = ?",
      metric,
    );
    const refused = await client.send("DELETE", "/datasets/orders");
    expect(refused).toMatchObject({ status: 409, body: { code: "dataset_in_use" } });
    expect(refused.body.detail).toMatch(/: marketing, finance\./);
    expect((await client.send("GET", "/datasets/orders")).status).toBe(200);
  });

  it("may be called by anything in an address or a body, and none of it reaches SQL", async () => {
    const { app, client } = await open();
    const hostile = `x"; DROP TABLE users; --`;
    expect((await create(client, { name: hostile })).status).toBe(400);
    for (const [method, path] of [
      ["GET", ""],
      ["PATCH", ""],
      ["DELETE", ""],
      ["POST", "/rows"],
      ["PUT", "/rows"],
      ["DELETE", "/rows?column=a&from=1"],
    ] as const) {
      const upload =
        path === "/rows"
          ? { body: "a\n1\n", headers: { "content-type": "text/csv" } }
          : method === "PATCH"
            ? { body: {} }
            : {};
      expect([
        method,
        path,
        (await client.send(method, `/datasets/${encodeURIComponent(hostile)}${path}`, upload))
          .status,
      ]).toEqual([method, path, 400]);
      expect([
        method,
        path,
        (await client.send(method, `/datasets/nowhere${path}`, upload)).status,
      ]).toEqual([method, path, 404]);
    }
    const names = [
      hostile,
      `c0") ; DELETE FROM sessions; --`,
      "__proto__",
      "constructor",
      "'",
      "`",
      "a\\b",
      "行",
      "rowid",
    ];
    expect(
      (
        await create(client, {
          columns: names.map((name) => ({ name, label: name, type: "integer" })),
        })
      ).status,
    ).toBe(201);
    const row = JSON.parse(
      `{${names.map((name, index) => `${JSON.stringify(name)}:${index}`).join()}}`,
    ) as object;
    expect(
      (await sendRows(client, "POST", JSON.stringify([row, row]), "application/json")).body,
    ).toMatchObject({ rowCount: 2 });
    const header = names.map((name) => `"${name.replaceAll('"', '""')}"`).join();
    expect(
      (await sendRows(client, "POST", `${header}\n${names.map((_, index) => index).join()}\n`))
        .body,
    ).toMatchObject({ rowCount: 3 });
    for (const [index, name] of names.entries())
      expect(
        (
          await client.send(
            "DELETE",
            `/datasets/orders/rows?column=${encodeURIComponent(name)}&from=${index + 1}`,
          )
        ).body,
      ).toMatchObject({ deleted: 0 });
    expect(await readRows(app, "orders")).toEqual(
      [0, 1, 2].map(() => names.map((_, index) => index)),
    );
    expect(app.runSql("SELECT id FROM users")).toHaveLength(4);
  });

  it("is refused with every mistake named", async () => {
    const { client } = await open();
    const column = { name: "a", label: "A", type: "text" };
    const refusals = [
      { columns: [] },
      { columns: [column, column] },
      { columns: [{ ...column, type: "blob" }] },
      { columns: [{ ...column, name: "" }] },
      { columns: Array.from({ length: 201 }, (_, index) => ({ ...column, name: `c${index}` })) },
      { title: "" },
      { tableName: "users" },
    ];
    for (const refusal of refusals)
      expect([refusal, (await create(client, refusal)).body.code]).toEqual([
        refusal,
        "validation_failed",
      ]);
    await create(client);
    const unknown = await client.send("PATCH", "/datasets/orders", {
      body: { columns: [{ name: "nothing", label: "N" }] },
    });
    expect([unknown.status, errorsOf(unknown)]).toEqual([
      400,
      [["/columns/0/name", "unknown_column"]],
    ]);
    expect(
      (
        await client.send("PATCH", "/datasets/orders", {
          body: { columns: [{ name: "price", type: "text" }] },
        })
      ).status,
    ).toBe(400);
  });
});

describe("rows", () => {
  it("are added and replaced as CSV, as JSON and as NDJSON", async () => {
    const { app, client } = await open();
    await create(client);
    expect(await sendRows(client, "POST", "price,paid,day\n1.5,true,2026-01-31\n")).toMatchObject({
      status: 200,
      body: {
        rows: 1,
        rowCount: 1,
        version: 2,
        read: { delimiter: "comma", encoding: "utf-8", decimal: "point", header: "names" },
      },
    });
    expect(
      (
        await sendRows(
          client,
          "POST",
          '[{"price":2},{"day":"2026-02-01","paid":false}]',
          "application/json",
        )
      ).body,
    ).toMatchObject({
      rows: 2,
      rowCount: 3,
      version: 3,
      read: {},
    });
    expect(
      (
        await sendRows(
          client,
          "POST",
          '{"price":3}\n\n{"paid":null}',
          "application/x-ndjson; charset=utf-8",
        )
      ).body,
    ).toMatchObject({ rows: 2, rowCount: 5 });
    expect(await readRows(app, "orders")).toEqual([
      ["2026-01-31", 1.5, true],
      [null, 2, null],
      ["2026-02-01", null, false],
      [null, 3, null],
      [null, null, null],
    ]);
    expect((await sendRows(client, "PUT", "[]", "application/json")).body).toMatchObject({
      rows: 0,
      rowCount: 0,
      version: 5,
    });
    expect((await sendRows(client, "PUT", "day;price;paid\n2026-01-01;1,5;\n")).body).toMatchObject(
      { rows: 1, rowCount: 1, read: { delimiter: "semicolon", decimal: "comma" } },
    );
    expect(await readRows(app, "orders")).toEqual([["2026-01-01", 1.5, null]]);
    expect((await client.send("GET", "/datasets/orders")).body).toMatchObject({
      rowCount: 1,
      version: 6,
    });
    expect(auditOf(app).at(-1)).toEqual([
      "dataset.import",
      { dataset: "orders", mode: "replace", format: "csv", rows: 1, before: 0, after: 1 },
    ]);
    expect(await timeBoundsOf(app)).toEqual({ day: ["2026-01-01", "2026-01-01"] });
  });

  it("are stored all or none, and each bad one is named by its line", async () => {
    const { app, client } = await open();
    await create(client);
    await sendRows(client, "POST", "day,price,paid\n2026-01-01,1,true\n");
    const csv = await sendRows(
      client,
      "PUT",
      'day,price,paid\n2026-01-02,2,false\n2026-02-30,x,true\n2026-01-03,"1\n",\n2026-01-04\n',
    );
    expect([csv.status, csv.body.code, errorsOf(csv)]).toEqual([
      422,
      "rows_rejected",
      [
        ["/lines/3/day", "wrong_value"],
        ["/lines/3/price", "wrong_value"],
        ["/lines/6", "wrong_cell_count"],
      ],
    ]);
    expect(csv.body.detail).toBe(
      'Line 3, column "day": Not a date such as 2026-01-31. 3 mistakes are listed.',
    );
    expect(
      errorsOf(
        await sendRows(
          client,
          "POST",
          '[{"price":1},{"price":"1","a/b~":2},7]',
          "application/json",
        ),
      ),
    ).toEqual([
      ["/1/a~1b~0", "unknown_column"],
      ["/1/price", "wrong_value"],
      ["/2", "unreadable"],
    ]);
    expect(
      errorsOf(
        await sendRows(client, "POST", '{"price":1}\n{"price":true}\n{\n', "application/x-ndjson"),
      ),
    ).toEqual([
      ["/lines/2/price", "wrong_value"],
      ["/lines/3", "unreadable"],
    ]);
    expect(errorsOf(await sendRows(client, "POST", "day,cost,day\n"))).toEqual([
      ["/lines/1/cost", "unknown_column"],
      ["/lines/1/day", "duplicate_column"],
      ["/lines/1/price", "missing_column"],
      ["/lines/1/paid", "missing_column"],
    ]);
    for (const body of ["{}", "[{}", "[{},]", "[{}}]", "", "[{} {}]", "[{}] x", "null"])
      expect([body, (await sendRows(client, "POST", body, "application/json")).body.code]).toEqual([
        body,
        "malformed_json",
      ]);
    // It is JSON, as one row: what is missing is said.
    expect((await sendRows(client, "POST", "{}", "application/json")).body["detail"]).toBe(
      "The body is no array of rows: send `[{ … }]`, also for a single one.",
    );
    expect((await sendRows(client, "POST", "")).body.code).toBe("rows_rejected");
    expect(await readRows(app, "orders")).toEqual([["2026-01-01", 1, true]]);
    expect((await client.send("GET", "/datasets/orders")).body).toMatchObject({
      rowCount: 1,
      version: 2,
    });
    await expect.poll(() => app.countTablesOfRows(), { timeout: 5_000 }).toBe(1);
  });

  it("are read as the caller says, where the file would be read otherwise", async () => {
    const { app, client } = await open();
    await create(client, {
      columns: [
        { name: "città", label: "City", type: "text" },
        { name: "n", label: "N", type: "decimal" },
      ],
    });
    const latin = Buffer.from("città,n\nForlì,1\n", "latin1");
    const utf16 = Buffer.from("\ufeffcittà\tn\nForlì\t2\n", "utf16le");
    expect((await sendRows(client, "PUT", latin)).body).toMatchObject({
      read: { encoding: "windows-1252" },
    });
    expect((await sendRows(client, "POST", utf16)).body).toMatchObject({
      read: { encoding: "utf-16le", delimiter: "tab" },
    });
    expect((await sendRows(client, "POST", latin, "text/csv; charset=ISO-8859-1")).status).toBe(
      200,
    );
    expect(errorsOf(await sendRows(client, "POST", latin, "text/csv; charset=utf-8"))).toEqual([
      ["/lines/1", "unreadable"],
    ]);
    expect((await sendRows(client, "POST", latin, "text/csv; charset=ebcdic")).status).toBe(400);
    expect(
      (
        await sendRows(
          client,
          "POST",
          "Forlì|1,234\n",
          "text/csv",
          "?header=absent&delimiter=pipe&decimal=comma",
        )
      ).status,
    ).toBe(200);
    expect(
      (await sendRows(client, "POST", "any,thing\nForlì,5\n", "text/csv", "?header=skip")).status,
    ).toBe(200);
    expect(await readRows(app, "orders")).toEqual([1, 2, 1, 1.234, 5].map((n) => ["Forlì", n]));
    expect((await sendRows(client, "POST", latin, "text/csv", "?delimiter=x")).status).toBe(400);
  });

  it("may come as gzip, and may not be larger than the setting, unpacked either", async () => {
    const app = await createTeamApp({ environment: { SALLYPORT_UPLOAD_LIMIT_MIB: "1" } });
    const client = await signInForBody(app, "mica");
    await create(client);
    const gzip = { "content-encoding": "gzip" };
    expect(
      (await sendRows(client, "POST", gzipSync("day,price,paid\n,1,\n"), "text/csv", "", gzip))
        .body,
    ).toMatchObject({ rows: 1 });
    const large = `day,price,paid\n${",1,\n".repeat(300_000)}`;
    expect((await sendRows(client, "POST", large)).body.code).toBe("body_too_large");
    expect((await sendRows(client, "POST", gzipSync(large), "text/csv", "", gzip)).body.code).toBe(
      "body_too_large",
    );
    expect((await sendRows(client, "POST", "no gzip", "text/csv", "", gzip)).body.code).toBe(
      "validation_failed",
    );
    // What does not say that it is packed would be read as one strange column.
    const unsaid = await sendRows(
      client,
      "POST",
      gzipSync("day,price,paid\n,1,\n"),
      "text/csv",
      "?header=absent",
    );
    expect(unsaid).toMatchObject({
      status: 422,
      body: { code: "rows_rejected", detail: expect.stringContaining("compressed") as string },
    });
    expect(
      (
        await sendRows(
          client,
          "POST",
          gzipSync("day,price,paid\n,1,\n").subarray(0, 20),
          "text/csv",
          "",
          gzip,
        )
      ).body.code,
    ).toBe("validation_failed");
    expect(
      (await sendRows(client, "POST", "x", "text/csv", "", { "content-encoding": "br" })).status,
    ).toBe(415);
    expect((await client.send("GET", "/datasets/orders")).body).toMatchObject({ rowCount: 1 });
  });

  it("are worked on after the answer, where the caller does not wait, and the import tells how it goes", async () => {
    const { client } = await open();
    await create(client);
    const good = await sendRows(client, "POST", "day,price,paid\n,1,\n", "text/csv", "?wait=false");
    expect(good).toMatchObject({
      status: 202,
      body: { dataset: "orders", status: "waiting", totalBytes: 19 },
    });
    const bad = await sendRows(client, "POST", "day,price,paid\n,x,\n", "text/csv", "?wait=false");
    const statusOf = async (reply: Reply) =>
      (await client.send("GET", reply.headers.get("location") ?? "")).body;
    await expect
      .poll(async () => (await statusOf(bad))["status"], { timeout: 5_000 })
      .toBe("failed");
    expect(await statusOf(good)).toMatchObject({
      status: "done",
      bytes: 19,
      rows: 1,
      result: { rows: 1, rowCount: 1 },
      problem: null,
    });
    expect(await statusOf(bad)).toMatchObject({
      result: null,
      problem: { code: "rows_rejected", errors: [{ pointer: "/lines/2/price" }] },
    });
    const unknown = await client.send("GET", `/imports/imp_${"A".repeat(22)}`);
    expect(unknown).toMatchObject({ status: 404, body: { code: "not_found" } });
    expect(unknown.body.detail).toMatch(/until the API restarts/);
  });

  it("are deleted by a range of any column that has an order", async () => {
    const { app, client } = await open();
    await create(client);
    const fill = () =>
      sendRows(
        client,
        "PUT",
        "day,price,paid\n2026-01-01,1,true\n2026-01-02,2,\n2026-01-03,3,false\n,4,true\n",
      );
    const remove = (query: string) => client.send("DELETE", `/datasets/orders/rows?${query}`);
    await fill();
    expect(await remove("column=day&from=2026-01-02&to=2026-01-03")).toMatchObject({
      status: 200,
      body: { deleted: 1, rowCount: 3, version: 3 },
    });
    expect(await remove("column=day&to=2026-01-03")).toMatchObject({
      body: { deleted: 1, rowCount: 2 },
    });
    expect(await readRows(app, "orders")).toEqual([
      ["2026-01-03", 3, false],
      [null, 4, true],
    ]);
    expect(await timeBoundsOf(app)).toEqual({ day: ["2026-01-03", "2026-01-03"] });
    expect(await remove("column=price&from=4")).toMatchObject({
      body: { deleted: 1, rowCount: 1 },
    });
    expect(await remove("column=price&from=4")).toMatchObject({
      body: { deleted: 0, rowCount: 1, version: 5 },
    });
    expect(auditOf(app).at(-1)).toEqual([
      "dataset.deleteRows",
      { dataset: "orders", column: "price", from: 4, deleted: 1, before: 2, after: 1 },
    ]);
    for (const query of [
      "column=day",
      "column=nothing&from=1",
      "column=paid&from=true",
      "column=day&from=yesterday",
      "column=price&from=",
      "from=1",
      "column=price&from=1&from=2",
    ])
      expect([query, (await remove(query)).status]).toEqual([query, 400]);
    expect(await readRows(app, "orders")).toHaveLength(1);
  });
});

describe("detection", () => {
  it("tells how a file is to be read and which columns it has, and what it says can be sent as it is", async () => {
    const { app, client } = await open();
    const csv =
      "order id;Placed At;price;code;paid;day;note\n1;2026-01-31T09:30:00Z;1,5;007;true;2026-01-31;\n2;2026-02-01T00:00:00+01:00;2.000,25;012;false;;x\n";
    const detected = await client.send("POST", "/datasets/detection", {
      body: csv,
      headers: { "content-type": "text/csv" },
    });
    expect(detected).toMatchObject({
      status: 200,
      body: {
        delimiter: "semicolon",
        encoding: "utf-8",
        decimal: "comma",
        header: "names",
        rowsSeen: 2,
      },
    });
    expect(detected.body["columns"]).toEqual([
      { name: "order id", label: "Order id", type: "integer", format: { style: "code" } },
      { name: "Placed At", label: "Placed At", type: "timestamp" },
      { name: "price", label: "Price", type: "decimal" },
      { name: "code", label: "Code", type: "text" },
      { name: "paid", label: "Paid", type: "boolean" },
      { name: "day", label: "Day", type: "date" },
      { name: "note", label: "Note", type: "text" },
    ]);
    expect((detected.body["rows"] as unknown[])[0]).toEqual([
      "1",
      "2026-01-31T09:30:00Z",
      "1,5",
      "007",
      "true",
      "2026-01-31",
      "",
    ]);
    await create(client, { columns: detected.body["columns"] });
    const { delimiter, encoding, decimal, header } = detected.body as Record<string, string>;
    const query = new URLSearchParams({ delimiter, encoding, decimal, header } as Record<
      string,
      string
    >);
    expect((await sendRows(client, "POST", csv, "text/csv", `?${query.toString()}`)).status).toBe(
      200,
    );
    expect((await readRows(app, "orders"))[1]).toEqual([
      2,
      "2026-01-31T23:00:00.000Z",
      2000.25,
      "012",
      false,
      null,
      "x",
    ]);
  });

  it("takes the caller's word for what the first line is", async () => {
    const { client } = await open();
    const detect = async (query: string) =>
      (
        await client.send("POST", `/datasets/detection${query}`, {
          body: "country,2000\nFrance,1.5\n",
          headers: { "content-type": "text/csv" },
        })
      ).body;
    expect(await detect("")).toMatchObject({
      header: "absent",
      columns: [{ name: "column 1" }, { name: "column 2" }],
    });
    expect(await detect("?header=names")).toMatchObject({
      header: "names",
      columns: [{ name: "country" }, { name: "2000", type: "decimal" }],
    });
  });

  it("of nothing, and of more columns than a dataset can have, is refused", async () => {
    const { client } = await open();
    const detect = (body: string) =>
      client.send("POST", "/datasets/detection", { body, headers: { "content-type": "text/csv" } });
    expect((await detect("")).body.code).toBe("rows_rejected");
    expect((await detect(`${"a,".repeat(300)}b\n`)).body.code).toBe("rows_rejected");
  });
});

describe("permissions", () => {
  const calls: [
    method: string,
    path: string,
    sent?: { body: unknown; headers?: Record<string, string> },
  ][] = [
    ["GET", "/datasets"],
    ["GET", "/datasets/orders"],
    ["GET", `/imports/imp_${"A".repeat(22)}`],
    ["POST", "/datasets", { body: { name: "x", title: "X", columns } }],
    ["PATCH", "/datasets/orders", { body: { title: "Y" } }],
    ["DELETE", "/datasets/orders"],
    ["POST", "/datasets/detection", { body: "a\n1\n", headers: { "content-type": "text/csv" } }],
    [
      "POST",
      "/datasets/orders/rows",
      { body: "[]", headers: { "content-type": "application/json" } },
    ],
    [
      "PUT",
      "/datasets/orders/rows",
      { body: "[]", headers: { "content-type": "application/json" } },
    ],
    ["DELETE", "/datasets/orders/rows?column=price&from=0"],
  ];
  const statuses = async (client: Pick<BodyClient, "send">): Promise<number[]> => {
    const found: number[] = [];
    for (const [method, path, sent] of calls)
      found.push((await client.send(method, path, sent)).status);
    return found;
  };

  it("to read lets nobody write, and without any every one of them is refused", async () => {
    const { app, client } = await open();
    await create(client);
    await sendRows(client, "POST", "day,price,paid\n,1,\n");
    expect(await statuses(await signInForBody(app, "nora"))).toEqual(calls.map(() => 403));
    app.runSql("INSERT INTO role_permissions VALUES (?, 'datasets:read')", app.roleIds.marketing);
    expect(await statuses(await signInForBody(app, "mike"))).toEqual([
      200, 200, 404, 403, 403, 403, 403, 403, 403, 403,
    ]);
    expect((await client.send("GET", "/datasets/orders")).body).toMatchObject({
      title: "Orders",
      rowCount: 1,
    });
  });

  it("are looked at before a byte of the rows is read, and so is the CSRF token", async () => {
    const { app, client } = await open();
    await create(client);
    let isRead = false;
    const rows = new ReadableStream(
      { pull: (controller) => ((isRead = true), controller.close()) },
      { highWaterMark: 0 },
    );
    const nora = await signInForBody(app, "nora");
    const headers = {
      "content-type": "text/csv",
      "transfer-encoding": "chunked",
      authorization: `Bearer ${nora.accessToken}`,
    };
    const incoming = { headers, socket: { remoteAddress: "192.0.2.1" } };
    expect(
      (
        await app.app.request(
          "/datasets/orders/rows",
          { method: "PUT", body: rows, duplex: "half" },
          { incoming: incoming as unknown as IncomingMessage },
        )
      ).status,
    ).toBe(403);
    expect(isRead).toBe(false);
    const browser = createBrowser(app);
    await browser.signIn("mica");
    expect(
      (
        await browser.send("PUT", "/datasets/orders/rows", {
          body: "x",
          headers: { "content-type": "text/csv", "x-csrf-token": undefined },
        })
      ).body.code,
    ).toBe("csrf_failed");
    expect(
      (
        await browser.send("PUT", "/datasets/orders/rows", {
          body: "day,price,paid\n,1,\n",
          headers: { "content-type": "text/csv" },
        })
      ).status,
    ).toBe(200);
  });
});
