/** Sections as those see them who may look at them. */
import {
  everySection,
  panelDefinition,
  type Panel,
  type PanelData,
  type PanelDefinition,
} from "../contract/contract.ts";
import {
  AppError,
  askedRangeOf,
  brokenPanel,
  daysOf,
  decodeCursor,
  describePanel,
  failPanel,
  hasQuery,
  isData,
  maySeeSection,
  pageOf,
  panelErrorOf,
  readPanel,
  refuseParamsOfOtherKinds,
  type DataDefinition,
  type DataPanel,
  type View,
} from "../rules/rules.ts";
import { shapeOf } from "./dataset-rows.ts";
import type { MockContext, MockHandlers } from "./endpoint.ts";
import { runQuery } from "./run-query.ts";
import type { MockDataset, MockSection, MockState } from "./state.ts";

const isPlace = (place: readonly unknown[]): place is readonly [position: number, slug: string] =>
  place.length === 2 && Number.isSafeInteger(place[0]) && typeof place[1] === "string";

const compareTexts = (one: string, other: string): number =>
  one < other ? -1 : Number(one > other);

/** In the order in which they are listed. */
export const inOrder = (sections: readonly MockSection[]): MockSection[] =>
  sections.toSorted(
    ({ definition: one }, { definition: other }) =>
      one.position - other.position || compareTexts(one.slug, other.slug),
  );

export const findSection = (
  state: Pick<MockState, "sections">,
  slug: string,
): MockSection | undefined => state.sections.find(({ definition }) => definition.slug === slug);

const summaryOf = ({
  id,
  definition: { slug, title, description, icon, position, visibility },
}: MockSection) => ({ id, slug, title, description, icon, position, visibility });

const datasetOf = (state: MockState, definition: PanelDefinition): MockDataset | undefined =>
  hasQuery(definition)
    ? state.datasets.find(({ name }) => name === definition.query.dataset)
    : undefined;

/** Each panel's own promise, so that one which fails takes no other with it. */
const readData = async (
  { state, now }: MockContext,
  definition: DataDefinition,
  view: View,
): Promise<PanelData> =>
  readPanel(definition, view, async (query, wanted) =>
    runQuery(state, datasetOf(state, definition), query, wanted, now),
  );

/** The handlers of the sections' endpoints. They take as decided that the caller may see the section in the path, and, for `scope=all`, that the caller may list every section. */
export const sectionHandlers: Pick<
  MockHandlers,
  "GET /sections" | "GET /sections/:slug" | "GET /sections/:slug/panels/:panelId/data"
> = {
  "GET /sections": ({ query: { scope, limit, cursor }, context: { state, caller }, ok }) => {
    const granted = scope === "all" ? [everySection] : (caller?.sections ?? []);
    const [position, slug] = cursor === undefined ? [] : decodeCursor(cursor, isPlace);
    const isBehind = ({ definition }: MockSection): boolean =>
      position === undefined ||
      slug === undefined ||
      definition.position > position ||
      (definition.position === position && definition.slug > slug);
    const found = inOrder(state.sections).filter(
      (section) =>
        isBehind(section) &&
        maySeeSection(granted, section.definition.slug, section.definition.visibility),
    );
    const page = pageOf(
      found.map(summaryOf).slice(0, limit + 1),
      limit,
      (section) => [section.position, section.slug],
      scope === "all" ? { scope } : {},
    );
    return ok(
      200,
      { items: [...page.items], nextCursor: page.nextCursor },
      { headers: page.headers },
    );
  },

  "GET /sections/:slug": async ({ params: { slug }, query, context, ok }) => {
    const { state, requestId } = context;
    const range = askedRangeOf(query);
    const section = findSection(state, slug);
    if (section === undefined) throw new AppError("section_forbidden");
    const { definition, panelIds } = section;
    const view: View = { range, sectionLast: definition.last ?? null };
    const readable: PanelDefinition[] = [];
    const describe = async (stored: PanelDefinition, index: number): Promise<Panel> => {
      const id = panelIds[index] ?? "";
      const fail = (panel: DataPanel, thrown: unknown): Panel =>
        failPanel(panel, panelErrorOf(thrown), requestId);
      // Checked when it was written; but the state may have been changed by hand.
      const parsed = panelDefinition.safeParse(stored);
      if (!parsed.success) return fail(brokenPanel(id), parsed.error);
      readable.push(parsed.data);
      const panel = describePanel(
        id,
        parsed.data,
        datasetOf(state, parsed.data)?.attribution ?? null,
      );
      if (query.include !== "data" || !isData(panel) || !hasQuery(parsed.data)) return panel;
      try {
        return { ...panel, data: await readData(context, parsed.data, view) };
      } catch (error) {
        return fail(panel, error);
      }
    };
    const panels = await Promise.all(definition.panels.map(describe));
    const timeBounds = daysOf(
      readable.map((one) => {
        const dataset = datasetOf(state, one);
        return { definition: one, dataset: dataset ? shapeOf(state, dataset) : null };
      }),
    );
    return ok(200, {
      ...summaryOf(section),
      refreshSeconds: definition.refreshSeconds ?? null,
      last: definition.last ?? null,
      timeBounds,
      panels,
    });
  },

  "GET /sections/:slug/panels/:panelId/data": async ({
    params: { slug, panelId },
    query,
    context,
    ok,
  }) => {
    const range = askedRangeOf(query);
    const section = findSection(context.state, slug);
    const stored = section?.definition.panels[section.panelIds.indexOf(panelId)];
    if (section === undefined || stored === undefined) throw new AppError("not_found");
    const definition = panelDefinition.safeParse(stored);
    if (definition.success && !hasQuery(definition.data)) throw new AppError("not_found");
    try {
      if (!definition.success) throw definition.error;
      refuseParamsOfOtherKinds(definition.data.kind, query);
      return ok(
        200,
        await readData(context, definition.data as DataDefinition, {
          ...query,
          range,
          sectionLast: section.definition.last ?? null,
        }),
      );
    } catch (thrown) {
      throw panelErrorOf(thrown);
    }
  },
};
