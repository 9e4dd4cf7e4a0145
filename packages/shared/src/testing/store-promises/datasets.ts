import { holds, same } from "../differences.ts";
import { eventOf, promisesOn } from "./promise.ts";

const { promise } = promisesOn<"datasets">();

export const ofDatasets = [
  promise(
    "a dataset is added once, changed as it was read, and kept while panels read it",
    async (subject) => {
      const { datasets } = subject.stores;
      const dataset = {
        id: subject.newId("dat"),
        name: "visits",
        title: "Visits",
        attribution: null,
        columns: [{ name: "day", label: "Day", type: "date" as const }],
        rowCount: 0,
        version: 1,
        updatedAt: subject.now,
      };
      const added = eventOf(subject, "dataset.create");
      same(await datasets.add(dataset, added), "added", "at first");
      same(
        await datasets.add({ ...dataset, id: subject.newId("dat") }, added),
        "nameTaken",
        "the same name",
      );
      const found = await datasets.find("visits");
      holds(found !== null, "it is found");
      same(found, dataset, "as it was added");
      const { columns, attribution, version } = found;
      const change = (title: string) => ({ title, columns, attribution, version });
      const changed = eventOf(subject, "dataset.change");
      same(await datasets.apply(found, change("Guests"), changed), "applied", "a change");
      same(await datasets.apply(found, change("Callers"), changed), "changed", "on what it was");
      const now = await datasets.find("visits");
      holds(now?.title === "Guests", "the first holds");
      same(await datasets.remove(now, eventOf(subject, "dataset.delete")), "applied", "removed");
      same(await datasets.find("visits"), null, "it is gone");
      const read = (await datasets.list("", 1_000)).find(({ name }) => name === "movies");
      holds(read !== undefined, "the sample has movies");
      const outcome = await datasets.remove(read, eventOf(subject, "dataset.delete"));
      holds(typeof outcome === "object" && outcome.readBy.length > 0, "panels read it");
      same(outcome.readBy, await datasets.readers("movies"), "which panels");
    },
  ),
];
