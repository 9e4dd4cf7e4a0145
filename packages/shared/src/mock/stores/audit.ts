import type { AuditEvent, AuditStore } from "../../core/core.ts";
import type { Parts } from "./parts.ts";

const keptEvents = 200;
/** As text. All of the state is kept after each request, in a storage that takes a few megabytes. */
const longestDetail = 1_000;

/** Written with what it tells of. Of very many events the oldest go, and of a long one its detail, such as whole sections. */
export const addEvent = ({ state, newId }: Parts, { detail, ...event }: AuditEvent): void => {
  const found = state();
  const isShort = detail !== undefined && JSON.stringify(detail).length <= longestDetail;
  const added = { ...event, ...(isShort && { detail }), id: newId("evt") };
  found.audit = [...found.audit, added].slice(-keptEvents);
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
