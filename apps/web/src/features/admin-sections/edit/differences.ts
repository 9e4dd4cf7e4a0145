/** What two people have made of one section, in words. Pure. */
import type { PanelDefinition, SectionDefinition } from "@sallyport/shared/contract";

export interface DefinitionDifference {
  readonly label: string;
  readonly mine: string;
  readonly theirs: string;
}

const settingTitles = {
  title: "Title",
  description: "Description",
  icon: "Icon",
  position: "Place in the navigation",
  visibility: "Visibility",
  refreshSeconds: "Seconds between refreshes",
  last: "Range of time",
} as const satisfies Partial<Record<keyof SectionDefinition, string>>;

const inWords = (value: string | number | undefined): string =>
  value === undefined || value === "" ? "None" : String(value);

const byTitle = (panels: readonly PanelDefinition[]): ReadonlyMap<string, string> =>
  new Map(panels.map((panel) => [panel.title, JSON.stringify(panel)]));

const orderOf = (definition: SectionDefinition, titles: ReadonlyMap<string, string>): string =>
  definition.panels.flatMap(({ title }) => (titles.has(title) ? [title] : [])).join(", ");

/** Panels are the same where their titles are, as for the server. */
export const differencesOf = (
  mine: SectionDefinition,
  theirs: SectionDefinition,
  base: SectionDefinition,
): readonly DefinitionDifference[] => {
  const settings = Object.entries(settingTitles).flatMap(([name, label]) => {
    const member = name as keyof typeof settingTitles;
    return mine[member] === theirs[member]
      ? []
      : [{ label, mine: inWords(mine[member]), theirs: inWords(theirs[member]) }];
  });
  const [here, there, before] = [mine, theirs, base].map(({ panels }) => byTitle(panels));
  if (!here || !there || !before) return settings;
  const say = (found: string | undefined, title: string): string =>
    found === undefined
      ? before.has(title)
        ? "Deleted"
        : "Not there"
      : !before.has(title)
        ? "Added"
        : found === before.get(title)
          ? "As before"
          : "Changed";
  const panels = [...new Set([...there.keys(), ...here.keys()])].flatMap((title) =>
    here.get(title) === there.get(title)
      ? []
      : [
          {
            label: `Panel “${title}”`,
            mine: say(here.get(title), title),
            theirs: say(there.get(title), title),
          },
        ],
  );
  const [own, others] = [orderOf(mine, there), orderOf(theirs, here)];
  return [
    ...settings,
    ...panels,
    ...(own === others ? [] : [{ label: "Order of the panels", mine: own, theirs: others }]),
  ];
};
