import type { ReactNode } from "react";
import { Button } from "../ui/button.tsx";
import { Facts } from "../ui/card.tsx";
import { Dialog, DialogActions } from "../ui/dialog.tsx";
import { isolated } from "../ui/isolated.ts";
import { formatDateTime } from "../ui/times.ts";
import {
  changesOf,
  inWords,
  isByTool,
  memberInWords,
  restOf,
  type AuditEvent,
} from "./audit-words.ts";
import { userAgentInWords } from "./device-words.ts";
import classes from "./event-dialog.module.css";

/** All that is known of an event, and what it changed, before and after. */
export function EventDialog({
  event,
  onClose,
}: {
  readonly event: AuditEvent;
  readonly onClose: () => void;
}): ReactNode {
  const { actor, subject } = event;
  const changes = changesOf(event);
  const known: readonly (readonly [string, ReactNode])[] = [
    ["When", formatDateTime(new Date(event.at))],
    [
      "Who",
      actor
        ? `${isolated(actor.name ?? "Somebody")} (${actor.id})`
        : isByTool(event)
          ? "Command line"
          : null,
    ],
    [
      "On what",
      subject
        ? [subject.name && isolated(subject.name), subject.type, subject.id]
            .filter(Boolean)
            .join(", ")
        : null,
    ],
    ["Result", event.result === "success" ? "Done" : "Failed"],
    ["From where", event.address],
    ["Browser", event.userAgent === null ? null : userAgentInWords(event.userAgent)],
    ["Session", event.sessionId],
    ["Request", event.requestId],
    ...restOf(event).map(([name, value]) => [memberInWords(name), value] as const),
  ];
  return (
    <Dialog title={inWords(event.action)} wide onClose={onClose}>
      <Facts facts={known.filter(([, value]) => value !== null)} />
      {changes.length > 0 && (
        <div className={classes.changes}>
          {changes.map(({ name, before, after }) => (
            <section key={name} aria-label={memberInWords(name) || "Change"}>
              {name !== "" && <h3>{memberInWords(name)}</h3>}
              <dl>
                <div>
                  <dt>Before</dt>
                  <dd>{before}</dd>
                </div>
                <div>
                  <dt>After</dt>
                  <dd>{after}</dd>
                </div>
              </dl>
            </section>
          ))}
        </div>
      )}
      <DialogActions>
        <Button data-autofocus onClick={onClose}>
          Close
        </Button>
      </DialogActions>
    </Dialog>
  );
}
