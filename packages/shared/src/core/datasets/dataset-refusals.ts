/** What is refused about datasets, in the words in which whoever asks is told. */
import { AppError, type ErrorMembers } from "../answering/errors.ts";

export const unknownDataset = (name: string): AppError =>
  new AppError("not_found", { detail: `There is no dataset ${JSON.stringify(name)}.` });

export const datasetNameTaken = (): AppError =>
  new AppError("dataset_name_taken", {
    detail: "There is a dataset of this name.",
    errors: [{ pointer: "/name", code: "taken", detail: "There is a dataset of this name." }],
  });

/** A section with those of its panels that read a dataset, in order. */
export interface DatasetReader {
  readonly slug: string;
  readonly title: string;
  readonly panels: readonly { readonly id: string; readonly title: string }[];
}

/** So many are named one by one. */
const mostNamed = 100;

const describeUse = (readBy: readonly DatasetReader[], hasOthers: boolean): ErrorMembers => ({
  detail:
    readBy.length === 0
      ? "Panels of sections that you may not know of read it. Somebody who edits them can take those panels out."
      : `Panels of these sections read it: ${readBy.map(({ title }) => title).join(", ")}${hasOthers ? ", and of others that you may not know of" : ""}. Take those panels out of the sections first.`,
  errors: readBy
    .flatMap(({ slug, title, panels }) =>
      panels.map((panel) => ({
        pointer: `/sections/${slug}/panels/${panel.id}`,
        code: "reads_it",
        detail: `The panel ${JSON.stringify(panel.title)} of the section ${JSON.stringify(title)} reads it.`,
      })),
    )
    .slice(0, mostNamed),
});

/** What a store refuses. It names every reader, which is for those who may know of each. */
export class DatasetInUse extends AppError {
  readonly readBy: readonly DatasetReader[];

  constructor(readBy: readonly DatasetReader[], hasOthers = false) {
    super("dataset_in_use", describeUse(readBy, hasOthers));
    this.readBy = readBy;
  }

  /** The same for somebody who may know of some of them. */
  as(mayName: (slug: string) => boolean): DatasetInUse {
    const named = this.readBy.filter(({ slug }) => mayName(slug));
    return new DatasetInUse(named, named.length < this.readBy.length);
  }
}

export const datasetChanged = (): AppError =>
  new AppError("dataset_changed", {
    detail:
      "Somebody else changed the dataset's rows meanwhile. Nothing was stored; repeat the request.",
  });

export const unknownImport = (): AppError =>
  new AppError("not_found", {
    detail:
      "No import of this id is known. The last hundred are, until the API restarts; one that was under way then has changed nothing.",
  });
