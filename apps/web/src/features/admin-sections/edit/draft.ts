/**
 * A section while it is edited. Pure: nothing here knows a screen or a server. What the editor has
 * no field for is kept as it came, since every change names the one member that it is about.
 */
import type { PanelDefinition, SectionDefinition } from "@sallyport/shared/contract";

/** A panel and what it is known by as long as it is edited, wherever it is moved to. */
export interface DraftPanel {
  readonly key: string;
  readonly panel: PanelDefinition;
}

/** Everything of a section but its panels. */
export type SectionSettings = Omit<SectionDefinition, "panels">;

export interface Draft {
  readonly settings: SectionSettings;
  readonly panels: readonly DraftPanel[];
}

/** As many as a section may hold. */
export const mostPanels = 60;
const longestTitle = 100;

export const openDraft = ({ panels, ...settings }: SectionDefinition): Draft => ({
  settings,
  panels: panels.map((panel, index) => ({ key: `panel-${index + 1}`, panel })),
});

export const definitionOf = ({ settings, panels }: Draft): SectionDefinition => ({
  ...settings,
  panels: panels.map(({ panel }) => panel),
});

/** Whether both are the same section, member by member. */
export const isSame = (one: Draft, other: Draft): boolean =>
  one === other || JSON.stringify(definitionOf(one)) === JSON.stringify(definitionOf(other));

/** With the member as given, or without it. */
export const withMember = <T extends object, K extends keyof T>(
  object: T,
  name: K,
  value: T[K] | undefined,
): T => {
  if (value !== undefined) return { ...object, [name]: value };
  const { [name]: _, ...rest } = object;
  return rest as T;
};

const nextKeyOf = (panels: readonly DraftPanel[]): string =>
  `panel-${Math.max(0, ...panels.map(({ key }) => Number(key.slice("panel-".length)))) + 1}`;

/** Puts a panel behind another one, or at the end. */
export const addPanel = (
  draft: Draft,
  panel: PanelDefinition,
  behind: string | null = null,
): { readonly draft: Draft; readonly key: string } => {
  const key = nextKeyOf(draft.panels);
  const at = draft.panels.findIndex((one) => one.key === behind);
  const panels = draft.panels.toSpliced(at === -1 ? draft.panels.length : at + 1, 0, {
    key,
    panel,
  });
  return { draft: { ...draft, panels }, key };
};

export const removePanel = (draft: Draft, key: string): Draft => ({
  ...draft,
  panels: draft.panels.filter((one) => one.key !== key),
});

export const changePanel = (draft: Draft, key: string, panel: PanelDefinition): Draft => ({
  ...draft,
  panels: draft.panels.map((one) => (one.key === key ? { key, panel } : one)),
});

/** A copy right behind it, with a title of its own: panels are known by their titles. */
export const duplicatePanel = (
  draft: Draft,
  key: string,
): { readonly draft: Draft; readonly key: string } | null => {
  const found = draft.panels.find((one) => one.key === key);
  if (!found) return null;
  const titles = new Set(draft.panels.map(({ panel }) => panel.title));
  let title = found.panel.title;
  for (let count = 1; titles.has(title); count += 1) {
    const suffix = count === 1 ? " (copy)" : ` (copy ${count})`;
    title = found.panel.title.slice(0, longestTitle - suffix.length) + suffix;
  }
  return addPanel(draft, { ...found.panel, title }, key);
};

/** @param to its position afterwards; what lies outside is the first or the last one */
export const movePanel = (draft: Draft, key: string, to: number): Draft => {
  const from = draft.panels.findIndex((one) => one.key === key);
  const moved = draft.panels[from];
  const target = Math.max(0, Math.min(to, draft.panels.length - 1));
  if (!moved || target === from) return draft;
  return { ...draft, panels: draft.panels.toSpliced(from, 1).toSpliced(target, 0, moved) };
};
