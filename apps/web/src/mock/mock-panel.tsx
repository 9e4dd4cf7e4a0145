import {
  personas,
  scenarioNames,
  scenarios,
  setupToken,
  type MockApi,
  type Persona,
  type ScenarioName,
} from "@sallyport/shared/mock";
import {
  useCallback,
  useEffect,
  useId,
  useRef,
  useState,
  useSyncExternalStore,
  type ReactNode,
  type RefObject,
} from "react";
import classes from "./mock-panel.module.css";

/** What lies just behind the lives of an access token and of an unused session. */
const steps = [
  { label: "6 minutes", span: { minutes: 6 } },
  { label: "1 day", span: { days: 1 } },
  { label: "8 days", span: { days: 8 } },
] as const;

const longestLatency = 60_000;
const between = (least: number, most: number, value: number): number =>
  Math.min(most, Math.max(least, value || 0));

/**
 * In the tab's storage while the panel loads the page again: the focus comes back to where it was.
 */
const reloadMark = "sallyport-mock-panel";
const reload = (): void => {
  sessionStorage.setItem(reloadMark, "1");
  window.location.reload();
};

/**
 * Whom somebody has switched to in this tab. Whoever is deactivated is signed out by the very first
 * request, and is meant all the same.
 */
const chosenMark = "sallyport-mock-persona";

const bringIntoView = (element: HTMLElement | null): void =>
  element?.scrollIntoView({ block: "nearest" });

const timeOf = (milliseconds: number): string =>
  new Intl.DateTimeFormat("en-GB", {
    dateStyle: "medium",
    timeStyle: "short",
    timeZone: "UTC",
  }).format(milliseconds);

type Settings = ReturnType<MockApi["settings"]>;

/** Does what may be refused, and says so. */
type Attempt = (act: () => void | Promise<void>) => Promise<void>;

interface PartProps {
  readonly mock: MockApi;
  readonly settings: Settings;
  readonly attempt: Attempt;
}

/**
 * Who is signed in as far as the panel goes: whoever has been switched to, until somebody else has
 * signed in.
 */
const useShownPersona = ({ persona }: Settings): string => {
  const [chosen, setChosen] = useState(() => sessionStorage.getItem(chosenMark));
  if (chosen !== null && persona !== "visitor" && persona !== chosen) setChosen(null);
  useEffect(() => {
    if (chosen === null) sessionStorage.removeItem(chosenMark);
  }, [chosen]);
  return persona === "visitor" ? (chosen ?? persona) : persona;
};

const useCloseOnEscape = (
  corner: RefObject<HTMLElement | null>,
  open: boolean,
  close: () => void,
): void =>
  useEffect(() => {
    const element = corner.current;
    if (!open || element === null) return;
    const closeOnEscape = (event: KeyboardEvent): void => {
      if (event.key !== "Escape") return;
      // A dialog that the panel has moved into is not meant.
      event.preventDefault();
      event.stopPropagation();
      close();
    };
    element.addEventListener("keydown", closeOnEscape);
    return () => element.removeEventListener("keydown", closeOnEscape);
  }, [corner, open, close]);

/**
 * A corner of the page from which the mock is driven: who is signed in, what goes wrong, how late
 * it is.
 */
export function MockPanel({ mock }: { readonly mock: MockApi }): ReactNode {
  const settings = useSyncExternalStore(mock.subscribe, mock.settings);
  const [open, setOpen] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const corner = useRef<HTMLElement>(null);
  const toggle = useRef<HTMLButtonElement>(null);
  const id = useId();
  const shown = useShownPersona(settings);

  const close = useCallback((): void => {
    setOpen(false);
    toggle.current?.focus();
  }, []);
  useCloseOnEscape(corner, open, close);

  useEffect(() => {
    if (sessionStorage.getItem(reloadMark) === null) return;
    sessionStorage.removeItem(reloadMark);
    toggle.current?.focus();
  }, []);

  const attempt: Attempt = async (act) => {
    setProblem(null);
    try {
      await act();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  const part = { mock, settings, attempt };

  return (
    <aside ref={corner} className={classes.corner} aria-label="Mock">
      <button
        ref={toggle}
        type="button"
        className={classes.toggle}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        <span>
          Mock: {shown}
          {shown !== settings.persona && ", signed out"}
          {settings.scenario !== "normal" && `, ${settings.scenario}`} · invented numbers
        </span>
      </button>
      <div id={id} className={classes.panel} hidden={!open}>
        <div>
          <h2>Mock API</h2>
          <p className={classes.hint}>Requests are answered in this page. No server is asked.</p>
        </div>
        <PersonaChoice {...part} shown={shown} />
        <ScenarioChoice {...part} />
        <Connection {...part} />
        <Clock {...part} />
        <StateButtons {...part} />
        {problem !== null && (
          <p className={classes.problem} role="alert" ref={bringIntoView}>
            {problem}
          </p>
        )}
      </div>
    </aside>
  );
}

function PersonaChoice({
  mock,
  attempt,
  shown,
}: PartProps & { readonly shown: string }): ReactNode {
  const [wanted, setWanted] = useState<Persona | null>(null);
  const choose = (persona: Persona): void => {
    mock.setPersona(persona);
    sessionStorage.setItem(chosenMark, persona);
    reload();
  };
  return (
    <Field label="Signed in as" hint="To switch is to load the page again.">
      {(field) => (
        <form
          className={classes.choice}
          action={() => attempt(() => choose(wanted ?? (shown as Persona)))}
        >
          {/* Not at once: with a keyboard, somebody passes others on the way to the one they mean. */}
          <select
            {...field}
            value={wanted ?? shown}
            onChange={(event) => setWanted(event.target.value as Persona)}
          >
            {personas.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
          <button type="submit" className={classes.button}>
            Switch
          </button>
        </form>
      )}
    </Field>
  );
}

function ScenarioChoice({ mock, settings: { scenario }, attempt }: PartProps): ReactNode {
  return (
    <>
      <Field label="Scenario" hint={scenarios[scenario].description.replaceAll("`", "")}>
        {(field) => (
          <select
            {...field}
            value={scenario}
            onChange={(event) =>
              void attempt(() => mock.setScenario(event.target.value as ScenarioName))
            }
          >
            {scenarioNames.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        )}
      </Field>
      {scenario === "setup" && (
        <p className={classes.hint}>
          <a
            href={new URL(`setup#token=${setupToken}`, document.baseURI).href}
            target="_blank"
            rel="noreferrer"
          >
            The setup link, in a new tab
          </a>
        </p>
      )}
    </>
  );
}

/** How slow answers are, and how many never come. */
function Connection({ mock, settings }: PartProps): ReactNode {
  const [latency, longest] = settings.latency;
  return (
    <div className={classes.pair}>
      <Field label="Latency, ms" {...(longest > latency && { hint: `up to ${longest}` })}>
        {(field) => (
          <input
            {...field}
            type="number"
            min={0}
            max={longestLatency}
            step={100}
            value={latency}
            onChange={(event) =>
              mock.setLatency(between(0, longestLatency, event.target.valueAsNumber))
            }
          />
        )}
      </Field>
      <Field label="Faults, %">
        {(field) => (
          <input
            {...field}
            type="number"
            min={0}
            max={100}
            step={5}
            value={Math.round(settings.errorRate * 100)}
            onChange={(event) => mock.setErrorRate(between(0, 1, event.target.valueAsNumber / 100))}
          />
        )}
      </Field>
    </div>
  );
}

function Clock({ mock, settings: { now } }: PartProps): ReactNode {
  return (
    <>
      <div>
        <span className={classes.label}>Clock</span>
        <p className={classes.hint}>
          {timeOf(now)} UTC. A token lives 5 minutes, an unused session 7 days.
        </p>
      </div>
      <div className={classes.buttons} role="group" aria-label="Move the clock">
        {steps.map(({ label, span }) => (
          <button
            key={label}
            type="button"
            className={classes.button}
            onClick={() => mock.advanceClock(span)}
          >
            + {label}
          </button>
        ))}
      </div>
    </>
  );
}

const saveState = (mock: MockApi): void => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(
    new Blob([JSON.stringify(mock.exportState())], { type: "application/json" }),
  );
  link.download = "sallyport-mock.json";
  link.click();
  URL.revokeObjectURL(link.href);
};

/** @throws Error that says why the mock does not take the file */
const loadState = async (mock: MockApi, file: File): Promise<void> => {
  const text = await file.text();
  let state: ReturnType<MockApi["exportState"]>;
  try {
    state = JSON.parse(text) as ReturnType<MockApi["exportState"]>;
  } catch {
    throw new Error(`${file.name} is no JSON: take a file that "Save state" has made.`);
  }
  mock.importState(state);
  sessionStorage.removeItem(chosenMark);
  reload();
};

function StateButtons({ mock, attempt }: PartProps): ReactNode {
  return (
    <div className={classes.buttons} role="group" aria-label="State">
      <button type="button" className={classes.button} onClick={reload}>
        Load page again
      </button>
      <button
        type="button"
        className={classes.button}
        onClick={() => {
          mock.reset();
          sessionStorage.removeItem(chosenMark);
          reload();
        }}
      >
        Reset
      </button>
      <button type="button" className={classes.button} onClick={() => saveState(mock)}>
        Save state
      </button>
      <label className={classes.button}>
        Load state
        <input
          type="file"
          accept="application/json"
          className={classes.file}
          onChange={({ currentTarget }) => {
            const [file] = currentTarget.files ?? [];
            if (file)
              void attempt(() => loadState(mock, file)).then(() => {
                // Chosen once more after it has been mended, the same file is to be read again.
                currentTarget.value = "";
              });
          }}
        />
      </label>
    </div>
  );
}

function Field({
  label,
  hint,
  children,
}: {
  readonly label: string;
  readonly hint?: string;
  readonly children: (field: {
    readonly id: string;
    readonly "aria-describedby"?: string;
  }) => ReactNode;
}): ReactNode {
  const id = useId();
  return (
    <div className={classes.field}>
      <label htmlFor={id}>{label}</label>
      {children({ id, ...(hint !== undefined && { "aria-describedby": `${id}-hint` }) })}
      {hint !== undefined && (
        <p id={`${id}-hint`} className={classes.hint}>
          {hint}
        </p>
      )}
    </div>
  );
}
