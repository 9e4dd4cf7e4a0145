import { AppError } from "../answering/errors.ts";
import type { ImportStore } from "../datasets/import-store.ts";

/** Gives datasets the indexes that new queries need. Nobody waits for them. */
export const prepareIndexes = (
  {
    stores: { imports },
    reportFault,
  }: {
    readonly stores: { readonly imports: Pick<ImportStore, "ensureIndexes"> };
    reportFault(error: unknown, requestId: string): void;
  },
  datasets: readonly string[],
  requestId: string,
): void => {
  for (const dataset of datasets)
    imports.ensureIndexes(dataset).catch((error: unknown) => {
      // An expected outcome, such as that the process is about to stop: the dataset's next import
      // makes up for it.
      if (!(error instanceof AppError)) reportFault(error, requestId);
    });
};
