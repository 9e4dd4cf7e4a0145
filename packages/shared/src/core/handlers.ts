/**
 * What answers every endpoint of the contract, whoever runs it: the server, or the mock. It loads
 * the contract's schemas.
 */
import { createAdministrationHandlers } from "./administration-handlers.ts";
import type { Handlers } from "./answering/endpoint.ts";
import { createEverydayHandlers } from "./everyday-handlers.ts";
import type { HandlerDependencies } from "./handler-dependencies.ts";

export const createHandlers = (dependencies: HandlerDependencies): Handlers => ({
  ...createEverydayHandlers(dependencies),
  ...createAdministrationHandlers(dependencies),
});

export {
  createAnswering,
  type Answering,
  type AnsweringDependencies,
  type Detours,
  type RequestLog,
} from "./answer-requests.ts";
export type { GivenAnswer } from "./answering/given-answer.ts";
export { readJsonBody, readQuery, type ReceivedRequest } from "./answering/read-request.ts";
export {
  decideSections,
  importSections,
  type ImportOptions,
  type ImportOutcome,
} from "./sections/import-sections.ts";
export { createSectionHandlers, type PanelFailure } from "./sections/section-handlers.ts";
export type { Handler, Handlers, RequestContext } from "./answering/endpoint.ts";
export { changeGrant } from "./access/change-grant.ts";
export { addAdmin, createSetupToken } from "./users/add-admin.ts";
export { addPeople, refusePerson } from "./people/add-people.ts";
export { commandLine, resetPassword } from "./people/reset-password.ts";
