import { Hono } from "hono";
import { createAnswering } from "@sallyport/shared/handlers";
import type { Dependencies } from "./dependencies.ts";
import { answerRequests } from "./http/answer-requests.ts";
import type { NodeBindings } from "./http/request.ts";
import { answerMailbox } from "./mail/mailbox-page.ts";

/** The whole app: each endpoint of the contract behind the one adapter that checks everything. */
export const createApp = ({
  handlers,
  answering,
  mailbox = null,
}: Pick<Dependencies, "handlers" | "answering"> & Partial<Pick<Dependencies, "mailbox">>): Hono<{
  Bindings: NodeBindings;
}> => {
  const app = new Hono<{ Bindings: NodeBindings }>();
  // No endpoint: it is there only where somebody tries Sallyport on their own machine.
  if (mailbox !== null) app.get("/mailbox", (context) => answerMailbox(mailbox, context.req.url));
  answerRequests(app, createAnswering(handlers, answering), answering);
  return app;
};
