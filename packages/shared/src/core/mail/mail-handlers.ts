import type { Handlers } from "../answering/endpoint.ts";
import type { OutboxStore } from "./outbox-store.ts";

const shown = 50;

/** The handlers of mail. They take as decided that the caller has the permission. */
export const createMailHandlers = ({
  stores: { outbox },
}: {
  readonly stores: { readonly outbox: Pick<OutboxStore, "listUndelivered"> };
}): Pick<Handlers, "GET /undelivered-mails"> => ({
  "GET /undelivered-mails": async ({ ok }) => {
    const items = await outbox.listUndelivered(shown);
    return ok(200, {
      items: items.map(({ id, user, to, kind, at, attempts, failure, dueAt }) => ({
        id,
        user: { ...user },
        to,
        kind,
        at: new Date(at).toISOString(),
        attempts,
        failure,
        triedAgainAt: dueAt === null ? null : new Date(dueAt).toISOString(),
      })),
    });
  },
});
