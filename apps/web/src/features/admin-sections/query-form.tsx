import type { Query } from "@sallyport/shared/contract";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useMemo, type ReactNode } from "react";
import { Button } from "../../ui/button.tsx";
import { withMember } from "./edit/draft.ts";
import {
  isAggregated,
  isNumber,
  resultColumnsOf,
  type KnownDataset,
} from "./edit/result-columns.ts";
import { withSelect } from "./edit/selections.ts";
import classes from "./editor.module.css";
import {
  CheckMember,
  DurationMember,
  NumberMember,
  OptionalMember,
  Part,
  SelectMember,
  TextMember,
} from "./fields.tsx";
import { FilterForm } from "./filter-form.tsx";
import { GroupIssue } from "./issues-in-view.tsx";
import { IconAction, SelectionList, timesOf } from "./selection-form.tsx";

type ChangeQuery = (query: Query, what: string | null) => void;

interface QueryFormProps {
  readonly query: Query;
  readonly datasets: readonly KnownDataset[];
  /** Of the query within its panel. */
  readonly pointer: string;
  readonly onChange: ChangeQuery;
}

/** What a panel asks of its dataset, from what the dataset has. */
export function QueryForm({
  query,
  datasets,
  pointer,
  onDataset,
  onChange,
  children,
}: QueryFormProps & {
  /** Without it the dataset is not for this query to choose. */
  readonly onDataset?: (name: string) => void;
  /** What is made of the columns that are selected. */
  readonly children?: ReactNode;
}): ReactNode {
  const dataset = datasets.find(({ name }) => name === query.dataset);
  return (
    <>
      {onDataset && (
        <SelectMember
          label="Dataset"
          pointer={`${pointer}/dataset`}
          value={query.dataset}
          options={datasets.map(({ name, title }) => ({ value: name, title }))}
          onChange={onDataset}
        />
      )}
      <GroupIssue pointer={pointer} />
      {dataset && (
        <>
          <SelectionList
            query={query}
            dataset={dataset}
            pointer={`${pointer}/select`}
            onChange={(select, what) => onChange(withSelect(query, select), what)}
          />
          {children}
          <Part title="Filter" isOpen={query.filter !== undefined}>
            <FilterForm
              filter={query.filter}
              dataset={dataset}
              pointer={`${pointer}/filter`}
              onChange={(filter, what) => onChange(withMember(query, "filter", filter), what)}
            />
          </Part>
          <TimeForm query={query} dataset={dataset} pointer={pointer} onChange={onChange} />
          <OrderForm query={query} dataset={dataset} pointer={pointer} onChange={onChange} />
        </>
      )}
    </>
  );
}

interface PartProps {
  readonly query: Query;
  readonly dataset: KnownDataset;
  readonly pointer: string;
  readonly onChange: ChangeQuery;
}

/** A member that is changed in one step, or letter by letter. */
const setter =
  ({ query, pointer, onChange }: Pick<PartProps, "query" | "pointer" | "onChange">) =>
  <K extends keyof Query>(name: K, value: Query[K] | undefined, isTyped = false): void =>
    onChange(withMember(query, name, value), isTyped ? `${pointer}/${name}` : null);

function TimeForm({ query, dataset, pointer, onChange }: PartProps): ReactNode {
  const set = setter({ query, pointer, onChange });
  const times = timesOf(dataset);
  if (times.length === 0 && query.timeColumn === undefined) return null;
  const chooseTime = (timeColumn: string | undefined): void => {
    if (timeColumn !== undefined) return set("timeColumn", timeColumn);
    // What counts back from a time makes no sense without one.
    const { timeColumn: _, last: __, relativeTo: ___, compare: ____, ...rest } = query;
    onChange(rest, null);
  };
  return (
    <Part title="Time" isOpen={query.timeColumn !== undefined}>
      <OptionalMember
        label="Time column"
        pointer={`${pointer}/timeColumn`}
        none="None: the page’s range changes nothing"
        value={query.timeColumn}
        options={times}
        onChange={chooseTime}
      />
      {query.timeColumn !== undefined && (
        <>
          <DurationMember
            label="Range at first"
            pointer={`${pointer}/last`}
            value={query.last}
            onChange={(last) => set("last", last, true)}
          />
          <OptionalMember
            label="Counted back from"
            pointer={`${pointer}/relativeTo`}
            none="The present"
            value={query.relativeTo === "latest" ? query.relativeTo : undefined}
            options={[{ value: "latest", title: "The latest row" }]}
            onChange={(relativeTo) => set("relativeTo", relativeTo)}
          />
          <CheckMember
            label="Compare with the period before"
            pointer={`${pointer}/compare`}
            checked={query.compare !== undefined}
            onChange={(checked) => set("compare", checked ? "previousPeriod" : undefined)}
          />
          <TextMember
            label="Time zone"
            pointer={`${pointer}/timeZone`}
            description="Of days and hours, such as Europe/Paris."
            placeholder="UTC"
            maxLength={64}
            value={query.timeZone}
            onChange={(timeZone) => set("timeZone", timeZone === "" ? undefined : timeZone, true)}
          />
        </>
      )}
    </Part>
  );
}

const mostOrders = 10;

function OrderForm({ query, dataset, pointer, onChange }: PartProps): ReactNode {
  const set = setter({ query, pointer, onChange });
  const columns = useMemo(() => resultColumnsOf(query, dataset), [query, dataset]);
  const grouped = isAggregated(query);
  const orderBy = query.orderBy ?? [];
  const { top } = query;
  const ofResult = columns.map(({ name, label }) => ({ value: name, title: label }));
  const sortable = grouped
    ? ofResult
    : [
        ...ofResult,
        ...dataset.columns
          .filter(({ name }) => !columns.some((column) => column.name === name))
          .map(({ name, label }) => ({ value: name, title: label })),
      ];
  const groups = columns.filter(
    ({ name, type }) =>
      type === "text" && query.select.some((one) => !("aggregate" in one) && one.column === name),
  );
  const amounts = columns.filter(
    (column) =>
      isNumber(column) &&
      query.select.some((one) => "aggregate" in one && one.name === column.name),
  );
  const setOrder = (next: typeof orderBy): void =>
    set("orderBy", next.length === 0 ? undefined : next);
  const [firstSortable] = sortable;
  const [firstGroup] = groups;
  const [firstAmount] = amounts;
  return (
    <Part
      title="Order and limit"
      isOpen={orderBy.length > 0 || query.limit !== undefined || top !== undefined}
    >
      {orderBy.map((order, index) => (
        <div key={index} className={classes.row}>
          <SelectMember
            label={index === 0 ? "Order by" : "Then by"}
            pointer={`${pointer}/orderBy/${index}/name`}
            value={order.name}
            options={sortable}
            onChange={(name) => setOrder(orderBy.with(index, { ...order, name }))}
          />
          <SelectMember
            label="Direction"
            pointer={`${pointer}/orderBy/${index}/direction`}
            value={order.direction}
            options={[
              { value: "ascending", title: "Ascending" },
              { value: "descending", title: "Descending" },
            ]}
            onChange={(direction) => setOrder(orderBy.with(index, { ...order, direction }))}
          />
          <IconAction
            label={`Remove the order by ${order.name}`}
            onClick={() => setOrder(orderBy.toSpliced(index, 1))}
          >
            <IconTrash size={16} aria-hidden="true" />
          </IconAction>
        </div>
      ))}
      {firstSortable && orderBy.length < mostOrders && (
        <div>
          <Button
            size="xs"
            variant="default"
            onClick={() =>
              setOrder([...orderBy, { name: firstSortable.value, direction: "descending" }])
            }
          >
            <IconPlus size={15} aria-hidden="true" /> Add an order
          </Button>
        </div>
      )}
      <NumberMember
        label="At most so many rows"
        pointer={`${pointer}/limit`}
        value={query.limit}
        least={1}
        most={10_000}
        placeholder="All"
        onChange={(limit) => set("limit", limit, true)}
      />
      {(top || (firstGroup && firstAmount)) && (
        <CheckMember
          label="Only the largest groups"
          pointer={`${pointer}/top`}
          checked={top !== undefined}
          onChange={(checked) =>
            set(
              "top",
              checked && firstGroup && firstAmount
                ? { column: firstGroup.name, by: firstAmount.name, count: 5, others: "Others" }
                : undefined,
            )
          }
        />
      )}
      {top && (
        <div className={classes.indented}>
          <SelectMember
            label="Groups of"
            pointer={`${pointer}/top/column`}
            value={top.column}
            options={groups.map(({ name, label }) => ({ value: name, title: label }))}
            onChange={(column) => set("top", { ...top, column })}
          />
          <SelectMember
            label="By size of"
            pointer={`${pointer}/top/by`}
            value={top.by}
            options={amounts.map(({ name, label }) => ({ value: name, title: label }))}
            onChange={(by) => set("top", { ...top, by })}
          />
          <NumberMember
            label="How many"
            pointer={`${pointer}/top/count`}
            value={top.count}
            least={1}
            most={50}
            isRequired
            onChange={(count) => count !== undefined && set("top", { ...top, count }, true)}
          />
          <TextMember
            label="The rest together is called"
            pointer={`${pointer}/top/others`}
            placeholder="Left out"
            maxLength={100}
            value={top.others}
            onChange={(others) =>
              set("top", withMember(top, "others", others === "" ? undefined : others), true)
            }
          />
        </div>
      )}
    </Part>
  );
}
