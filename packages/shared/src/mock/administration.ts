/** What a mock fetches with the first request for administration. */
export { createAdministrationHandlers } from "../core/administration-handlers.ts";
export { createDatasetRegister } from "../core/datasets/dataset-register.ts";
export { createForgottenPasswords } from "../core/people/forgotten-passwords.ts";
export { composeMail } from "../core/mail/compose-mail.ts";
export { createAccessRequestStore } from "./stores/access-requests.ts";
export { createAdministeredUserStore } from "./stores/administered-users.ts";
export { createDatasetStore } from "./stores/datasets.ts";
export { createDisplayLinkStore } from "./stores/display-links.ts";
export { createGrantStore } from "./stores/grants.ts";
export { createImportStore } from "./stores/imports.ts";
export { createOutboxStore } from "./stores/outbox.ts";
export { createRoleStore } from "./stores/roles.ts";
