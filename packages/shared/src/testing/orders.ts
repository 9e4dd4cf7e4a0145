/** A dataset whose rows are known to the last digit, and sections with panels that read it. */
import type {
  NewDataset,
  PanelDefinition,
  Query,
  SectionDefinition,
  Session,
} from "../contract/contract.ts";
import { ask, expectOutcome, type Input, type Reply } from "./ask.ts";
import { holds } from "./differences.ts";
import type { Subject } from "./subject.ts";

export const orders = {
  name: "orders-of-fruit",
  title: "Orders of fruit",
  attribution: "Made up",
  columns: [
    { name: "placed", label: "Placed", type: "timestamp" },
    { name: "day", label: "Day", type: "date" },
    { name: "region", label: "Region", type: "text" },
    { name: "item", label: "Item", type: "text" },
    { name: "quantity", label: "Quantity", type: "integer", unit: "pcs" },
    { name: "price", label: "Price", type: "decimal", unit: "EUR" },
    { name: "paid", label: "Paid", type: "boolean" },
  ],
} as const satisfies NewDataset;

/**
 * Around the night in which the clocks of Paris are set back: 2026-10-25, from 03:00 to 02:00, at
 * 01:00 UTC.
 */
export const orderRows = [
  {
    placed: "2026-10-24T21:30:00Z",
    day: "2026-10-24",
    region: "north",
    item: "apples",
    quantity: 3,
    price: 1.5,
    paid: true,
  },
  {
    placed: "2026-10-24T22:30:00Z",
    day: "2026-10-25",
    region: "north",
    item: "pears",
    quantity: 1,
    price: 2.25,
    paid: false,
  },
  {
    placed: "2026-10-25T00:30:00Z",
    day: "2026-10-25",
    region: "south",
    item: "apples",
    quantity: 5,
    price: 1.5,
    paid: true,
  },
  {
    placed: "2026-10-25T01:30:00Z",
    day: "2026-10-25",
    region: "south",
    item: "plums",
    quantity: 2,
    price: 4,
    paid: null,
  },
  {
    placed: "2026-10-25T22:59:59.999Z",
    day: "2026-10-25",
    region: "north",
    item: "apples",
    quantity: 4,
    price: 1.75,
    paid: true,
  },
  {
    placed: "2026-10-25T23:00:00Z",
    day: "2026-10-26",
    region: "west",
    item: "pears",
    quantity: 10,
    price: 2,
    paid: false,
  },
  {
    placed: "2026-10-27T12:00:00Z",
    day: "2026-10-27",
    region: null,
    item: "cherries",
    quantity: 7,
    price: 0.5,
    paid: true,
  },
  {
    placed: "2026-11-03T08:15:00Z",
    day: "2026-11-03",
    region: "east",
    item: "Apples",
    quantity: null,
    price: null,
    paid: true,
  },
] as const;

export const signInToAdminister = (subject: Subject): Promise<Session> =>
  subject.signInAs("mica", { delivery: "body" });

export const asJson = (rows: readonly object[]): NonNullable<Input["upload"]> => ({
  type: "application/json",
  content: JSON.stringify(rows),
});
export const asCsv = (...lines: readonly string[]) => ({
  type: "text/csv",
  content: `${lines.join("\n")}\n`,
});

/** Records of orders, with every column in its place. */
export const asOrders = (...records: readonly string[]) =>
  asCsv(orders.columns.map(({ name }) => name).join(","), ...records);
export const figs = ",,,figs,,,";

/** Creates a dataset and puts rows into it. */
export const addDataset = async (
  subject: Subject,
  mica: Session,
  dataset: NewDataset,
  rows: readonly object[],
): Promise<void> => {
  await expectOutcome(subject, 201, "POST /datasets", { body: dataset }, mica);
  await expectOutcome(
    subject,
    200,
    "PUT /datasets/:name/rows",
    { params: { name: dataset.name }, upload: asJson(rows) },
    mica,
  );
};
export const addOrders = (subject: Subject, mica: Session): Promise<void> =>
  addDataset(subject, mica, orders, orderRows);

export const everyOrder: Query = {
  dataset: orders.name,
  select: [{ column: "day" }, { column: "item" }, { column: "quantity" }],
  timeColumn: "placed",
};
export const orderTable: PanelDefinition = {
  kind: "table",
  title: "Orders",
  width: 12,
  query: everyOrder,
  pageSize: 5,
};

export const putSection = async (
  subject: Subject,
  mica: Session,
  definition: Partial<SectionDefinition> & Pick<SectionDefinition, "slug" | "panels">,
): Promise<Reply> => {
  const put = (headers: Input["headers"]): Promise<Reply> =>
    ask(
      subject,
      "PUT /sections/:slug/definition",
      {
        params: { slug: definition.slug },
        headers,
        body: { title: definition.slug, ...definition },
      },
      mica,
    );
  const first = await put({});
  const reply = first.code === "precondition_required" ? await put({ "if-match": "*" }) : first;
  holds(
    reply.status === 200 || reply.status === 201,
    `the section ${definition.slug} cannot be written: ${reply.problem?.detail}`,
  );
  return reply;
};

interface PanelAnswer {
  readonly id: string;
  readonly title: string;
  readonly [member: string]: unknown;
}

export const panelsOf = async (
  subject: Subject,
  slug: string,
  as: Session | null,
  query: Input["query"] = {},
): Promise<readonly PanelAnswer[]> => {
  const { body } = await expectOutcome(
    subject,
    200,
    "GET /sections/:slug",
    { params: { slug }, query },
    as,
  );
  return (body as { readonly panels: readonly PanelAnswer[] }).panels;
};

/** A section for the orders with these panels. @returns the ids of the panels, in order */
export const addOrderPanels = async (
  subject: Subject,
  mica: Session,
  ...panels: readonly PanelDefinition[]
): Promise<readonly string[]> => {
  await putSection(subject, mica, { slug: "orders", panels });
  return (await panelsOf(subject, "orders", mica)).map(({ id }) => id);
};

/** The orders, and a section that shows them in a table. @returns the id of the table */
export const addOrderTable = async (subject: Subject, mica: Session): Promise<string> => {
  await addOrders(subject, mica);
  const [id] = await addOrderPanels(subject, mica, orderTable);
  return id as string;
};
