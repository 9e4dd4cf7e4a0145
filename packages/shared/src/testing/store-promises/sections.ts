import type { SectionChange, SectionStore, StoredSection } from "../../core/core.ts";
import { holds, same } from "../differences.ts";
import { eventOf, promisesOn } from "./promise.ts";

type Found = Awaited<ReturnType<SectionStore["find"]>>;

const { promise } = promisesOn<"sections">();

export const ofSections = [
  promise(
    "sections are listed in order, page by page, to whom they are granted",
    async ({ stores }) => {
      const all = await stores.sections.list(["_all_"], null, 1_000);
      const pages: string[] = [];
      let last: (typeof all)[number] | null = null;
      do {
        const page: typeof all = await stores.sections.list(["_all_"], last, 2);
        pages.push(...page.map(({ slug }) => slug));
        last = page.at(-1) ?? null;
      } while (last !== null);
      same(
        pages,
        all.map(({ slug }) => slug),
        "page by page",
      );
      const visible = await stores.sections.listLinks(["finance"]);
      holds(
        visible.every(({ slug, visibility }) => slug === "finance" || visibility === "public"),
        "no other section is shown",
      );
      same(await stores.sections.locate("nowhere"), null, "one that there is not");
    },
  ),
  promise(
    "sections are written whole where what was found still holds, and not at all otherwise",
    async (subject) => {
      const { sections } = subject.stores;
      const found = await sections.find(["marketing", "new"], []);
      const stored = found.sections.get("marketing");
      holds(stored !== undefined && !found.sections.has("new"), "what is found is what there is");
      const change = (title: string) => ({
        at: subject.now,
        isNew: false,
        stored: { ...stored, section: { ...stored.section, title } },
        audit: eventOf(subject, "section.replace", { subjectId: stored.section.id }),
      });
      const outcomes = await Promise.all(
        ["One", "Two"].map((title) => sections.apply(found.version, [change(title)])),
      );
      same(outcomes.toSorted(), ["applied", "changed"], "two on one version");
      same(await subject.countEvents("section.replace"), 1, "events");
      const title = (await sections.read("marketing"))?.section.title;
      holds(title === "One" || title === "Two", "one of them is written");
    },
  ),
  promise(
    "a slug of before leads to its section until another section takes it, and a removed section leaves nothing",
    async (subject) => {
      const { sections } = subject.stores;
      const change = async (slugs: readonly string[], decide: (found: Found) => SectionChange) => {
        const found = await sections.find(slugs, []);
        same(await sections.apply(found.version, [decide(found)]), "applied", "the change");
      };
      const storedOf = ({ sections: found }: Found, slug: string): StoredSection => {
        const stored = found.get(slug);
        holds(stored !== undefined, `${slug} is there`);
        return stored;
      };
      const rename = (from: string, to: string) =>
        change([from], (found) => {
          const stored = storedOf(found, from);
          const { version, id } = stored.section;
          return {
            at: subject.now,
            isNew: false,
            stored: { ...stored, section: { ...stored.section, slug: to, version: version + 1 } },
            audit: eventOf(subject, "section.change", { subjectId: id }),
          };
        });
      const slugOf = async (slug: string): Promise<string | undefined> =>
        (await sections.locate(slug))?.slug;
      const grants = (await sections.readSettings("marketing"))?.grantCount;
      await rename("marketing", "campaigns");
      await rename("campaigns", "adverts");
      same(
        [await slugOf("marketing"), await slugOf("campaigns"), await slugOf("adverts")],
        ["adverts", "adverts", "adverts"],
        "what slugs of before lead to",
      );
      same((await sections.readSettings("adverts"))?.grantCount, grants, "grants to it");
      holds(!(await sections.find(["marketing"], [])).sections.has("marketing"), "none has it now");
      await rename("finance", "campaigns");
      same(
        [await slugOf("marketing"), await slugOf("campaigns"), await slugOf("finance")],
        ["adverts", "campaigns", "campaigns"],
        "what they lead to once another has taken one",
      );
      await change(["adverts"], (found) => {
        const { id } = storedOf(found, "adverts").section;
        return { removedId: id, audit: eventOf(subject, "section.delete", { subjectId: id }) };
      });
      same([await slugOf("marketing"), await slugOf("adverts")], [undefined, undefined], "gone");
      same(await subject.countEvents("section.delete"), 1, "events");
    },
  ),
  promise(
    "sections move where all stand as they were read, and not at all otherwise",
    async (subject) => {
      const { sections } = subject.stores;
      const before = await sections.readOrder();
      const last = before.at(-1);
      holds(last !== undefined, "there are sections");
      const move = (expected: typeof before) =>
        sections.applyOrder(expected, new Map([[last.id, 0]]), eventOf(subject, "section.order"));
      const version = (await sections.readSettings(last.slug))?.version ?? 0;
      same([await move(before), await move(before)], ["applied", "changed"], "two on one order");
      const after = await sections.readOrder();
      same(after[0]?.slug, last.slug, "the first");
      same((await sections.readSettings(last.slug))?.version, version + 1, "its version");
      same(await subject.countEvents("section.order"), 1, "events");
    },
  ),
];
