/**
 * The contract: every endpoint of the API once, keyed by method and path.
 * The server's validation, the OpenAPI document and the client's types all come from this object.
 */
import { sectionEndpoints } from "./sections.ts";
import { discoveryEndpoints } from "./discovery.ts";
import { sessionEndpoints } from "./session.ts";

export const contract = { ...sessionEndpoints, ...sectionEndpoints, ...discoveryEndpoints };
export type Contract = typeof contract;
export type ContractKey = keyof Contract;

export * from "./endpoint.ts";
export { errorCatalogue, sessionEndReasons, type ErrorCode, type SessionEndReason } from "./error-codes.ts";
export { everySection, permissions, type Permission } from "./permissions.ts";
export { problem, type Problem } from "./problem.ts";
export { panel, panelData, section, slug, type Panel, type PanelData, type Section } from "./sections.ts";
export { countCharacters, longestPassword, session, shortestPassword, username, type Session } from "./session.ts";
