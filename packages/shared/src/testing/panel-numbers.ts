/** What panels' queries make of numbers: formats, sums, long series. */
import type { Query } from "../contract/contract.ts";
import { expectOutcome } from "./ask.ts";
import type { Shown } from "./behaviour.ts";
import { holds, same } from "./differences.ts";
import { addDataset, addOrderPanels, signInToAdminister } from "./orders.ts";
import { readPanel } from "./panel-cases.ts";

export const panelNumberBehaviours: readonly Shown[] = [
  {
    name: "panel query: numbers come with the format of their column, or what its name says of it",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      await addDataset(
        subject,
        mica,
        {
          name: "sales",
          title: "Sales",
          columns: [
            { name: "customerId", label: "Customer", type: "integer" },
            { name: "year", label: "Year", type: "integer" },
            { name: "price", label: "Price", type: "decimal", format: { digits: 2 } },
            { name: "salesThisYear", label: "Sales", type: "integer" },
          ],
        },
        [{ customerId: 20_417, year: 2026, price: 19.9, salesThisYear: 12_000 }],
      );
      const formatsOf = async (select: Query["select"]): Promise<unknown> => {
        const [panelId] = await addOrderPanels(subject, mica, {
          kind: "table",
          title: "Sales",
          width: 12,
          query: { dataset: "sales", select },
        });
        return (await readPanel(subject, mica, panelId as string)).columns.map(
          (column) => column["format"],
        );
      };
      const names = ["customerId", "year", "price", "salesThisYear"];
      same(
        await formatsOf(names.map((column) => ({ column }))),
        [{ style: "code" }, { style: "code" }, { digits: 2 }, undefined],
        "the formats of plain columns",
      );
      same(
        await formatsOf([
          { aggregate: "maximum", column: "year", name: "latest" },
          { aggregate: "average", column: "customerId", name: "mean" },
          { aggregate: "sum", column: "price", name: "sum" },
          { aggregate: "distinct", column: "customerId", name: "customers" },
        ]),
        [{ style: "code" }, undefined, { digits: 2 }, undefined],
        "the formats of aggregates",
      );
      same(
        await formatsOf([{ column: "year", format: { style: "plain" } }]),
        [{ style: "plain" }],
        "what the panel says goes before",
      );
      const sales = { params: { name: "sales" } };
      await expectOutcome(
        subject,
        200,
        "PATCH /datasets/:name",
        {
          ...sales,
          body: {
            columns: [
              { name: "year", format: { style: "plain" } },
              { name: "price", format: null },
            ],
          },
        },
        mica,
      );
      same(
        await formatsOf(names.map((column) => ({ column }))),
        [{ style: "code" }, { style: "plain" }, undefined, undefined],
        "the formats after they were corrected",
      );
      const misfit = await expectOutcome(
        subject,
        "validation_failed",
        "PATCH /datasets/:name",
        { ...sales, body: { columns: [{ name: "price", format: { style: "code" } }] } },
        mica,
      );
      same(
        misfit.problem?.errors?.map(({ pointer, code }) => [pointer, code]),
        [["/columns/0/format", "wrong_format"]],
        "what is wrong with a price as a code",
      );
      const refused = await expectOutcome(
        subject,
        "validation_failed",
        "PUT /sections/:slug/definition",
        {
          params: { slug: "orders" },
          headers: { "if-match": "*" },
          body: {
            slug: "orders",
            title: "Orders",
            panels: [
              {
                kind: "table",
                title: "Sales",
                width: 12,
                query: {
                  dataset: "sales",
                  select: [{ column: "price", format: { style: "code" } }],
                },
              },
            ],
          },
        },
        mica,
      );
      same(
        refused.problem?.errors?.map(({ pointer, code }) => [pointer, code]),
        [["/panels/0/query/select/0/format/style", "wrong_format"]],
        "what is wrong with it in a panel",
      );
    },
  },
  {
    name: "panel query: a long series is reduced to so many points, its ends and its peak among them",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      const long = Array.from({ length: 600 }, (_, index) => ({
        at: new Date(Date.UTC(2026, 0, 1, index)).toISOString(),
        value: index === 333 ? 1_000 : (index * 37) % 101,
        line: index % 2 === 0 ? "even" : "odd",
      }));
      await addDataset(
        subject,
        mica,
        {
          name: "long",
          title: "Long",
          columns: [
            { name: "at", label: "At", type: "timestamp" },
            { name: "value", label: "Value", type: "integer" },
            { name: "line", label: "Line", type: "text" },
          ],
        },
        long,
      );
      const [one, two] = await addOrderPanels(
        subject,
        mica,
        {
          kind: "chart",
          title: "One",
          width: 12,
          query: { dataset: "long", select: [{ column: "at" }, { column: "value" }] },
          chart: { type: "line", x: "at", y: ["value"] },
        },
        {
          kind: "chart",
          title: "Two",
          width: 12,
          query: {
            dataset: "long",
            select: [{ column: "at" }, { column: "value" }, { column: "line" }],
          },
          chart: { type: "line", x: "at", y: ["value"], series: "line" },
        },
      );
      const reduced = await readPanel(subject, mica, one as string, { points: 10 });
      same(reduced.points, 600, "how many there were");
      holds(reduced.rows.length <= 10, `there are ${reduced.rows.length}`);
      same(
        [reduced.rows[0], reduced.rows.at(-1)],
        [
          [long[0]?.at, 0],
          [long[599]?.at, (599 * 37) % 101],
        ],
        "the ends",
      );
      holds(
        reduced.rows.some(([, value]) => value === 1_000),
        "the peak is lost",
      );
      const both = await readPanel(subject, mica, two as string, { points: 10 });
      const lines = Map.groupBy(both.rows, ([, , line]) => line);
      same(
        [both.points, [...lines.keys()].map(String).toSorted()],
        [600, ["even", "odd"]],
        "how many there were, and of which series",
      );
      for (const [line, points] of lines)
        holds(
          points.length <= 10 && points.length > 2,
          `the series ${String(line)} has ${points.length}`,
        );
      const whole = await readPanel(subject, mica, one as string, { points: 600 });
      same([whole.points, whole.rows.length], [undefined, 600], "a series that is short enough");
    },
  },
  {
    name: "panel query: a sum of large whole numbers does not fail, and decimals keep their digits",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      await addDataset(
        subject,
        mica,
        {
          name: "numbers",
          title: "Numbers",
          columns: [
            { name: "whole", label: "Whole", type: "integer" },
            { name: "part", label: "Part", type: "decimal" },
          ],
        },
        [
          { whole: 9_007_199_254_740_991, part: 0.1 },
          { whole: 9_007_199_254_740_991, part: 0.2 },
          { whole: -1, part: -0 },
        ],
      );
      const [panelId] = await addOrderPanels(subject, mica, {
        kind: "table",
        title: "Sums",
        width: 12,
        query: {
          dataset: "numbers",
          select: [
            { aggregate: "sum", column: "whole", name: "whole" },
            { aggregate: "sum", column: "part", name: "part" },
            { aggregate: "maximum", column: "whole", name: "most" },
          ],
        },
      });
      const { rows } = await readPanel(subject, mica, panelId as string);
      same(rows[0]?.[0], 18_014_398_509_481_980, "the sum of the whole numbers");
      holds(
        Math.abs(Number(rows[0]?.[1]) - 0.3) < 1e-12,
        `the sum of the decimals is ${String(rows[0]?.[1])}`,
      );
      same(rows[0]?.[2], 9_007_199_254_740_991, "the largest");
    },
  },
];
