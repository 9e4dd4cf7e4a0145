import { holds, same } from "../differences.ts";
import { eventOf, promisesOn } from "./promise.ts";

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
      same(await stores.sections.readVisibility("nowhere"), null, "one that there is not");
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
];
