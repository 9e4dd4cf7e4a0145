import type { Condition, Filter } from "@sallyport/shared/contract";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Button } from "../../ui/button.tsx";
import {
  comparisonsFor,
  comparisonTitles,
  groupOf,
  isGroup,
  mostLevels,
  newCondition,
  partsOf,
  valueOfText,
  withComparison,
  withoutPart,
  withPart,
  wordOf,
} from "./edit/filters.ts";
import type { KnownDataset } from "./edit/result-columns.ts";
import classes from "./editor.module.css";
import { DurationMember, LongTextMember, SelectMember, TextMember } from "./fields.tsx";
import { GroupIssue } from "./issues-in-view.tsx";
import { IconAction } from "./selection-form.tsx";

interface PartProps<Part extends Filter> {
  readonly filter: Part;
  readonly dataset: KnownDataset;
  readonly pointer: string;
  readonly level: number;
  /** Undefined takes it away. */
  readonly onChange: (filter: Filter | undefined, what: string | null) => void;
}

/** Which rows count: conditions, and groups of them of which all or any have to hold. */
export function FilterForm({
  filter,
  dataset,
  pointer,
  onChange,
}: Omit<PartProps<Filter>, "filter" | "level"> & {
  readonly filter: Filter | undefined;
}): ReactNode {
  return (
    <div className={classes.members}>
      {filter === undefined ? (
        <p className={classes.hint}>Every row counts.</p>
      ) : (
        <FilterPart
          filter={filter}
          dataset={dataset}
          pointer={pointer}
          level={1}
          onChange={onChange}
        />
      )}
      {/* A group adds to itself. */}
      {(filter === undefined || !isGroup(filter)) && (
        <AddCondition
          pointer={pointer}
          dataset={dataset}
          onAdd={(part) => onChange(withPart(filter, part), null)}
        />
      )}
    </div>
  );
}

const AddCondition = ({
  dataset,
  pointer,
  onAdd,
}: {
  readonly dataset: KnownDataset;
  readonly pointer: string;
  readonly onAdd: (part: Condition) => void;
}): ReactNode => {
  const [first] = dataset.columns;
  return (
    <Button
      size="xs"
      variant="default"
      data-pointer={pointer}
      onClick={() => first && onAdd(newCondition(first.name, first.type))}
    >
      <IconPlus size={15} aria-hidden="true" /> Add a condition
    </Button>
  );
};

const FilterPart = ({ filter, ...props }: PartProps<Filter>): ReactNode =>
  isGroup(filter) ? (
    <GroupForm filter={filter} {...props} />
  ) : (
    <ConditionForm filter={filter} {...props} />
  );

function GroupForm({
  filter,
  dataset,
  pointer,
  level,
  onChange,
}: PartProps<Exclude<Filter, Condition>>): ReactNode {
  const word = wordOf(filter);
  const parts = partsOf(filter);
  const [first] = dataset.columns;
  return (
    <fieldset className={classes.conditions}>
      <legend>{word === "and" ? "All of these hold" : "At least one of these holds"}</legend>
      <SelectMember
        label="Conditions"
        pointer={pointer}
        value={word}
        options={[
          { value: "and", title: "All have to hold" },
          { value: "or", title: "One has to hold" },
        ]}
        onChange={(next) => onChange(groupOf(next, parts), null)}
      />
      {parts.map((part, index) => (
        <FilterPart
          key={index}
          filter={part}
          dataset={dataset}
          pointer={`${pointer}/${word}/${index}`}
          level={level + 1}
          onChange={(next, what) =>
            onChange(
              next === undefined
                ? withoutPart(filter, index)
                : groupOf(word, parts.with(index, next)),
              what,
            )
          }
        />
      ))}
      <div className={classes.buttons}>
        <AddCondition
          pointer={`${pointer}/${word}`}
          dataset={dataset}
          onAdd={(part) => onChange(withPart(filter, part), null)}
        />
        {level < mostLevels && (
          <Button
            size="xs"
            variant="default"
            onClick={() =>
              first &&
              onChange(
                withPart(
                  filter,
                  groupOf(word === "and" ? "or" : "and", [newCondition(first.name, first.type)]),
                ),
                null,
              )
            }
          >
            <IconPlus size={15} aria-hidden="true" /> Add a group
          </Button>
        )}
        {level > 1 && (
          <Button size="xs" variant="subtle" onClick={() => onChange(undefined, null)}>
            Remove the group
          </Button>
        )}
      </div>
    </fieldset>
  );
}

function ConditionForm({ filter, dataset, pointer, onChange }: PartProps<Condition>): ReactNode {
  const column = dataset.columns.find(({ name }) => name === filter.column);
  const type = column?.type;
  return (
    <div className={classes.item}>
      <div className={classes.itemHead}>
        <span className={classes.itemTitle}>
          {column?.label ?? filter.column} {comparisonTitles[filter.is]}
        </span>
        <IconAction
          label={`Remove the condition on ${column?.label ?? filter.column}`}
          onClick={() => onChange(undefined, null)}
        >
          <IconTrash size={16} aria-hidden="true" />
        </IconAction>
      </div>
      <div className={classes.pair}>
        <SelectMember
          label="Column"
          pointer={`${pointer}/column`}
          value={filter.column}
          options={dataset.columns.map(({ name, label }) => ({ value: name, title: label }))}
          onChange={(name) => {
            const next = dataset.columns.find((one) => one.name === name);
            const fits = next && comparisonsFor(next.type).includes(filter.is);
            onChange(
              fits && next.type === type
                ? { ...filter, column: name }
                : newCondition(name, next?.type),
              null,
            );
          }}
        />
        <SelectMember
          label="Comparison"
          pointer={`${pointer}/is`}
          value={filter.is}
          options={comparisonsFor(type, filter.is).map((is) => ({
            value: is,
            title: comparisonTitles[is],
          }))}
          onChange={(is) => onChange(withComparison(filter, is, type), null)}
        />
      </div>
      {"value" in filter &&
        (type === "boolean" ? (
          <SelectMember
            label="Value"
            pointer={`${pointer}/value`}
            value={String(filter.value)}
            options={[
              { value: "true", title: "Yes" },
              { value: "false", title: "No" },
            ]}
            onChange={(text) => onChange({ ...filter, value: valueOfText(text, type) }, null)}
          />
        ) : (
          <TextMember
            label="Value"
            pointer={`${pointer}/value`}
            type={type === "date" ? "date" : "text"}
            inputMode={type === "integer" || type === "decimal" ? "decimal" : undefined}
            placeholder={type === "timestamp" ? "2026-01-31T09:30:00Z" : undefined}
            maxLength={1_000}
            value={String(filter.value)}
            onChange={(text) =>
              onChange({ ...filter, value: valueOfText(text, type) }, `${pointer}/value`)
            }
          />
        ))}
      {"values" in filter && (
        <LongTextMember
          label="Values"
          description="Each on a line of its own."
          pointer={`${pointer}/values`}
          rows={Math.min(8, filter.values.length + 1)}
          maxLength={100_000}
          value={filter.values.map(String).join("\n")}
          onChange={(text) =>
            onChange(
              { ...filter, values: text.split("\n").map((line) => valueOfText(line, type)) },
              `${pointer}/values`,
            )
          }
        />
      )}
      {"duration" in filter && (
        <DurationMember
          label="Within the last"
          pointer={`${pointer}/duration`}
          isRequired
          value={filter.duration}
          onChange={(duration) =>
            duration !== undefined && onChange({ ...filter, duration }, `${pointer}/duration`)
          }
        />
      )}
      <GroupIssue pointer={pointer} />
    </div>
  );
}
