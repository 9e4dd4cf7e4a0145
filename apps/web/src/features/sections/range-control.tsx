import { IconCalendar, IconChevronDown } from "@tabler/icons-react";
import { useId, useState, type ReactNode } from "react";
import { Popover, PopoverItem } from "../../ui/popover.tsx";
import { eachItsOwn } from "../../panels/answered-range.ts";
import classes from "./toolbar.module.css";
import {
  everything,
  labelOfLast,
  presetsFor,
  problemOfDates,
  type ChosenRange,
  type Dates,
} from "../../panels/time-range.ts";
import { Button } from "../../ui/button.tsx";
import { dateFormat } from "../../ui/reader.ts";

interface Bounds {
  readonly from: string;
  readonly to: string;
}

/** Which time the section is about: some usual ranges, and any two dates. */
export function RangeControl({
  range,
  label,
  own,
  bounds,
  onChange,
}: {
  readonly range: ChosenRange;
  readonly label: string;
  /** What is shown where nothing is chosen; null where each panel has a range of its own. */
  readonly own: string | null;
  readonly bounds: Bounds;
  readonly onChange: (range: ChosenRange) => void;
}): ReactNode {
  const now = range === null ? own : "last" in range ? range.last : null;
  return (
    <Popover
      label="Time range"
      align="start"
      buttonLabel={`Time range: ${label}`}
      buttonClassName={classes.button}
      button={
        <>
          <IconCalendar size={17} stroke={1.75} aria-hidden="true" />
          {label}
          <IconChevronDown size={15} aria-hidden="true" />
        </>
      }
    >
      {own === null && (
        <PopoverItem pressed={range === null} onClick={() => onChange(null)}>
          {eachItsOwn}
        </PopoverItem>
      )}
      {presetsFor(
        { from: bounds.from.slice(0, 10), to: bounds.to.slice(0, 10) },
        own === everything ? null : own,
      ).map((last) => (
        // What the section has of its own needs no word in the address.
        <PopoverItem
          key={last}
          pressed={last === now}
          onClick={() => onChange(last === own ? null : { last })}
        >
          {labelOfLast(last)}
        </PopoverItem>
      ))}
      <DatesForm
        key={label}
        dates={range !== null && !("last" in range) ? range : null}
        bounds={bounds}
        onChoose={onChange}
      />
    </Popover>
  );
}

function DatesForm({
  dates,
  bounds,
  onChoose,
}: {
  readonly dates: Dates | null;
  readonly bounds: Bounds;
  readonly onChoose: (dates: Dates) => void;
}): ReactNode {
  const id = useId();
  const [from, setFrom] = useState(dates?.from ?? "");
  const [to, setTo] = useState(dates?.to ?? "");
  const [problem, setProblem] = useState<ReturnType<typeof problemOfDates>>(null);
  const field = (
    name: "from" | "to",
    label: string,
    value: string,
    change: (value: string) => void,
  ): ReactNode => (
    <div className={classes.field}>
      <label htmlFor={`${id}-${name}`}>{label}</label>
      <input
        id={`${id}-${name}`}
        type="date"
        value={value}
        min="0001-01-01"
        max="9999-12-31"
        aria-invalid={problem?.field === name}
        {...(problem?.field === name && { "aria-describedby": `${id}-problem` })}
        onChange={(event) => {
          change(event.currentTarget.value);
          setProblem(null);
        }}
      />
    </div>
  );
  return (
    <form
      noValidate
      className={classes.dates}
      aria-label="Other dates"
      onSubmit={(event) => {
        event.preventDefault();
        const chosen: Dates = { from: from === "" ? null : from, to: to === "" ? null : to };
        const found = problemOfDates(chosen);
        setProblem(found);
        if (found)
          event.currentTarget
            .querySelector<HTMLInputElement>(`#${CSS.escape(`${id}-${found.field}`)}`)
            ?.focus();
        else {
          event.currentTarget.closest<HTMLElement>("[popover]")?.hidePopover();
          onChoose(chosen);
        }
      }}
    >
      {field("from", "From", from, setFrom)}
      {field("to", "To", to, setTo)}
      {problem && (
        <p id={`${id}-problem`} className={classes.problem} role="alert">
          {problem.text}
        </p>
      )}
      <p className={classes.hint}>
        There are data from {formatDay(bounds.from)} to {formatDay(bounds.to)}.
      </p>
      <Button type="submit" size="xs" fullWidth>
        Show these dates
      </Button>
    </form>
  );
}

const formatDay = (day: string): string =>
  dateFormat(undefined, { dateStyle: "medium", timeZone: "UTC" }).format(Date.parse(day));
