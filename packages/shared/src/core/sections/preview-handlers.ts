import type { Panel } from "../../contract/contract.ts";
import type { previewEndpoints } from "../../contract/panel-previews.ts";
import { withRowsAside } from "../answering/encode-answer.ts";
import type { Handlers } from "../answering/endpoint.ts";
import { queueCallerOf } from "../answering/queue-callers.ts";
import { DatasetChanged, type QueryStore } from "../queries/query-store.ts";
import { checkPanel } from "./check-definition.ts";
import { refuseDefinition } from "./decide-import.ts";
import { describePanel, hasQuery, panelErrorOf, readPanel, type View } from "./section-panels.ts";
import type { SectionStore } from "./section-store.ts";

interface Dependencies {
  readonly stores: {
    readonly queries: Pick<QueryStore, "describe" | "run">;
    readonly sections: Pick<SectionStore, "find">;
  };
}

/** No panel is called so: an id of a panel begins with `pan_`. */
const previewId = "preview";

/**
 * The handler of previews. It takes as decided that the caller may edit sections and read datasets.
 * Their queries wait their turn among those of sections, and have no more time than they.
 */
export const createPreviewHandlers = ({
  stores: { queries, sections },
}: Dependencies): Pick<Handlers, keyof typeof previewEndpoints> => ({
  "POST /panel-previews": async ({ body, context, ok }) => {
    const { panel: definition, last, sectionLast } = body;
    const view: View = {
      range: last === undefined ? undefined : { last },
      sectionLast: sectionLast ?? null,
    };
    const asking = queueCallerOf(context);

    const preview = async (): Promise<Panel> => {
      const name = hasQuery(definition) ? definition.query.dataset : undefined;
      const found =
        name === undefined ? null : (await sections.find([], [name])).datasets.get(name);
      const issues = checkPanel(
        definition,
        (query) => queries.describe(query, found ?? undefined),
        "/panel",
      );
      if (issues.length > 0) return refuseDefinition(issues);
      const panel = describePanel(previewId, definition, found?.attribution ?? null);
      if (!hasQuery(definition)) return panel;
      const data = await readPanel(definition, view, async (query, wanted) =>
        queries.run(query, found ?? undefined, wanted, asking),
      );
      return { ...panel, data } as Panel;
    };

    try {
      // Rows, and columns with them, may be replaced between looking at a dataset and reading it.
      const shown = await preview().catch((error: unknown) => {
        if (error instanceof DatasetChanged) return preview();
        throw error;
      });
      return ok(200, withRowsAside(shown, context.requestId));
    } catch (thrown) {
      const error = panelErrorOf(thrown);
      if (error.code !== "panel_failed") throw error;
      // What only this query is to blame for has words; anything else is a fault of ours.
      const { detail } = error.members;
      if (detail === undefined) throw thrown;
      return refuseDefinition([{ pointer: "/panel/query", code: "too_large", detail }]);
    }
  },
});
