/**
 * What answers every endpoint of the contract, whoever runs it: the server, or the mock. It loads
 * the contract's schemas.
 */
import type { Handlers } from "./answering/endpoint.ts";
import { createAuditHandlers } from "./audit/audit-handlers.ts";
import { createDatasetHandlers } from "./datasets/dataset-handlers.ts";
import type { DatasetRegister } from "./datasets/dataset-register.ts";
import { createDiscoveryHandlers, type PublishedKeys } from "./discovery/discovery-handlers.ts";
import { createSectionAdministrationHandlers } from "./sections/administration-handlers.ts";
import { createDefinitionHandlers } from "./sections/definition-handlers.ts";
import { createImportHandlers } from "./sections/import-handlers.ts";
import { createPreviewHandlers } from "./sections/preview-handlers.ts";
import { createRowHandlers } from "./sections/row-handlers.ts";
import { createSectionHandlers, type PanelFailure } from "./sections/section-handlers.ts";
import { createUserPreviewHandlers } from "./people/preview-handlers.ts";
import { createAccessRequestHandlers } from "./access/access-request-handlers.ts";
import { createDisplayLinkHandlers } from "./access/display-link-handlers.ts";
import type { Displays } from "./access/displays.ts";
import { createGrantHandlers } from "./access/grant-handlers.ts";
import { createEventHandlers } from "./changes/event-handlers.ts";
import type { LiveChanges } from "./changes/live-changes.ts";
import type { SessionDependencies } from "./sessions/session-dependencies.ts";
import { createLivingSessionHandlers } from "./sessions/living-session-handlers.ts";
import { createRoleHandlers } from "./people/role-handlers.ts";
import { createUserHandlers } from "./people/user-handlers.ts";
import { createSessionHandlers } from "./sessions/session-handlers.ts";
import { createSetupHandlers } from "./sessions/setup-handlers.ts";
import type { Stores } from "./stores.ts";

export interface HandlerDependencies extends SessionDependencies {
  readonly stores: Stores;
  readonly datasets: DatasetRegister;
  readonly displays: Displays;
  readonly liveChanges: LiveChanges;
  readonly keys: PublishedKeys;
  readonly publicUrl: string;
  /** Of the SPA that links lead to. */
  readonly webUrl: string;
  readonly version: string;
  readonly isShuttingDown: () => boolean;
  readonly reportPanelFailure: (failure: PanelFailure) => void;
  /** Something is wrong with us, not with the request. */
  readonly reportFault: (error: unknown, requestId: string) => void;
}

export const createHandlers = (dependencies: HandlerDependencies): Handlers => ({
  ...createSessionHandlers(dependencies),
  ...createEventHandlers(dependencies),
  ...createLivingSessionHandlers(dependencies),
  ...createGrantHandlers(dependencies),
  ...createAccessRequestHandlers(dependencies),
  ...createDisplayLinkHandlers(dependencies),
  ...createUserPreviewHandlers(dependencies),
  ...createSetupHandlers(dependencies),
  ...createUserHandlers(dependencies),
  ...createRoleHandlers(dependencies),
  ...createSectionHandlers(dependencies),
  ...createDefinitionHandlers(dependencies),
  ...createPreviewHandlers(dependencies),
  ...createRowHandlers(dependencies),
  ...createImportHandlers(dependencies),
  ...createSectionAdministrationHandlers(dependencies),
  ...createDatasetHandlers(dependencies),
  ...createAuditHandlers(dependencies),
  ...createDiscoveryHandlers(dependencies),
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
