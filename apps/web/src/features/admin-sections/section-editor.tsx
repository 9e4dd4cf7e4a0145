import { ApiError, isApiError } from "@sallyport/shared/client";
import { useCan, useClient } from "@sallyport/shared/react";
import { useQueryClient } from "@tanstack/react-query";
import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconArrowLeft,
  IconCopy,
  IconPlus,
  IconTrash,
} from "@tabler/icons-react";
import { useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { Link } from "react-router";
import { paths } from "../../paths.ts";
import { useChange } from "../../session/use-change.ts";
import { Button, buttonLook } from "../../ui/button.tsx";
import { Callout } from "../../ui/callout.tsx";
import { ConflictDialog } from "../../ui/conflict-dialog.tsx";
import { downloadText } from "../../ui/download.ts";
import { isolated } from "../../ui/isolated.ts";
import { PageHead } from "../../ui/page-head.tsx";
import { Popover, PopoverItem } from "../../ui/popover.tsx";
import { showToast } from "../../ui/toasts.tsx";
import { useLeaveWarning } from "../../ui/use-leave-warning.ts";
import { Canvas } from "./canvas.tsx";
import { differencesOf } from "./edit/differences.ts";
import {
  addPanel,
  changePanel,
  definitionOf,
  duplicatePanel,
  isSame,
  mostPanels,
  movePanel,
  openDraft,
  removePanel,
  type Draft,
} from "./edit/draft.ts";
import { openHistory, record, redo, undo } from "./edit/history.ts";
import { issuesOfSection, type Issue } from "./edit/issues.ts";
import { kindTitles, newPanel, panelKinds, type PanelKind } from "./edit/new-panels.ts";
import { hasQuery, type KnownDataset } from "./edit/result-columns.ts";
import type { OpenedSection } from "./opened-section.ts";
import classes from "./editor.module.css";
import { goToField, IssuesInView } from "./issues-in-view.tsx";
import { PanelForm } from "./panel-form.tsx";
import { PublicQuestion } from "./public-question.tsx";
import { SectionActions } from "./section-actions.tsx";
import { SectionForm } from "./section-form.tsx";
import { IconAction } from "./selection-form.tsx";
import { usePreview } from "./use-preview.ts";

const definitionKey = "GET /sections/:slug/definition";
const back = { to: paths.adminSections(), title: "Sections" };

const none: readonly Issue[] = [];

/** What the server has refused to save, and what was to be saved then. */
interface Refusal {
  readonly draft: Draft;
  readonly errors: readonly { readonly pointer: string; readonly detail: string }[];
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLInputElement
    ? target.type !== "checkbox"
    : target instanceof HTMLTextAreaElement;

/** A section with its panels, while it is edited. Nothing is stored before it is saved. */
export function SectionEditor({
  opened,
  isGone,
  datasets,
}: {
  /** As it was read; another version arrives where somebody else has saved it. */
  readonly opened: OpenedSection;
  /** It has been deleted since. */
  readonly isGone: boolean;
  /** Null for whoever may not look at them. */
  readonly datasets: readonly KnownDataset[] | null;
}): ReactNode {
  const client = useClient();
  const queryClient = useQueryClient();
  const [base, setBase] = useState(opened);
  /** The versions that this editor has begun with, saved or shown. */
  const [seen, setSeen] = useState([opened.etag]);
  const see = (section: OpenedSection): void => {
    setBase(section);
    setSeen((before) => [...before, section.etag]);
  };
  const [saved, setSaved] = useState(() => openDraft(opened.definition));
  const [history, setHistory] = useState(() => openHistory(saved));
  const draft = history.present;
  const [selectedKey, setSelected] = useState<string | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [conflict, setConflict] = useState<OpenedSection | null>(null);
  // What the dialog is about is not said a second time beside it.
  const [isConflict, setIsConflict] = useState(false);
  const [asksPublic, setAsksPublic] = useState(false);
  const inspector = useRef<HTMLElement>(null);

  const selected = draft.panels.find(({ key }) => key === selectedKey) ?? null;
  const isChanged = useMemo(() => !isSame(draft, saved), [draft, saved]);
  const { slug } = base.definition;
  const maySee = useCan({ section: slug });

  const change = (next: Draft, what: string | null = null): void =>
    setHistory((now) => record(now, next, what, Date.now()));

  const read = async (): Promise<OpenedSection> => {
    const answer = await client.request(definitionKey, { params: { slug } });
    return { definition: answer.body, etag: answer.headers.get("ETag") ?? "" };
  };
  const save = useChange({
    call: async (caller, { draft: sent, etag }: { draft: Draft; etag: string }) => {
      try {
        const answer = await caller.request("PUT /sections/:slug/definition", {
          params: { slug },
          headers: { "if-match": etag },
          body: definitionOf(sent),
        });
        return { sent, etag: answer.headers.get("ETag") ?? "" };
      } catch (error) {
        // Before it is said to have failed: the dialog shows what there is now.
        if (isApiError(error, "precondition_failed")) setConflict(await read());
        throw error;
      }
    },
    onDone: async ({ sent, etag }) => {
      see({ definition: definitionOf(sent), etag });
      setAsksPublic(false);
      setSaved(sent);
      setRefusal(null);
      setConflict(null);
      showToast("The section is saved.");
      await Promise.all([
        queryClient.invalidateQueries({ queryKey: ["GET /sections/:slug"] }),
        queryClient.invalidateQueries({ queryKey: ["GET /sections"] }),
      ]);
    },
    onFailed: (error, { draft: sent }) => {
      setAsksPublic(false);
      setIsConflict(isApiError(error, "precondition_failed"));
      const errors = error instanceof ApiError ? (error.problem.errors ?? []) : [];
      setRefusal(errors.length > 0 ? { draft: sent, errors } : null);
      if (errors.length === 0) return;
      const [first] = issuesOfSection(errors, sent).panels.keys();
      if (first !== undefined) setSelected(first);
    },
  });
  const becomesPublic =
    draft.settings.visibility === "public" && saved.settings.visibility !== "public";
  const saveNow = (): void => {
    if (becomesPublic) setAsksPublic(true);
    else save.run({ draft, etag: base.etag });
  };
  // What has arrived since is somebody else's, unless it is what was saved here a moment ago.
  const isOutdated = !save.pending && conflict === null && !seen.includes(opened.etag);
  const takeTheirs = (theirs: OpenedSection): void => {
    const next = openDraft(theirs.definition);
    see(theirs);
    setSaved(next);
    // One step, so that it can be undone.
    change(next);
    setRefusal(null);
    setConflict(null);
  };

  // Of what was refused, that which has not been touched since.
  const refused = useMemo(() => {
    if (!refusal) return null;
    const { settings, panels } = issuesOfSection(refusal.errors, refusal.draft);
    return {
      settings: draft.settings === refusal.draft.settings ? settings : [],
      panels: new Map(
        [...panels].filter(
          ([key]) =>
            draft.panels.find((one) => one.key === key)?.panel ===
            refusal.draft.panels.find((one) => one.key === key)?.panel,
        ),
      ),
    };
  }, [refusal, draft]);

  const select = (key: string | null): void => {
    setSelected(key);
    // Where there is little room, the fields stand below the panel, and may be out of view.
    requestAnimationFrame(() => {
      const title = inspector.current?.querySelector<HTMLElement>("h2");
      title?.focus({ preventScroll: true });
      title?.scrollIntoView({ block: "nearest" });
    });
  };
  /** Back to where the panel stands. */
  const leave = (key: string): void => {
    setSelected(null);
    requestAnimationFrame(() =>
      document.querySelector<HTMLElement>(`[data-panel="${key}"] [aria-pressed]`)?.focus(),
    );
  };
  const add = (kind: PanelKind): void => {
    const last = selected?.panel ?? draft.panels.at(-1)?.panel;
    const dataset =
      datasets?.find(({ name }) => last && hasQuery(last) && last.query.dataset === name) ??
      datasets?.[0];
    const added = addPanel(draft, newPanel(kind, dataset), selectedKey);
    change(added.draft);
    select(added.key);
  };
  const duplicate = (key: string): void => {
    const copied = duplicatePanel(draft, key);
    if (!copied) return;
    change(copied.draft);
    select(copied.key);
  };
  const remove = (key: string): void => {
    change(removePanel(draft, key));
    select(null);
  };

  const keys = useRef<(event: KeyboardEvent) => void>(() => undefined);
  useEffect(() => {
    keys.current = (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
      const key = event.key.toLowerCase();
      const { target } = event;
      if (target instanceof Element && target.closest("dialog")) return;
      if (key === "s") {
        event.preventDefault();
        if (isChanged) saveNow();
        // A field undoes its own letters.
      } else if (!isTyping(target) && (key === "z" || key === "y")) {
        event.preventDefault();
        setHistory(key === "y" || event.shiftKey ? redo : undo);
      }
    };
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => keys.current(event);
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);

  useLeaveWarning(isChanged);
  const troubled = new Set(refused?.panels.keys());
  const kinds = panelKinds.filter(
    (kind) => !("query" in newPanel(kind, undefined)) || (datasets?.length ?? 0) > 0,
  );
  return (
    <>
      <PageHead
        title={`Edit “${isolated(draft.settings.title)}”`}
        back={back}
        actions={
          <>
            <SectionActions
              opened={base}
              isChanged={isChanged}
              onDownload={() =>
                downloadText(
                  `${slug}.json`,
                  "application/json",
                  `${JSON.stringify(definitionOf(draft), null, 2)}\n`,
                )
              }
            />
            {maySee && (
              <Link to={paths.section(slug)} {...buttonLook({ variant: "default" })}>
                View the section
              </Link>
            )}
          </>
        }
      />
      <div className={classes.bar} role="toolbar" aria-label="Editing">
        {draft.panels.length < mostPanels && (
          <Popover
            label="Kinds of panels"
            align="start"
            button={
              <>
                <IconPlus size={17} aria-hidden="true" /> Add a panel
              </>
            }
            buttonClassName={classes.add}
          >
            {kinds.map((kind) => (
              <PopoverItem key={kind} onClick={() => add(kind)}>
                {kindTitles[kind]}
              </PopoverItem>
            ))}
          </Popover>
        )}
        <IconAction label="Undo" isOff={history.past.length === 0} onClick={() => setHistory(undo)}>
          <IconArrowBackUp size={18} aria-hidden="true" />
        </IconAction>
        <IconAction
          label="Redo"
          isOff={history.future.length === 0}
          onClick={() => setHistory(redo)}
        >
          <IconArrowForwardUp size={18} aria-hidden="true" />
        </IconAction>
        <span role="status" className={classes.state}>
          {isChanged ? "Not saved" : "Saved"}
        </span>
        <Button
          loading={save.pending}
          aria-disabled={!isChanged}
          onClick={() => isChanged && saveNow()}
        >
          Save
        </Button>
      </div>
      <div role="status">
        {isGone ? (
          <Callout tone="warning" title="Somebody else has deleted this section">
            What you see here is in this page alone. “Download as a file” under “More” keeps it.
          </Callout>
        ) : (
          isOutdated && (
            <Callout
              tone="warning"
              title="Somebody else has saved this section meanwhile"
              actions={
                <Button
                  size="xs"
                  variant="default"
                  onClick={() => (isChanged ? setConflict(opened) : takeTheirs(opened))}
                >
                  {isChanged ? "Look at both" : "Show it as it is now"}
                </Button>
              }
            >
              {isChanged
                ? "Nothing of yours is lost, and nothing of theirs is overwritten unseen."
                : "You have changed nothing since."}
            </Callout>
          )
        )}
      </div>
      <div role="alert">
        {refused && refused.settings.length + refused.panels.size > 0 ? (
          <Callout tone="danger" title="Nothing was saved">
            <ul className={classes.problems}>
              {refused.settings.map((issue) => (
                <Problem
                  key={issue.pointer + issue.detail}
                  title="Section"
                  issue={issue}
                  onGo={() => setSelected(null)}
                />
              ))}
              {[...refused.panels].flatMap(([key, issues]) =>
                issues.map((issue) => (
                  <Problem
                    key={key + issue.pointer + issue.detail}
                    title={draft.panels.find((one) => one.key === key)?.panel.title ?? "Panel"}
                    issue={issue}
                    onGo={() => setSelected(key)}
                  />
                )),
              )}
            </ul>
          </Callout>
        ) : (
          !isConflict &&
          !refusal &&
          save.failure?.message != null && (
            <Callout tone="danger" title="Nothing was saved">
              {save.failure.message}
            </Callout>
          )
        )}
      </div>
      <div className={classes.editor} data-editing={selected !== null}>
        <div className={classes.canvas}>
          {draft.panels.length === 0 ? (
            <p className={classes.empty}>
              This section has no panels yet. “Add a panel” puts the first one here.
            </p>
          ) : (
            <Canvas
              draft={draft}
              selected={selectedKey}
              troubled={troubled}
              onSelect={select}
              onMove={(key, to) => change(movePanel(draft, key, to), `move ${key}`)}
              onResize={(key, width) => {
                const found = draft.panels.find((one) => one.key === key);
                if (found && found.panel.width !== width)
                  change(changePanel(draft, key, { ...found.panel, width }), `width ${key}`);
              }}
            />
          )}
        </div>
        <section ref={inspector} className={classes.inspector} aria-label="Fields">
          {selected ? (
            <>
              <div className={classes.inspectorHead}>
                <IconAction label="Back to the section" onClick={() => leave(selected.key)}>
                  <IconArrowLeft size={18} aria-hidden="true" />
                </IconAction>
                <h2 tabIndex={-1}>{selected.panel.title || "Without a title"}</h2>
                <IconAction label="Duplicate the panel" onClick={() => duplicate(selected.key)}>
                  <IconCopy size={18} aria-hidden="true" />
                </IconAction>
                <IconAction label="Delete the panel" onClick={() => remove(selected.key)}>
                  <IconTrash size={18} aria-hidden="true" />
                </IconAction>
              </div>
              <PanelFields
                key={selected.key}
                refused={refused?.panels.get(selected.key) ?? none}
                panel={selected.panel}
                sectionLast={draft.settings.last}
                datasets={datasets}
                onChange={(panel, what) =>
                  change(
                    changePanel(draft, selected.key, panel),
                    what === null ? null : `${selected.key} ${what}`,
                  )
                }
              />
            </>
          ) : (
            <>
              <div className={classes.inspectorHead}>
                <h2 tabIndex={-1}>The section</h2>
              </div>
              <IssuesInView value={refused?.settings ?? none}>
                <SectionForm
                  settings={draft.settings}
                  onChange={(settings, what) => change({ ...draft, settings }, what)}
                />
              </IssuesInView>
            </>
          )}
        </section>
      </div>
      {conflict && (
        <ConflictDialog
          what={draft.settings.title}
          differences={differencesOf(definitionOf(draft), conflict.definition, base.definition)}
          pending={save.pending}
          failure={null}
          onOverwrite={() => save.run({ draft, etag: conflict.etag })}
          onTakeTheirs={() => takeTheirs(conflict)}
          onClose={() => {
            // It has been looked at; saving leads to it again.
            setSeen((before) => [...before, conflict.etag]);
            setConflict(null);
          }}
        />
      )}
      {asksPublic && (
        <PublicQuestion
          title={draft.settings.title}
          pending={save.pending}
          failure={save.failure}
          onConfirm={() => save.run({ draft, etag: base.etag })}
          onClose={() => setAsksPublic(false)}
        />
      )}
    </>
  );
}

/** The fields of one panel, with what the server says of it as it is now. */
function PanelFields({
  panel,
  refused,
  sectionLast,
  datasets,
  onChange,
}: Parameters<typeof PanelForm>[0] & {
  readonly refused: readonly Issue[];
  readonly sectionLast: string | undefined;
}): ReactNode {
  const { issues: found } = usePreview(panel, sectionLast);
  const issues = found.length > 0 ? found : refused;
  return (
    <IssuesInView value={issues}>
      <div role="status">
        {issues.length > 0 && (
          <Callout tone="warning" title="It cannot be shown like this">
            <ul className={classes.problems}>
              {issues.map((issue) => (
                <Problem
                  key={issue.pointer + issue.detail}
                  title={null}
                  issue={issue}
                  onGo={() => undefined}
                />
              ))}
            </ul>
          </Callout>
        )}
      </div>
      <PanelForm panel={panel} datasets={datasets} onChange={onChange} />
    </IssuesInView>
  );
}

/** One thing to mend, which leads to its field. */
const Problem = ({
  title,
  issue,
  onGo,
}: {
  readonly title: string | null;
  readonly issue: Issue;
  readonly onGo: () => void;
}): ReactNode => (
  <li>
    <button
      type="button"
      className={classes.problem}
      onClick={() => {
        onGo();
        requestAnimationFrame(() => goToField(issue.pointer));
      }}
    >
      {title !== null && (
        <>
          <bdi>{title}</bdi>:{" "}
        </>
      )}
      <bdi>{issue.detail}</bdi>
    </button>
  </li>
);
