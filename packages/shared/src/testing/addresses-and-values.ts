/** Addresses, methods and values that the contract does not know. */
import { errorCatalogue } from "../contract/contract.ts";
import { expectOutcome } from "./ask.ts";
import type { Shown } from "./behaviour.ts";
import { same } from "./differences.ts";
import { addOrders, orderTable, signInToAdminister } from "./orders.ts";
import { wrongDefinitions } from "./section-file-endpoints.ts";
import { look } from "./steps.ts";

export const addressBehaviours: readonly Shown[] = [
  {
    name: "nothing is at an address that the contract does not name",
    run: async (subject) => {
      for (const path of [
        "/",
        "/no-such-path",
        "/session/",
        "/Session",
        "/sections/a/b",
        "/login/x",
      ]) {
        const { status, code, headers } = await look(subject, path);
        same(
          [path, status, code, headers.get("content-type"), headers.get("cache-control")],
          [path, 404, "not_found", "application/problem+json", "no-store"],
          "the answer",
        );
      }
      same(
        (await look(subject, "/%68ealthz")).status,
        200,
        "the answer at an address with a letter written otherwise",
      );
    },
  },
  {
    name: "an address that answers other methods says which",
    run: async (subject) => {
      for (const [method, path, allow] of [
        ["GET", "/login", "POST, OPTIONS"],
        ["DELETE", "/session", "GET, HEAD, OPTIONS"],
        ["POST", "/sections/welcome", "GET, PATCH, DELETE, HEAD, OPTIONS"],
        ["POST", "/account/sessions", "DELETE, GET, HEAD, OPTIONS"],
        ["PATCH", "/datasets", "GET, POST, HEAD, OPTIONS"],
      ] as const) {
        const { status, code, headers } = await look(subject, path, { method });
        same(
          [path, status, code, headers.get("allow")],
          [path, errorCatalogue.method_not_allowed.status, "method_not_allowed", allow],
          "the answer",
        );
      }
    },
  },
  {
    name: "HEAD is answered as GET, without a body",
    run: async (subject) => {
      same(
        (await look(subject, "/healthz", { method: "HEAD" })).status,
        200,
        "the status of what is there",
      );
      same(
        (await look(subject, "/session", { method: "HEAD" })).status,
        401,
        "the status for a visitor",
      );
    },
  },
  {
    name: "every wrong value is pointed at, and a query key that came twice is wrong",
    run: async (subject) => {
      const pointersOf = async (path: string): Promise<unknown> => {
        const answer = await subject.fetch(path, { credentials: "omit" });
        const { code, errors } = (await answer.json()) as {
          code: string;
          errors: { pointer: string }[];
        };
        return [code, ...errors.map(({ pointer }) => pointer).toSorted()];
      };
      same(
        await pointersOf("/sections?limit=x&scope=none"),
        ["validation_failed", "/query/limit", "/query/scope"],
        "two wrong values",
      );
      same(
        await pointersOf("/sections?limit=1&limit=2"),
        ["validation_failed", "/query/limit"],
        "a value that came twice",
      );
      same(
        await pointersOf("/sections/welcome?from=2026-02-30"),
        ["validation_failed", "/query/from"],
        "a day that does not exist",
      );
      same(
        await pointersOf("/sections/welcome?from=2026-01-01&last=P1D"),
        ["validation_failed", "/query/from", "/query/last"],
        "a contradiction",
      );
    },
  },
  {
    name: "a section whose panels do not fit their datasets is not stored, and each mistake is pointed at",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      await addOrders(subject, mica);
      for (const { panel, errors } of wrongDefinitions) {
        const body = { slug: "orders", title: "Orders", panels: [panel] };
        const reply = await expectOutcome(
          subject,
          "validation_failed",
          "PUT /sections/:slug/definition",
          { params: { slug: "orders" }, body },
          mica,
        );
        same(
          reply.problem?.errors?.map(({ pointer, code }) => [pointer, code]).toSorted(),
          errors,
          "what is wrong",
        );
      }
      const elsewhere = { slug: "orders", title: "Orders", panels: [orderTable] };
      const reply = await expectOutcome(
        subject,
        "validation_failed",
        "PUT /sections/:slug/definition",
        { params: { slug: "other-orders" }, body: elsewhere },
        mica,
      );
      same(
        reply.problem?.errors?.map(({ pointer, code }) => [pointer, code]),
        [["/slug", "other_slug"]],
        "what is wrong",
      );
      await expectOutcome(
        subject,
        "not_found",
        "GET /sections/:slug/definition",
        { params: { slug: "orders" } },
        mica,
      );
    },
  },
];
