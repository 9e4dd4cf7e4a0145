import type { AuditEvent, AuditStore } from "../../core/core.ts";
import type { Parts } from "./parts.ts";

const keptEvents = 200;

/** Written with what it tells of. Of very many events the oldest go. */
export const addEvent = ({ state, newId }: Parts, event: AuditEvent): void => {
  const found = state();
  found.audit = [...found.audit, { ...event, id: newId("evt") }].slice(-keptEvents);
};

export const createAuditStore = (parts: Parts): AuditStore => ({
  add: async (event) => addEvent(parts, event),
  purge: (before) => {
    const state = parts.state();
    const kept = state.audit.filter(({ at }) => at >= before);
    const purged = state.audit.length - kept.length;
    state.audit = kept;
    return purged;
  },
});
