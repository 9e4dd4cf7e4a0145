import type { SectionDefinition, Session } from "../contract/contract.ts";
import type { sectionAdministrationEndpoints } from "../contract/section-administration.ts";
import { expectOutcome, type Input, type Reply } from "./ask.ts";
import type { BehaviourTable, Shown } from "./behaviour.ts";
import { holds, includes, same } from "./differences.ts";
import {
  addOrders,
  orderTable,
  orders,
  panelsOf,
  putSection,
  signInToAdminister,
} from "./orders.ts";
import type { Subject } from "./subject.ts";

const slugsOf = (body: unknown): string[] =>
  (body as { items: { slug: string }[] }).items.map(({ slug }) => slug);
const everySlug = ["welcome", "marketing", "finance", "people", "operations"];
const ofMarketing = { params: { slug: "marketing" } } as const;
/** The version of whatever there is. */
const any = { "if-match": "*" } as const;

const tagOf = async (subject: Subject, mica: Session, slug: string): Promise<string> =>
  (
    await expectOutcome(subject, 200, "GET /sections/:slug/definition", { params: { slug } }, mica)
  ).headers.get("etag") as string;

const orderOf = (subject: Subject, mica: Session): Promise<Reply> =>
  expectOutcome(subject, 200, "GET /section-order", {}, mica);

const listAll = async (
  subject: Subject,
  mica: Session,
  query: Input["query"] = {},
): Promise<{ items: Record<string, unknown>[]; nextCursor: string | null; total: number }> =>
  (await expectOutcome(subject, 200, "GET /sections", { query: { scope: "all", ...query } }, mica))
    .body as { items: Record<string, unknown>[]; nextCursor: string | null; total: number };

type Changing = "PATCH /sections/:slug" | "DELETE /sections/:slug";
const bodyFor = (key: Changing): Input =>
  key.startsWith("PATCH") ? { body: { title: "New" } } : {};
const preconditions = (
  key: Changing,
): Record<"precondition_required" | "precondition_failed" | "not_found", Shown> => ({
  not_found: {
    name: "knows no section that is not there, nor one by a slug that it had",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      const ask = (slug: string): Promise<Reply> =>
        expectOutcome(
          subject,
          "not_found",
          key,
          { params: { slug }, headers: any, ...bodyFor(key) },
          mica,
        );
      await ask("nowhere");
      await expectOutcome(
        subject,
        200,
        "PATCH /sections/:slug",
        { ...ofMarketing, headers: any, body: { slug: "campaigns" } },
        mica,
      );
      await ask("marketing");
    },
  },
  precondition_required: {
    name: "changes nothing for whoever does not say what they know",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      const tag = await tagOf(subject, mica, "marketing");
      await expectOutcome(
        subject,
        "precondition_required",
        key,
        { ...ofMarketing, ...bodyFor(key) },
        mica,
      );
      same(await tagOf(subject, mica, "marketing"), tag, "ETag");
    },
  },
  precondition_failed: {
    name: "changes nothing that is another than the caller knows",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      const tag = await tagOf(subject, mica, "marketing");
      await putSection(subject, mica, { slug: "marketing", title: "Meanwhile", panels: [] });
      for (const known of [tag, `W/${tag}`, '"another"'])
        await expectOutcome(
          subject,
          "precondition_failed",
          key,
          { ...ofMarketing, headers: { "if-match": known }, ...bodyFor(key) },
          mica,
        );
      const { items } = await listAll(subject, mica, { q: "meanwhile" });
      same(
        items.map(({ slug }) => slug),
        ["marketing"],
        "the section as somebody else has left it",
      );
    },
  },
});

const taken = (key: "POST /sections" | "POST /sections/:slug/duplicate", input: Input): Shown => ({
  name: "takes no slug that another section has, and no word that means something in addresses",
  run: async (subject) => {
    const mica = await signInToAdminister(subject);
    const make = (outcome: "section_slug_taken" | "validation_failed", slug: string) =>
      expectOutcome(subject, outcome, key, { ...input, body: { title: "Another", slug } }, mica);
    same(
      (await make("section_slug_taken", "marketing")).problem?.errors?.[0]?.pointer,
      "/slug",
      "what is wrong",
    );
    same(
      (await make("validation_failed", "new")).problem?.errors?.map(({ code }) => code),
      ["reserved_slug"],
      "what is wrong",
    );
    await make("validation_failed", "_all_");
    same(slugsOf(await listAll(subject, mica)), everySlug, "the sections");
  },
});

export const sectionAdministrationBehaviours: Pick<
  BehaviourTable,
  keyof typeof sectionAdministrationEndpoints
> = {
  "POST /sections": {
    request: { body: { title: "Orders" } },
    another: { body: { title: "Others" } },
    gives: { visibility: "public" },
    wrong: { body: { title: "" }, pointer: "/title" },
    succeeds: {
      201: {
        name: "creates a section, empty or with panels that fit a dataset, and makes its slug from its title",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          await addOrders(subject, mica);
          const create = async (body: object): Promise<Reply> =>
            expectOutcome(subject, 201, "POST /sections", { body }, mica);
          const made = await create({ title: "Größe & Œuvre" });
          const { $schema: _, position, ...file } = made.body as SectionDefinition;
          same(
            file,
            {
              slug: "grosse-oeuvre",
              title: "Größe & Œuvre",
              description: "",
              icon: "layout-dashboard",
              visibility: "restricted",
              panels: [],
            },
            "the section",
          );
          same(
            [made.headers.get("location"), made.headers.get("etag")],
            ["/sections/grosse-oeuvre", await tagOf(subject, mica, "grosse-oeuvre")],
            "Location and ETag",
          );
          same(
            ((await create({ title: "Größe & Œuvre" })).body as SectionDefinition).slug,
            "grosse-oeuvre-2",
            "the slug of another of that title",
          );
          same(
            ((await create({ title: "販売" })).body as SectionDefinition).slug,
            "section",
            "the slug of a title without Latin letters",
          );
          same(slugsOf(await listAll(subject, mica)).indexOf("grosse-oeuvre"), 5, "its place");
          holds(position !== undefined, "it has no position");
          const mike = await subject.signInAs("mike", { delivery: "body" });
          await expectOutcome(
            subject,
            "section_forbidden",
            "GET /sections/:slug",
            { params: { slug: "grosse-oeuvre" } },
            mike,
          );
          await create({ title: "Orders", dataset: orders.name, last: "P2Y", refreshSeconds: 60 });
          const panels = await panelsOf(subject, "orders", mica, { include: "data", last: "all" });
          same(
            panels.map((panel) => [panel["kind"], panel["error"]]),
            [
              ["metric", undefined],
              ["chart", undefined],
              ["table", undefined],
            ],
            "the panels of a section for the orders",
          );
          const reply = await expectOutcome(
            subject,
            "validation_failed",
            "POST /sections",
            { body: { title: "None", dataset: "none" } },
            mica,
          );
          same(reply.problem?.errors?.[0]?.pointer, "/dataset", "what is wrong");
        },
      },
    },
    fails: { section_slug_taken: taken("POST /sections", {}) },
  },

  "PATCH /sections/:slug": {
    request: { ...ofMarketing, headers: any, body: { title: "Campaigns" } },
    gives: { visibility: "public" },
    wrong: { ...ofMarketing, headers: any, body: { icon: "No icon" }, pointer: "/icon" },
    succeeds: {
      200: {
        name: "changes what is named and leaves the rest; links with the old slug lead on, for those who may see the section",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          let tag = await tagOf(subject, mica, "marketing");
          const patch = async (slug: string, body: object): Promise<Reply> => {
            const reply = await expectOutcome(
              subject,
              200,
              "PATCH /sections/:slug",
              { params: { slug }, headers: { "if-match": tag }, body },
              mica,
            );
            tag = reply.headers.get("etag") as string;
            return reply;
          };
          const [before] = (await listAll(subject, mica, { q: "marketing" })).items;
          const first = await patch("marketing", {
            title: "Campaigns",
            refreshSeconds: 60,
            last: "P7D",
          });
          const { version, updatedAt, ...changed } = first.body as Record<string, unknown>;
          const { version: _, updatedAt: __, ...known } = before as Record<string, unknown>;
          same(
            changed,
            { ...known, title: "Campaigns", refreshSeconds: 60, last: "P7D" },
            "the section",
          );
          holds(
            Number(version) > Number(before?.["version"]) &&
              String(updatedAt) > String(before?.["updatedAt"]),
            "neither its version nor its time of change has risen",
          );
          same(tag, `"${String(version)}"`, "ETag");
          await patch("marketing", { refreshSeconds: null, last: null });
          const unchanged = tag;
          await patch("marketing", {});
          same(tag, unchanged, "ETag after a change of nothing");

          await patch("marketing", { slug: "campaigns" });
          const mike = await subject.signInAs("mike", { delivery: "body" });
          for (const slug of ["campaigns", "marketing"])
            same(
              (
                (
                  await expectOutcome(
                    subject,
                    200,
                    "GET /sections/:slug",
                    { params: { slug } },
                    mike,
                  )
                ).body as { slug: string }
              ).slug,
              "campaigns",
              `what ${slug} leads to`,
            );
          const [panel] = await panelsOf(subject, "marketing", mike);
          const data = {
            params: { slug: "marketing", panelId: panel?.id ?? "" },
          };
          // A panel that has data or none: either way it is this section's.
          holds(panel !== undefined, "the section has no panel");
          const nora = await subject.signInAs("nora", { delivery: "body" });
          for (const slug of ["marketing", "campaigns", "nowhere"])
            await expectOutcome(
              subject,
              "section_forbidden",
              "GET /sections/:slug",
              { params: { slug } },
              nora,
            );
          await expectOutcome(
            subject,
            "section_forbidden",
            "GET /sections/:slug/panels/:panelId/data",
            data,
            nora,
          );
          // Whoever takes the slug has it.
          await putSection(subject, mica, { slug: "marketing", title: "New", panels: [] });
          await expectOutcome(
            subject,
            "section_forbidden",
            "GET /sections/:slug",
            ofMarketing,
            mike,
          );
          same(
            (
              (await expectOutcome(subject, 200, "GET /sections/:slug", ofMarketing, mica))
                .body as { title: string }
            ).title,
            "New",
            "what the slug means now",
          );
        },
      },
    },
    fails: {
      ...preconditions("PATCH /sections/:slug"),
      section_slug_taken: {
        name: "takes no slug that another section has",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const reply = await expectOutcome(
            subject,
            "section_slug_taken",
            "PATCH /sections/:slug",
            { ...ofMarketing, headers: any, body: { slug: "finance" } },
            mica,
          );
          same(reply.problem?.errors?.[0]?.pointer, "/slug", "what is wrong");
          const reserved = await expectOutcome(
            subject,
            "validation_failed",
            "PATCH /sections/:slug",
            { ...ofMarketing, headers: any, body: { slug: "new" } },
            mica,
          );
          same(reserved.problem?.errors?.[0]?.code, "reserved_slug", "what is wrong");
        },
      },
    },
  },

  "DELETE /sections/:slug": {
    request: { ...ofMarketing, headers: any },
    wrong: { params: { slug: "x".repeat(65) }, headers: any, pointer: "/params/slug" },
    succeeds: {
      204: {
        name: "removes a section with its panels, its old slugs and the grants to it, and not their datasets",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          await addOrders(subject, mica);
          await putSection(subject, mica, { slug: "marketing", panels: [orderTable] });
          await expectOutcome(
            subject,
            200,
            "PATCH /sections/:slug",
            { ...ofMarketing, headers: any, body: { slug: "campaigns" } },
            mica,
          );
          const tag = await tagOf(subject, mica, "campaigns");
          await expectOutcome(
            subject,
            204,
            "DELETE /sections/:slug",
            { params: { slug: "campaigns" }, headers: { "if-match": tag } },
            mica,
          );
          for (const slug of ["campaigns", "marketing"])
            await expectOutcome(
              subject,
              "section_forbidden",
              "GET /sections/:slug",
              { params: { slug } },
              mica,
            );
          await expectOutcome(
            subject,
            200,
            "GET /datasets/:name",
            { params: { name: orders.name } },
            mica,
          );
          // Whoever could see it cannot see another one of its slug.
          for (const slug of ["campaigns", "marketing"])
            await putSection(subject, mica, { slug, title: "New", panels: [] });
          const mike = await subject.signInAs("mike", { delivery: "body" });
          same(
            slugsOf((await expectOutcome(subject, 200, "GET /sections", {}, mike)).body),
            ["welcome"],
            "what mike sees",
          );
          // Nor does a change that somebody meant for the old one touch the new one.
          await expectOutcome(
            subject,
            "precondition_failed",
            "DELETE /sections/:slug",
            { params: { slug: "campaigns" }, headers: { "if-match": tag } },
            mica,
          );
        },
      },
    },
    fails: preconditions("DELETE /sections/:slug"),
  },

  "POST /sections/:slug/duplicate": {
    request: { ...ofMarketing, body: { title: "Campaigns" } },
    another: { ...ofMarketing, body: { title: "Others" } },
    wrong: { ...ofMarketing, body: { slug: "No slug" }, pointer: "/slug" },
    succeeds: {
      201: {
        name: "makes a section with the same panels, which nobody new can see",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          await addOrders(subject, mica);
          await putSection(subject, mica, {
            slug: "orders",
            title: "Orders",
            visibility: "public",
            last: "P1Y",
            panels: [orderTable],
          });
          const duplicate = async (input: Input): Promise<Record<string, unknown>> =>
            (
              await expectOutcome(
                subject,
                201,
                "POST /sections/:slug/duplicate",
                { params: { slug: "orders" }, ...input },
                mica,
              )
            ).body as Record<string, unknown>;
          includes(
            await duplicate({}),
            {
              slug: "orders-copy",
              title: "Orders (copy)",
              visibility: "restricted",
              last: "P1Y",
              panels: [orderTable],
            },
            "the copy",
          );
          includes(
            await duplicate({ body: { title: "Orders (copy)" } }),
            { slug: "orders-copy-2" },
            "another copy",
          );
          includes(
            await duplicate({ body: { slug: "again" } }),
            { slug: "again", title: "Orders (copy)" },
            "a copy with a slug of its own",
          );
          const [of, copy] = [
            await panelsOf(subject, "orders", mica),
            await panelsOf(subject, "again", mica),
          ];
          holds(of[0]?.id !== copy[0]?.id, "two panels have one id");
          same(
            slugsOf((await expectOutcome(subject, 200, "GET /sections")).body),
            ["welcome", "orders"],
            "what a visitor sees",
          );
        },
      },
    },
    fails: {
      not_found: {
        name: "knows no section that is not there",
        run: async (subject) => {
          await expectOutcome(
            subject,
            "not_found",
            "POST /sections/:slug/duplicate",
            { params: { slug: "nowhere" } },
            await signInToAdminister(subject),
          );
        },
      },
      section_slug_taken: taken("POST /sections/:slug/duplicate", ofMarketing),
    },
  },

  "GET /section-order": {
    request: {},
    succeeds: {
      200: {
        name: "lists every section in the order of the navigation",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const { body } = await orderOf(subject, mica);
          same(slugsOf(body), everySlug, "the order");
        },
      },
    },
    fails: {},
  },

  "PUT /section-order": {
    request: { headers: any, body: { slugs: everySlug.toReversed() } },
    wrong: { headers: any, body: { slugs: ["No slug"] }, pointer: "/slugs/0" },
    succeeds: {
      204: {
        name: "puts the sections into another order, for everybody",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const slugs = ["operations", "welcome", "people", "finance", "marketing"];
          const { headers } = await expectOutcome(
            subject,
            204,
            "PUT /section-order",
            {
              headers: { "if-match": (await orderOf(subject, mica)).headers.get("etag") as string },
              body: { slugs },
            },
            mica,
          );
          const after = await orderOf(subject, mica);
          same(slugsOf(after.body), slugs, "the order");
          same(headers.get("etag"), after.headers.get("etag"), "ETag");
          same(
            slugsOf((await expectOutcome(subject, 200, "GET /sections", {}, mica)).body),
            slugs,
            "the order of the navigation",
          );
          const refused = async (given: readonly string[]): Promise<unknown> =>
            (
              await expectOutcome(
                subject,
                "validation_failed",
                "PUT /section-order",
                { headers: any, body: { slugs: [...given] } },
                mica,
              )
            ).problem?.errors?.map(({ pointer, code }) => [pointer, code]);
          same(
            await refused(["nowhere", ...slugs.slice(1), "people"]),
            [
              ["/slugs/0", "unknown_section"],
              ["/slugs/5", "duplicate_slug"],
              ["/slugs", "missing_section"],
            ],
            "what is wrong",
          );
        },
      },
    },
    fails: {
      precondition_required: {
        name: "moves nothing for whoever does not say what they know",
        run: async (subject) => {
          await expectOutcome(
            subject,
            "precondition_required",
            "PUT /section-order",
            { body: { slugs: everySlug.toReversed() } },
            await signInToAdminister(subject),
          );
        },
      },
      precondition_failed: {
        name: "moves nothing in an order that is another than the caller knows",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const tag = (await orderOf(subject, mica)).headers.get("etag") as string;
          const put = (outcome: 204 | "precondition_failed", slugs: string[]): Promise<Reply> =>
            expectOutcome(
              subject,
              outcome,
              "PUT /section-order",
              { headers: { "if-match": tag }, body: { slugs } },
              mica,
            );
          await put(204, everySlug.toReversed());
          await put("precondition_failed", everySlug);
          same(
            slugsOf((await orderOf(subject, mica)).body),
            everySlug.toReversed(),
            "the order of who was first",
          );
        },
      },
    },
  },
};
