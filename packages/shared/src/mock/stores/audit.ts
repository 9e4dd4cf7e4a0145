import type { AuditEvent, AuditStore } from "../../core/core.ts";
import { shortDigest } from "../digest.ts";
import type { Parts } from "./parts.ts";

const keptEvents = 200;
/**
 * As text. All of the state is kept after each request, in a storage that takes a few megabytes.
 */
const longestDetail = 1_000;

/**
 * Written with what it tells of. Of very many events the oldest go, and of a long one its detail,
 * such as whole sections.
 */
export const addEvent = (
  { state }: Pick<Parts, "state">,
  { detail, ...event }: AuditEvent,
): void => {
  const found = state();
  const isShort = detail !== undefined && JSON.stringify(detail).length <= longestDetail;
  const kept = { ...event, ...(isShort && { detail }) };
  // Not counted with the other ids: those must not hang on what is recorded once a minute only.
  const last = found.audit.at(-1)?.id ?? "";
  const added = { ...kept, id: `evt_${shortDigest(found.seed, last, JSON.stringify(kept))}` };
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
