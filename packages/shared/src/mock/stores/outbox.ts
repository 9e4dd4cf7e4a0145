import type { OutboxStore } from "../../core/core.ts";
import type { MockMail } from "../state.ts";
import { userOf } from "../world.ts";
import { addEvent } from "./audit.ts";
import { addMail } from "./notices.ts";
import { pushOneUseToken, removeOneUseTokens } from "./one-use-tokens.ts";
import type { Parts } from "./parts.ts";

export const createOutboxStore = (parts: Parts): OutboxStore => {
  const { state } = parts;
  const find = (wanted: string): MockMail | undefined =>
    state().outbox.find(({ id }) => id === wanted);
  return {
    addLink: async (token, { id, to, sealed }, audit) => {
      const { userId, purpose, createdAt: at } = token;
      const user = userOf(parts.state(), userId);
      if (!user?.active || user.email !== to) return "changed";
      removeOneUseTokens(parts.state(), userId, [purpose]);
      pushOneUseToken(parts.state(), token);
      const data = { username: user.username };
      addMail(parts, { id, userId, kind: purpose, data, sealed, at });
      addEvent(parts, audit);
      return "applied";
    },
    listDue: (at, limit) =>
      state()
        .outbox.filter(({ dueAt }) => dueAt !== null && dueAt <= at)
        .sort((one, other) => (one.dueAt ?? 0) - (other.dueAt ?? 0))
        .slice(0, limit)
        .map(({ id, to, kind, data, sealed, at: writtenAt, attempts }) => ({
          id,
          to,
          kind,
          data,
          sealed,
          at: writtenAt,
          attempts,
        })),
    claim: async ({ id, attempts }, until) => {
      const mail = find(id);
      if (!mail || mail.attempts !== attempts || mail.dueAt === null) return "changed";
      mail.attempts += 1;
      mail.dueAt = until;
      return "applied";
    },
    forget: async (id) => {
      const sent = find(id);
      state().outbox = state().outbox.filter(
        (mail) =>
          mail !== sent &&
          !(mail.dueAt === null && mail.userId === sent?.userId && mail.to === sent.to),
      );
    },
    noteFailure: async (id, failure, dueAt) => {
      const mail = find(id);
      if (mail) Object.assign(mail, { failure, dueAt });
    },
    listUndelivered: (limit) =>
      state()
        .outbox.toReversed()
        .sort((one, other) => other.at - one.at)
        .flatMap(({ id, userId, to, kind, at, attempts, failure, dueAt }) => {
          const user = userOf(state(), userId);
          if (failure === null || !user) return [];
          const { username, displayName } = user;
          return [
            {
              id,
              user: { id: userId, username, displayName },
              to,
              kind,
              at,
              attempts,
              failure,
              dueAt,
            },
          ];
        })
        .slice(0, limit),
    purge: async (writtenBefore) => {
      const kept = state().outbox.filter(({ dueAt, at }) => dueAt !== null || at >= writtenBefore);
      const purged = state().outbox.length - kept.length;
      state().outbox = kept;
      return purged;
    },
  };
};
