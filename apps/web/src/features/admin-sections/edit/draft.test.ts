import { sectionDefinition } from "@sallyport/shared/contract";
import { readSampleSections } from "@sallyport/shared/sample";
import { describe, expect, test } from "vitest";
import {
  addPanel,
  changePanel,
  definitionOf,
  duplicatePanel,
  isSame,
  movePanel,
  openDraft,
  removePanel,
  withMember,
} from "./draft.ts";
import { generateDefinition } from "./generated-definitions.ts";

const generated = Array.from({ length: 300 }, (_, seed) => generateDefinition(seed));
const definitions = [...readSampleSections(), ...generated];

test("generated definitions are ones that a file may hold", () => {
  for (const definition of generated)
    expect(sectionDefinition.safeParse(definition).error?.issues).toBeUndefined();
});

describe("a file that is opened and saved", () => {
  test("is the same file, text for text", () => {
    for (const definition of definitions)
      expect(JSON.stringify(definitionOf(openDraft(definition)))).toBe(JSON.stringify(definition));
  });

  test("is the same after everything that was changed has been changed back", () => {
    for (const definition of definitions) {
      const draft = openDraft(definition);
      let changed = draft;
      for (const [index, { key, panel }] of draft.panels.entries()) {
        const width = (panel.width % 12) + 1;
        changed = changePanel(changed, key, { ...panel, width, title: "Other" });
        changed = movePanel(changed, key, 0);
        expect(changed.panels[0]?.panel).toEqual({ ...panel, width, title: "Other" });
        changed = changePanel(movePanel(changed, key, index), key, panel);
      }
      const added = addPanel(changed, { kind: "markdown", title: "New", width: 12, text: "" });
      expect(isSame(added.draft, draft)).toBe(false);
      changed = removePanel(added.draft, added.key);
      expect(definitionOf(changed)).toEqual(definition);
      expect(isSame(changed, draft)).toBe(true);
    }
  });

  test("keeps what is beside the one member that was changed", () => {
    for (const definition of generated) {
      const { settings } = openDraft(definition);
      expect(withMember(settings, "last", undefined)).not.toHaveProperty("last");
      expect({ ...definition, last: "P1D" }).toMatchObject(withMember(settings, "last", "P1D"));
    }
  });
});

const three = openDraft({
  ...(generated[0] as (typeof generated)[number]),
  panels: ["A", "B", "C"].map((title) => ({ kind: "markdown", title, width: 4, text: "" })),
});
const titles = ({ panels }: typeof three): string =>
  panels.map(({ panel }) => panel.title).join(" ");

test("a panel is put behind the one that is looked at, and has a key of its own", () => {
  const added = addPanel(three, { kind: "markdown", title: "N", width: 1, text: "" }, "panel-1");
  expect(titles(added.draft)).toBe("A N B C");
  const again = addPanel(removePanel(added.draft, "panel-1"), three.panels[0]!.panel);
  expect(titles(again.draft)).toBe("N B C A");
  expect(new Set(again.draft.panels.map(({ key }) => key)).size).toBe(4);
});

test("a panel is moved to a position, and no further than to the ends", () => {
  expect(titles(movePanel(three, "panel-1", 2))).toBe("B C A");
  expect(titles(movePanel(three, "panel-3", -5))).toBe("C A B");
  expect(movePanel(three, "panel-3", 99)).toBe(three);
  expect(movePanel(three, "unknown", 0)).toBe(three);
});

test("a copy has a title of its own, however long the title is", () => {
  const once = duplicatePanel(three, "panel-1");
  expect(titles(once!.draft)).toBe("A A (copy) B C");
  expect(titles(duplicatePanel(once!.draft, "panel-1")!.draft)).toBe("A A (copy 2) A (copy) B C");
  const long = changePanel(three, "panel-1", {
    ...three.panels[0]!.panel,
    title: "x".repeat(100),
  });
  expect(duplicatePanel(long, "panel-1")!.draft.panels[1]!.panel.title).toHaveLength(100);
  expect(duplicatePanel(three, "unknown")).toBeNull();
});
