import { IconSearch, IconX } from "@tabler/icons-react";
import { useEffect, useRef, useState, type ReactNode } from "react";
import classes from "./search-box.module.css";

const pauseMs = 250;

/** Searches while one types, a moment after the last letter; Enter does not wait, Escape clears. */
export function SearchBox({
  label,
  value,
  onSearch,
  isLandmark = true,
}: {
  readonly label: string;
  readonly value: string;
  readonly onSearch: (text: string) => void;
  /** Otherwise it is one of several in a landmark that stands around them. */
  readonly isLandmark?: boolean;
}): ReactNode {
  const [text, setText] = useState(value);
  // What was searched for last, here: an address that says something else was changed elsewhere.
  const sought = useRef(value);
  const field = useRef<HTMLInputElement>(null);
  const search = useRef(onSearch);
  useEffect(() => void (search.current = onSearch));
  useEffect(() => {
    if (value === sought.current) return;
    sought.current = value;
    setText(value);
  }, [value]);
  const seek = (wanted: string): void => {
    if (wanted === sought.current) return;
    sought.current = wanted;
    search.current(wanted);
  };
  const wanted = text.trim();
  useEffect(() => {
    if (wanted === sought.current) return;
    const timer = setTimeout(() => seek(wanted), pauseMs);
    return () => clearTimeout(timer);
  }, [wanted]);
  const clear = (): void => {
    setText("");
    seek("");
    field.current?.focus();
  };
  return (
    <div {...(isLandmark && { role: "search" })} className={classes.search}>
      <IconSearch size={17} stroke={1.75} aria-hidden="true" className={classes.icon} />
      <input
        ref={field}
        type="text"
        inputMode="search"
        enterKeyHint="search"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={200}
        className={classes.input}
        aria-label={label}
        placeholder={label}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") seek(wanted);
          else if (event.key === "Escape" && text !== "") clear();
        }}
      />
      {text !== "" && (
        <button
          type="button"
          className={classes.clear}
          aria-label="Clear the search"
          onClick={clear}
        >
          <IconX size={16} aria-hidden="true" />
        </button>
      )}
    </div>
  );
}
