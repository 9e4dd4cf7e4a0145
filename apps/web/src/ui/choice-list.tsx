import { useState, type ReactNode } from "react";
import classes from "./choice-list.module.css";

export interface Choice {
  readonly id: string;
  readonly title: string;
  readonly note?: string | undefined;
}

const manyChoices = 8;

/** Any of several, each with a box to tick; where there are many, they are found by their title. */
export function ChoiceList({
  legend,
  description,
  choices,
  chosen,
  onChange,
  search,
  error,
}: {
  readonly legend: string;
  readonly description?: string;
  readonly choices: readonly Choice[];
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
  /** Where the choices are those that a server has found. */
  readonly search?: { readonly text: string; readonly onSearch: (text: string) => void };
  readonly error?: string | undefined;
}): ReactNode {
  const [ownText, setOwnText] = useState("");
  const { text, onSearch } = search ?? { text: ownText, onSearch: setOwnText };
  const sought = search ? "" : text.trim().toLocaleLowerCase();
  const shown = choices.filter(
    ({ title, note }) =>
      title.toLocaleLowerCase().includes(sought) || note?.toLocaleLowerCase().includes(sought),
  );
  return (
    <fieldset className={classes.list} aria-invalid={error !== undefined}>
      <legend className={classes.legend}>
        {legend}
        {choices.length > 0 && (
          <span className={classes.count}>
            {" "}
            {chosen.length} {search ? "chosen" : `of ${choices.length}`}
          </span>
        )}
      </legend>
      {description !== undefined && <p className={classes.note}>{description}</p>}
      {(search || choices.length > manyChoices) && (
        <input
          type="text"
          className={classes.search}
          aria-label={`Find in ${legend}`}
          placeholder="Find"
          autoComplete="off"
          value={text}
          onChange={(event) => onSearch(event.currentTarget.value)}
          // It narrows the choice, and sends no form.
          onKeyDown={(event) => event.key === "Enter" && event.preventDefault()}
        />
      )}
      <div className={classes.choices}>
        {shown.map(({ id, title, note }) => (
          <label key={id} className={classes.choice}>
            <input
              type="checkbox"
              checked={chosen.includes(id)}
              onChange={(event) =>
                onChange(
                  event.currentTarget.checked
                    ? [...chosen, id]
                    : chosen.filter((other) => other !== id),
                )
              }
            />
            <span>
              <bdi>{title}</bdi>
              {note !== undefined && note !== "" && <bdi className={classes.note}>{note}</bdi>}
            </span>
          </label>
        ))}
        {shown.length === 0 && (
          <p className={classes.note}>
            {choices.length === 0 && text.trim() === ""
              ? "There are none yet."
              : "Nothing matches."}
          </p>
        )}
      </div>
      {error !== undefined && <p className={classes.error}>{error}</p>}
    </fieldset>
  );
}
