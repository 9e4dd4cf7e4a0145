import type { sectionFileEndpoints } from "../contract/section-files.ts";
import type { sectionEndpoints } from "../contract/sections.ts";
import type { Session } from "../contract/contract.ts";
import { expectOutcome, type Input } from "./ask.ts";
import type { BehaviourTable } from "./behaviour.ts";
import { holds, same } from "./differences.ts";
import {
  addOrderPanels,
  addOrders,
  addOrderTable,
  orders,
  orderTable,
  panelsOf,
  putSection,
  signInToAdminister,
} from "./orders.ts";
import { showBusy } from "./show-busy.ts";
import { addManyRows, slowTable } from "./slow-queries.ts";

export const slugsOf = (body: unknown): string[] =>
  (body as { items: { slug: string }[] }).items.map(({ slug }) => slug);
export const everySlug = ["welcome", "marketing", "finance", "people", "operations"];

const withoutId = (panel: Readonly<Record<string, unknown>>): object => {
  const { id: _, ...rest } = panel;
  return rest;
};
const unknownPanel = `pan_${"A".repeat(22)}`;
const dataOf = (panelId: string, query: Input["query"] = {}): Input => ({
  params: { slug: "orders", panelId },
  query,
});

export const sectionBehaviours: Pick<
  BehaviourTable,
  Exclude<keyof typeof sectionEndpoints, keyof typeof sectionFileEndpoints>
> = {
  "GET /sections": {
    request: {},
    wrong: { query: { limit: "0" }, pointer: "/query/limit" },
    succeeds: {
      200: {
        name: "lists the sections that the caller may open, in order, and with scope=all every one; in pages, too",
        run: async (subject) => {
          const list = async (as: Session | null, query: Input["query"] = {}): Promise<string[]> =>
            slugsOf((await expectOutcome(subject, 200, "GET /sections", { query }, as)).body);
          same(await list(null), ["welcome"], "what a visitor sees");
          same(
            await list(await subject.signInAs("nora", { delivery: "body" })),
            ["welcome"],
            "what nora sees",
          );
          same(
            await list(await subject.signInAs("mike", { delivery: "body" })),
            ["welcome", "marketing"],
            "what mike sees",
          );
          same(
            await list(await subject.signInAs("frida", { delivery: "cookie" })),
            ["welcome", "finance", "operations"],
            "what frida sees",
          );
          const mica = await signInToAdminister(subject);
          same(await list(mica), everySlug, "what mica sees");
          same(await list(mica, { scope: "all" }), everySlug, "every section");
          const found: string[] = [];
          let pages = 0;
          for (let cursor: string | undefined; pages === 0 || cursor !== undefined; pages += 1) {
            const { body, headers } = await expectOutcome(
              subject,
              200,
              "GET /sections",
              { query: { scope: "all", limit: 2, cursor } },
              mica,
            );
            found.push(...slugsOf(body));
            cursor = (body as { nextCursor: string | null }).nextCursor ?? undefined;
            if (cursor !== undefined)
              holds(
                (headers.get("link") ?? "").startsWith("<?scope=all&limit=2&cursor="),
                `Link is ${headers.get("link")}`,
              );
          }
          same([pages, found], [3, everySlug], "every section, two on a page");
          const all = async (query: Input["query"]): Promise<Record<string, unknown>> =>
            (
              await expectOutcome(
                subject,
                200,
                "GET /sections",
                { query: { scope: "all", ...query } },
                mica,
              )
            ).body as Record<string, unknown>;
          const byTitle = ["finance", "marketing", "operations", "people", "welcome"];
          for (const [sort, slugs] of [
            ["title", byTitle],
            ["-title", byTitle.toReversed()],
            ["slug", byTitle],
            ["-position", everySlug.toReversed()],
          ] as const) {
            const first = await all({ sort, limit: 3 });
            const rest = await all({ sort, limit: 3, cursor: String(first["nextCursor"]) });
            same(
              [[...slugsOf(first), ...slugsOf(rest)], first["total"], rest["nextCursor"]],
              [slugs, 5, null],
              `by ${sort}`,
            );
          }
          same(
            [slugsOf(await all({ q: "FIN" })), (await all({ q: "%" }))["total"]],
            [["finance"], 0],
            "what is found",
          );
          same(slugsOf(await all({ visibility: "public" })), ["welcome"], "public sections");
          const [listed] = (await all({ q: "marketing" }))["items"] as Record<string, unknown>[];
          holds(
            Number(listed?.["panelCount"]) > 0 && Number(listed?.["grantCount"]) > 0,
            "how many panels and grants a section has",
          );
          const { nextCursor } = await all({ sort: "title", limit: 1 });
          for (const query of [
            { scope: "all", sort: "slug", limit: 1, cursor: String(nextCursor) },
            { q: "fin" },
            { sort: "title" },
          ])
            await expectOutcome(subject, "validation_failed", "GET /sections", { query }, mica);
          const wrong = await expectOutcome(subject, "validation_failed", "GET /sections", {
            query: { cursor: "bm9uc2Vuc2U" },
          });
          same(
            wrong.problem?.errors?.[0]?.pointer,
            "/query/cursor",
            "what is wrong with a cursor of another list",
          );
          // Nothing has as many places, and not every database has room for such a number.
          const beyond = 2 ** 31;
          for (const query of [
            { cursor: btoa(JSON.stringify([beyond, "finance"])) },
            { cursor: btoa(JSON.stringify([1.5, "finance"])) },
            { scope: "all", cursor: btoa(JSON.stringify(["position", beyond, "finance"])) },
            { scope: "all", cursor: btoa(JSON.stringify(["position", -beyond - 1, "finance"])) },
          ])
            await expectOutcome(subject, "validation_failed", "GET /sections", { query }, mica);
        },
      },
    },
    fails: {},
  },

  "GET /sections/:slug": {
    request: { params: { slug: "marketing" } },
    wrong: { params: { slug: "marketing" }, query: { from: "yesterday" }, pointer: "/query/from" },
    succeeds: {
      200: {
        name: "tells of a section and its panels, without their queries, and their data where that is asked for",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          await addOrders(subject, mica);
          const total = { aggregate: "sum", column: "quantity", name: "total" } as const;
          await putSection(subject, mica, {
            slug: "orders",
            title: "Orders",
            description: "What was ordered",
            icon: "apple",
            position: 7,
            refreshSeconds: 60,
            last: "P1Y",
            panels: [
              { ...orderTable, description: "All of them" },
              {
                kind: "metric",
                title: "Pieces",
                width: 3,
                query: { dataset: orders.name, select: [total] },
                good: "up",
              },
              {
                kind: "chart",
                title: "By item",
                width: 6,
                query: { dataset: orders.name, select: [{ column: "item" }, total] },
                chart: { type: "bar", x: "item", y: ["total"] },
              },
              { kind: "markdown", title: "Words", width: 4, text: "**Fruit**" },
              {
                kind: "embed",
                title: "Elsewhere",
                width: 8,
                url: "https://example.com/",
                height: 300,
              },
            ],
          });
          const { body } = await expectOutcome(
            subject,
            200,
            "GET /sections/:slug",
            { params: { slug: "orders" } },
            mica,
          );
          const { id, panels, ...about } = body as Record<string, unknown> & {
            id: string;
            panels: Record<string, unknown>[];
          };
          same(
            about,
            {
              slug: "orders",
              title: "Orders",
              description: "What was ordered",
              icon: "apple",
              position: 7,
              visibility: "restricted",
              refreshSeconds: 60,
              last: "P1Y",
              timeBounds: { from: "2026-10-24", to: "2026-11-03" },
            },
            "the section",
          );
          holds(
            /^sec_[\w-]{22}$/.test(id) &&
              panels.every((panel) => /^pan_[\w-]{22}$/.test(String(panel["id"]))),
            "the ids of the section and its panels",
          );
          same(
            panels.map(withoutId),
            [
              {
                title: "Orders",
                description: "All of them",
                width: 12,
                attribution: "Made up",
                followsRange: true,
                kind: "table",
                pageSize: 5,
              },
              {
                title: "Pieces",
                width: 3,
                attribution: "Made up",
                followsRange: false,
                kind: "metric",
                good: "up",
              },
              {
                title: "By item",
                width: 6,
                attribution: "Made up",
                followsRange: false,
                kind: "chart",
                chart: { type: "bar", x: "item", y: ["total"] },
              },
              { title: "Words", width: 4, kind: "markdown", text: "**Fruit**" },
              {
                title: "Elsewhere",
                width: 8,
                kind: "embed",
                url: "https://example.com/",
                height: 300,
              },
            ],
            "the panels",
          );
          const withData = await panelsOf(subject, "orders", mica, {
            include: "data",
            last: "all",
          });
          same(
            withData.map(
              (panel) => (panel["data"] as { rows?: unknown[] } | undefined)?.rows?.length,
            ),
            [5, 1, 5, undefined, undefined],
            "how many rows each panel has",
          );
          same(
            (withData[1]?.["data"] as { rows: unknown } | undefined)?.rows,
            [[32]],
            "the metric's number",
          );
        },
      },
    },
    unchanged: {
      name: "says that nothing has changed to whoever has the answer already, until something has",
      run: async (subject) => {
        const mica = await signInToAdminister(subject);
        await addOrderTable(subject, mica);
        const input = (tag: string | undefined): Input => ({
          params: { slug: "orders" },
          query: { include: "data" },
          headers: { "if-none-match": tag },
        });
        const { headers } = await expectOutcome(
          subject,
          200,
          "GET /sections/:slug",
          input(undefined),
          mica,
        );
        const tag = headers.get("etag") as string;
        for (const known of [tag, `W/${tag}`, `"another", ${tag}`, "*"])
          same(
            (
              await expectOutcome(subject, 304, "GET /sections/:slug", input(known), mica)
            ).headers.get("etag"),
            tag,
            "ETag",
          );
        await expectOutcome(subject, 200, "GET /sections/:slug", input('"another"'), mica);
        await expectOutcome(
          subject,
          200,
          "DELETE /datasets/:name/rows",
          { params: { name: orders.name }, query: { column: "item", from: "plums", to: "plumt" } },
          mica,
        );
        const changed = await expectOutcome(subject, 200, "GET /sections/:slug", input(tag), mica);
        holds(changed.headers.get("etag") !== tag, "other rows have the same entity tag");
        await expectOutcome(subject, "token_missing", "GET /sections/:slug", {
          params: { slug: "orders" },
          headers: { "if-none-match": "*" },
        });
      },
    },
    fails: {
      busy: showBusy("GET /sections/:slug", async (subject) => ({
        input: { params: { slug: "marketing" } },
        as: await signInToAdminister(subject),
      })),
    },
  },

  "GET /sections/:slug/panels/:panelId/data": {
    request: { params: { slug: "marketing", panelId: unknownPanel } },
    wrong: {
      params: { slug: "marketing", panelId: unknownPanel },
      query: { page: "0" },
      pointer: "/query/page",
    },
    succeeds: {
      200: {
        name: "gives what one panel shows, column by column and row by row, and how many rows there are in all",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const panelId = await addOrderTable(subject, mica);
          const { body } = await expectOutcome(
            subject,
            200,
            "GET /sections/:slug/panels/:panelId/data",
            dataOf(panelId),
            mica,
          );
          same(
            body,
            {
              columns: [
                { name: "day", label: "Day", type: "date" },
                { name: "item", label: "Item", type: "text" },
                { name: "quantity", label: "Quantity", type: "integer", unit: "pcs" },
              ],
              rows: [
                ["2026-10-24", "apples", 3],
                ["2026-10-25", "pears", 1],
                ["2026-10-25", "apples", 5],
                ["2026-10-25", "plums", 2],
                ["2026-10-25", "apples", 4],
              ],
              total: 8,
            },
            "the first page of the orders",
          );
        },
      },
    },
    unchanged: {
      name: "says that nothing has changed to whoever has the answer already",
      run: async (subject) => {
        const mica = await signInToAdminister(subject);
        const panelId = await addOrderTable(subject, mica);
        const { headers } = await expectOutcome(
          subject,
          200,
          "GET /sections/:slug/panels/:panelId/data",
          dataOf(panelId),
          mica,
        );
        const tag = headers.get("etag") as string;
        await expectOutcome(
          subject,
          304,
          "GET /sections/:slug/panels/:panelId/data",
          { ...dataOf(panelId), headers: { "if-none-match": tag } },
          mica,
        );
        await expectOutcome(
          subject,
          200,
          "GET /sections/:slug/panels/:panelId/data",
          { ...dataOf(panelId, { page: 2 }), headers: { "if-none-match": tag } },
          mica,
        );
      },
    },
    fails: {
      not_found: {
        name: "knows no panel of another section, none that has no data, and none that is not there",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          await addOrders(subject, mica);
          const [words] = await addOrderPanels(subject, mica, {
            kind: "markdown",
            title: "Words",
            width: 4,
            text: "Fruit",
          });
          await expectOutcome(
            subject,
            "not_found",
            "GET /sections/:slug/panels/:panelId/data",
            dataOf(words as string),
            mica,
          );
          await expectOutcome(
            subject,
            "not_found",
            "GET /sections/:slug/panels/:panelId/data",
            dataOf(unknownPanel),
            mica,
          );
          const [table] = await addOrderPanels(subject, mica, orderTable);
          await expectOutcome(
            subject,
            "not_found",
            "GET /sections/:slug/panels/:panelId/data",
            { params: { slug: "marketing", panelId: table as string } },
            mica,
          );
        },
      },
      panel_failed: {
        name: "tells of a query that does not fit its dataset only that the panel failed, and takes no other panel with it",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          await addOrders(subject, mica);
          const [broken, whole] = await addOrderPanels(
            subject,
            mica,
            { ...orderTable, title: "Broken" },
            { ...orderTable, title: "Whole" },
          );
          await subject.arrange({ kind: "panelBroken", panelId: broken as string });
          await expectOutcome(
            subject,
            "panel_failed",
            "GET /sections/:slug/panels/:panelId/data",
            dataOf(broken as string),
            mica,
          );
          await expectOutcome(
            subject,
            200,
            "GET /sections/:slug/panels/:panelId/data",
            dataOf(whole as string),
            mica,
          );
          const [first, second] = await panelsOf(subject, "orders", mica, { include: "data" });
          same(
            [first?.["data"], (first?.["error"] as { code?: string } | undefined)?.code],
            [undefined, "panel_failed"],
            "the broken panel",
          );
          holds(
            second?.["data"] !== undefined && second["error"] === undefined,
            "the other panel has no data",
          );
        },
      },
      query_timeout: {
        name: "gives up a query that takes too long, and says so of its panel alone",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          await addManyRows(subject, mica);
          const [panelId] = await addOrderPanels(subject, mica, slowTable, {
            kind: "markdown",
            title: "Words",
            width: 4,
            text: "Fruit",
          });
          await subject.arrange({ kind: "queriesTakeTooLong" });
          await expectOutcome(
            subject,
            "query_timeout",
            "GET /sections/:slug/panels/:panelId/data",
            dataOf(panelId as string),
            mica,
          );
          const [first, second] = await panelsOf(subject, "orders", mica, { include: "data" });
          same(
            [first?.["data"], (first?.["error"] as { code?: string } | undefined)?.code],
            [undefined, "query_timeout"],
            "the slow panel",
          );
          same(second?.["text"], "Fruit", "the other panel");
        },
      },
      busy: showBusy("GET /sections/:slug/panels/:panelId/data", async (subject) => {
        const mica = await signInToAdminister(subject);
        return { input: dataOf(await addOrderTable(subject, mica)), as: mica };
      }),
    },
  },
};
