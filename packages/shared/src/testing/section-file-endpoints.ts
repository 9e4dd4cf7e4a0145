import type { sectionFileEndpoints } from "../contract/section-files.ts";
import type { SectionDefinition, Session } from "../contract/contract.ts";
import { expectOutcome, type Input } from "./ask.ts";
import type { BehaviourTable } from "./behaviour.ts";
import { holds, includes, same } from "./differences.ts";
import {
  addOrderPanels,
  addOrders,
  orders,
  orderTable,
  panelsOf,
  signInToAdminister,
} from "./orders.ts";
import { everySlug, slugsOf } from "./section-endpoints.ts";
import { showUnchanged } from "./show-unchanged.ts";
import { minute, renew } from "./steps.ts";

const definition: SectionDefinition = {
  slug: "orders",
  title: "Orders",
  description: "",
  icon: "layout-dashboard",
  visibility: "restricted",
  panels: [],
};
const ofOrders: Input = { params: { slug: "orders" } };
const writing = (body: object, headers: Input["headers"] = {}): Input => ({
  params: { slug: "orders" },
  body,
  headers,
});

export const sectionFileBehaviours: Pick<BehaviourTable, keyof typeof sectionFileEndpoints> = {
  "GET /sections/:slug/definition": {
    request: { params: { slug: "marketing" } },
    wrong: { params: { slug: "x".repeat(65) }, pointer: "/params/slug" },
    succeeds: {
      200: {
        name: "gives a section as a file that can be written back unchanged",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const { body, headers } = await expectOutcome(
            subject,
            200,
            "GET /sections/:slug/definition",
            { params: { slug: "marketing" } },
            mica,
          );
          const file = body as SectionDefinition;
          holds(
            file.$schema?.endsWith("/schemas/section.json") === true &&
              file.slug === "marketing" &&
              file.panels.length > 0,
            "the file is not that of the section",
          );
          const written = await expectOutcome(
            subject,
            200,
            "PUT /sections/:slug/definition",
            {
              params: { slug: "marketing" },
              headers: { "if-match": headers.get("etag") ?? "" },
              body: file,
            },
            mica,
          );
          same(
            [written.body, written.headers.get("etag")],
            [file, headers.get("etag")],
            "what is written back",
          );
        },
      },
    },
    fails: {
      not_found: {
        name: "says so where there is no such section",
        run: async (subject) => {
          await expectOutcome(
            subject,
            "not_found",
            "GET /sections/:slug/definition",
            ofOrders,
            await signInToAdminister(subject),
          );
        },
      },
    },
  },

  "PUT /sections/:slug/definition": {
    request: { params: { slug: "orders" }, body: definition },
    another: { params: { slug: "orders" }, body: { ...definition, title: "Another" } },
    wrong: { params: { slug: "orders" }, body: { ...definition, title: "" }, pointer: "/title" },
    succeeds: {
      201: {
        name: "creates a section, which then is in its place for whoever may see it",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const { body } = await expectOutcome(
            subject,
            201,
            "PUT /sections/:slug/definition",
            writing({ slug: "orders", title: "Orders", panels: [] }),
            mica,
          );
          const { $schema: _, position, ...file } = body as SectionDefinition;
          same(file, definition, "the file, with what goes without saying");
          holds(position !== undefined, "the section has no position");
          same(
            slugsOf((await expectOutcome(subject, 200, "GET /sections", {}, mica)).body),
            [...everySlug, "orders"],
            "what mica sees",
          );
          const mike = await subject.signInAs("mike", { delivery: "body" });
          await expectOutcome(subject, "section_forbidden", "GET /sections/:slug", ofOrders, mike);
          await expectOutcome(
            subject,
            200,
            "PUT /sections/:slug/definition",
            writing({ ...definition, visibility: "public", position: 0 }, { "if-match": "*" }),
            mica,
          );
          same(
            slugsOf((await expectOutcome(subject, 200, "GET /sections", {}, mike)).body),
            ["orders", "welcome", "marketing"],
            "what mike sees",
          );
          await expectOutcome(subject, 200, "GET /sections/:slug", ofOrders);
        },
      },
      200: {
        name: "replaces a section; panels that keep their title keep their id, and the same file again changes nothing",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          await addOrders(subject, mica);
          const [first, second] = await addOrderPanels(
            subject,
            mica,
            { ...orderTable, title: "One" },
            { ...orderTable, title: "Two" },
          );
          const panels = [
            { ...orderTable, title: "New" },
            { ...orderTable, title: "Two", width: 6 },
            { ...orderTable, title: "One" },
          ];
          const { headers } = await expectOutcome(
            subject,
            200,
            "PUT /sections/:slug/definition",
            writing({ ...definition, panels }, { "if-match": "*" }),
            mica,
          );
          const [fresh, ...kept] = await panelsOf(subject, "orders", mica);
          same(
            kept.map(({ id, width }) => [id, width]),
            [
              [second, 6],
              [first, 12],
            ],
            "the ids and widths of the panels that stay",
          );
          holds(
            fresh?.id !== first && fresh?.id !== second,
            "the new panel has the id of another one",
          );
          const again = await expectOutcome(
            subject,
            200,
            "PUT /sections/:slug/definition",
            writing({ ...definition, panels }, { "if-match": "*" }),
            mica,
          );
          same(again.headers.get("etag"), headers.get("etag"), "ETag");
        },
      },
    },
    fails: {
      fresh_sign_in_required: {
        name: "makes a section public only after a sign-in of the last five minutes, and changes a public one without",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          await subject.advanceClock(5 * minute);
          const later = await renew(subject, mica, "first");
          const put = (
            outcome: 200 | 201 | "fresh_sign_in_required",
            as: Session,
            visibility: "restricted" | "public",
            title: string,
          ) =>
            expectOutcome(
              subject,
              outcome,
              "PUT /sections/:slug/definition",
              writing(
                { ...definition, title, visibility },
                { "if-match": title === "New" ? undefined : "*" },
              ),
              as,
            );
          await put("fresh_sign_in_required", later, "public", "New");
          await put(201, later, "restricted", "New");
          await put("fresh_sign_in_required", later, "public", "Orders");
          await put(200, await signInToAdminister(subject), "public", "Orders");
          await put(200, later, "public", "Others");
        },
      },
      precondition_required: {
        name: "replaces nothing for whoever does not say what they know of it, and says what to send",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const put = (outcome: number | "precondition_required", title: string) =>
            expectOutcome(
              subject,
              outcome,
              "PUT /sections/:slug/definition",
              writing({ ...definition, title }),
              mica,
            );
          await put(201, "Orders");
          const { problem } = await put("precondition_required", "Others");
          holds(
            problem?.detail?.includes("If-Match") === true,
            "what is said does not tell what to send",
          );
        },
      },
      precondition_failed: {
        name: "replaces only what is as the caller knows it, and with If-None-Match: * nothing at all",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const put = (
            outcome: number | "precondition_failed",
            title: string,
            headers: Input["headers"],
          ) =>
            expectOutcome(
              subject,
              outcome,
              "PUT /sections/:slug/definition",
              writing({ ...definition, title }, headers),
              mica,
            );
          await put("precondition_failed", "Orders", { "if-match": "*" });
          const created = await put(201, "Orders", { "if-none-match": "*" });
          const tag = created.headers.get("etag") as string;
          await put("precondition_failed", "Orders", { "if-none-match": "*" });
          await put("precondition_failed", "Other orders", { "if-match": '"another"' });
          const changed = await put(200, "Other orders", { "if-match": tag });
          holds(changed.headers.get("etag") !== tag, "another title has the same entity tag");
          await put("precondition_failed", "Third orders", { "if-match": tag });
        },
      },
    },
  },

  "GET /schemas/section.json": {
    request: {},
    succeeds: {
      200: {
        name: "is the JSON Schema of sections as files",
        run: async (subject) => {
          const { body } = await expectOutcome(subject, 200, "GET /schemas/section.json");
          includes(
            body,
            {
              $schema: "https://json-schema.org/draft/2020-12/schema",
              $defs: {
                SectionDefinition: {
                  title: "A section of Sallyport",
                  type: "object",
                  additionalProperties: false,
                },
              },
            },
            "the schema",
          );
          holds(
            String((body as { $id?: string }).$id).endsWith("/schemas/section.json"),
            "the schema does not say where it is",
          );
        },
      },
    },
    unchanged: showUnchanged("GET /schemas/section.json"),
    fails: {},
  },
};

/** What a file can be wrong in beside its schema, and where that is said. */
export const wrongDefinitions: readonly {
  readonly panel: object;
  readonly errors: readonly (readonly [pointer: string, code: string])[];
}[] = [
  {
    panel: { ...orderTable, query: { dataset: "nothing", select: [{ column: "day" }] } },
    errors: [["/panels/0/query/dataset", "unknown_dataset"]],
  },
  {
    panel: {
      ...orderTable,
      query: {
        dataset: orders.name,
        select: [{ column: "colour" }],
        filter: { column: "quantity", is: "equal", value: "three" },
      },
    },
    errors: [
      ["/panels/0/query/filter/value", "wrong_value_type"],
      ["/panels/0/query/select/0/column", "unknown_column"],
    ],
  },
  {
    panel: {
      kind: "metric",
      title: "First",
      width: 3,
      query: { dataset: orders.name, select: [{ column: "item" }] },
    },
    errors: [["/panels/0/query/select/0", "wrong_column_type"]],
  },
  {
    panel: {
      kind: "chart",
      title: "By price",
      width: 3,
      query: { dataset: orders.name, select: [{ column: "price" }, { column: "item" }] },
      chart: { type: "share", x: "price", y: ["item"] },
    },
    errors: [
      ["/panels/0/chart/x", "wrong_column_type"],
      ["/panels/0/chart/y/0", "wrong_column_type"],
    ],
  },
  {
    panel: {
      ...orderTable,
      query: {
        dataset: orders.name,
        select: [
          { aggregate: "sum", column: "item", name: "sum" },
          { aggregate: "percentile", column: "price", name: "p" },
        ],
        top: { column: "item", by: "sum", count: 2 },
      },
    },
    errors: [
      ["/panels/0/query/select/0/aggregate", "wrong_aggregate"],
      ["/panels/0/query/select/1", "percentile_required"],
      ["/panels/0/query/top/by", "not_a_number"],
      ["/panels/0/query/top/column", "unknown_column"],
    ],
  },
];
