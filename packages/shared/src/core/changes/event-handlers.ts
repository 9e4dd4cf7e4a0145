import type { eventEndpoints } from "../../contract/events.ts";
import { signedIn, type Handlers } from "../answering/endpoint.ts";
import type { LiveChanges } from "./live-changes.ts";

export const createEventHandlers = ({
  liveChanges,
}: {
  readonly liveChanges: LiveChanges;
}): Pick<Handlers, keyof typeof eventEndpoints> => ({
  "GET /session/events": async ({ query: { since }, context, ok }) =>
    ok(
      200,
      await liveChanges.open(
        context.display ?? signedIn(context),
        since === undefined ? Number.POSITIVE_INFINITY : Date.parse(since),
      ),
      { headers: { "X-Accel-Buffering": "no" } },
    ),
});
