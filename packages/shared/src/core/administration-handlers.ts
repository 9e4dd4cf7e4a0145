/**
 * What people ask for who look after an installation, what is asked once in its life, and what
 * somebody does now and then for their own account. A mock in
 * a page fetches the code of these with the first such request, so that an endpoint which is added
 * here costs a page nothing before. That holds as long as nothing else loads these handlers.
 */
import { readActor } from "./access/acting.ts";
import { createAccessRequestHandlers } from "./access/access-request-handlers.ts";
import { createDisplayLinkHandlers } from "./access/display-link-handlers.ts";
import { createGrantHandlers } from "./access/grant-handlers.ts";
import type { Handlers, RequestContext } from "./answering/endpoint.ts";
import { createExports } from "./answering/exports.ts";
import { createAuditHandlers } from "./audit/audit-handlers.ts";
import { createDatasetHandlers } from "./datasets/dataset-handlers.ts";
import type { EverydayHandlers } from "./everyday-handlers.ts";
import type { HandlerDependencies } from "./handler-dependencies.ts";
import { createAddressHandlers } from "./people/address-handlers.ts";
import { createMailHandlers } from "./mail/mail-handlers.ts";
import { createOwnAccountHandlers } from "./people/own-account-handlers.ts";
import { createUserPreviewHandlers } from "./people/preview-handlers.ts";
import { createRoleHandlers } from "./people/role-handlers.ts";
import { createUserHandlers } from "./people/user-handlers.ts";
import { createSectionAdministrationHandlers } from "./sections/administration-handlers.ts";
import { createDefinitionHandlers } from "./sections/definition-handlers.ts";
import { createImportHandlers } from "./sections/import-handlers.ts";
import { readNameable } from "./sections/nameable-sections.ts";
import { createPreviewHandlers } from "./sections/preview-handlers.ts";
import { createRowHandlers } from "./sections/row-handlers.ts";
import { createAccountHandlers } from "./sessions/account-handlers.ts";
import { createLivingSessionHandlers } from "./sessions/living-session-handlers.ts";
import { createPasswordHandlers } from "./sessions/password-handlers.ts";
import { createRequireStill } from "./sessions/require-still.ts";
import { createSetupHandlers } from "./sessions/setup-handlers.ts";

/** All that the others are not: an endpoint that neither has does not compile. */
export type AdministrationHandlers = Omit<Handlers, keyof EverydayHandlers>;

export const createAdministrationHandlers = (
  given: HandlerDependencies,
): AdministrationHandlers => {
  // One queue for all files.
  const exports = createExports({ ...given, requireStill: createRequireStill(given) });
  const { sections, users } = given.stores;
  /** Which sections a caller may be told of by name. */
  const nameableTo = async (context: RequestContext) =>
    readNameable(sections, await readActor(users, context));
  const dependencies = { ...given, exports, nameableTo };
  return {
    ...createAccountHandlers(dependencies),
    ...createOwnAccountHandlers(dependencies),
    ...createLivingSessionHandlers(dependencies),
    ...createGrantHandlers(dependencies),
    ...createAccessRequestHandlers(dependencies),
    ...createDisplayLinkHandlers(dependencies),
    ...createUserPreviewHandlers(dependencies),
    ...createSetupHandlers(dependencies),
    ...createPasswordHandlers(dependencies),
    ...createUserHandlers(dependencies),
    ...createRoleHandlers(dependencies),
    ...createDefinitionHandlers(dependencies),
    ...createPreviewHandlers(dependencies),
    ...createRowHandlers(dependencies),
    ...createImportHandlers(dependencies),
    ...createSectionAdministrationHandlers(dependencies),
    ...createDatasetHandlers(dependencies),
    ...createAuditHandlers(dependencies),
    ...createMailHandlers(dependencies),
    ...createAddressHandlers(dependencies),
  };
};
