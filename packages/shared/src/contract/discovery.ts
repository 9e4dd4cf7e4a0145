import * as z from "zod";
import { endpoint } from "./define-endpoint.ts";

const problemExplanation = z
  .object({ code: z.string(), status: z.int(), title: z.string(), help: z.string() })
  .meta({ id: "ProblemExplanation" });

/** What an installation tells about itself: its keys, its description, its health, its errors. */
export const discoveryEndpoints = {
  "GET /.well-known/jwks.json": endpoint({
    summary: "The public halves of the keys that sign bearer tokens (RFC 7517)",
    tag: "Discovery",
    access: "public",
    responses: {
      200: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }).meta({ id: "Jwks" }),
    },
    revalidates: true,
    errors: [],
  }),
  "GET /openapi.json": endpoint({
    summary: "This description",
    tag: "Discovery",
    access: "public",
    responses: { 200: z.record(z.string(), z.unknown()) },
    revalidates: true,
    errors: [],
  }),
  "GET /healthz": endpoint({
    summary: "Is the process alive",
    tag: "Discovery",
    access: "public",
    responses: { 200: z.object({ status: z.literal("ok") }) },
    errors: [],
  }),
  "GET /readyz": endpoint({
    summary: "Can it serve: the database answers, and it is not shutting down",
    tag: "Discovery",
    access: "public",
    responses: { 200: z.object({ status: z.literal("ok") }) },
    errors: ["busy"],
  }),
  "GET /problems": endpoint({
    summary: "Every error code, by status",
    description: "A browser is shown a page.",
    tag: "Discovery",
    access: "public",
    responses: { 200: z.object({ items: z.array(problemExplanation) }) },
    errors: [],
  }),
  "GET /problems/:code": endpoint({
    summary: "What an error code means and what to do about it",
    description:
      "The address in the member `type` of every problem response. A browser is shown a page.",
    tag: "Discovery",
    access: "public",
    params: z.object({ code: z.string().max(64) }),
    responses: {
      200: problemExplanation,
    },
    revalidates: true,
    errors: ["not_found"],
  }),
};
