import { Hono } from "hono";
import type { Dependencies } from "./dependencies.ts";
import { answerRequests } from "./http/answer-requests.ts";
import type { NodeBindings } from "./http/request.ts";

/** The whole app: each endpoint of the contract behind the one adapter that checks everything. */
export const createApp = ({
  handlers,
  answering,
}: Pick<Dependencies, "handlers" | "answering">): Hono<{ Bindings: NodeBindings }> => {
  const app = new Hono<{ Bindings: NodeBindings }>();
  answerRequests(app, handlers, answering);
  return app;
};
