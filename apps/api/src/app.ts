import { Hono } from "hono";
import { createAnswering } from "@sallyport/shared/handlers";
import type { Dependencies } from "./dependencies.ts";
import { answerRequests } from "./http/answer-requests.ts";
import type { NodeBindings } from "./http/request.ts";

/** The whole app: each endpoint of the contract behind the one adapter that checks everything. */
export const createApp = ({
  handlers,
  answering,
}: Pick<Dependencies, "handlers" | "answering">): Hono<{ Bindings: NodeBindings }> => {
  const app = new Hono<{ Bindings: NodeBindings }>();
  answerRequests(app, createAnswering(handlers, answering), answering);
  return app;
};
