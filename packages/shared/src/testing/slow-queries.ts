/** A query that takes long, and the rows for it. */
import type { PanelDefinition, Session } from "../contract/contract.ts";
import { expectOutcome } from "./ask.ts";
import type { Subject } from "./subject.ts";

/** Rows in such a number that nobody reads them in a few milliseconds. */
export const addManyRows = async (subject: Subject, mica: Session): Promise<void> => {
  await expectOutcome(
    subject,
    201,
    "POST /datasets",
    {
      body: {
        name: "many",
        title: "Many",
        columns: [
          { name: "number", label: "Number", type: "integer" },
          { name: "text", label: "Text", type: "text" },
        ],
      },
    },
    mica,
  );
  const lines = Array.from(
    { length: 40_000 },
    (_, index) => `${(index * 7_919) % 40_009},t${(index * 104_729) % 30_011}`,
  );
  await expectOutcome(
    subject,
    200,
    "PUT /datasets/:name/rows",
    {
      params: { name: "many" },
      upload: { type: "text/csv", content: ["number,text", ...lines].join("\n") },
    },
    mica,
  );
};

const slow = (["number", "text"] as const).flatMap((column) =>
  (["distinct", "minimum"] as const).map((aggregate) => ({
    aggregate,
    column,
    name: `${aggregate} ${column}`,
  })),
);
const medians = Array.from(
  { length: 10 },
  (_, index) => ({ aggregate: "median", column: "number", name: `median ${index}` }) as const,
);

/** Nobody reads it in a few milliseconds. */
export const slowTable: PanelDefinition = {
  kind: "table",
  title: "Slow",
  width: 12,
  query: {
    dataset: "many",
    select: [{ column: "text" }, ...slow, ...medians],
    orderBy: [{ name: "distinct number", direction: "descending" }],
  },
};
