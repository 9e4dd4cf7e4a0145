/**
 * The contract: every endpoint of the API once, keyed by method and path.
 * The server's validation, the OpenAPI document and the client's types all come from this object.
 */
import { accountEndpoints } from "./account.ts";
import { auditEndpoints } from "./audit.ts";
import { datasetRowEndpoints } from "./dataset-rows.ts";
import { datasetEndpoints } from "./datasets.ts";
import { importEndpoints } from "./imports.ts";
import { previewEndpoints } from "./panel-previews.ts";
import { sectionAdministrationEndpoints } from "./section-administration.ts";
import { sectionEndpoints } from "./sections.ts";
import { discoveryEndpoints } from "./discovery.ts";
import type { EventStream, ReceivedEvents } from "./endpoint.ts";
import { eventEndpoints } from "./events.ts";
import { livingSessionEndpoints } from "./living-sessions.ts";
import { accessRequestEndpoints } from "./access-requests.ts";
import { displayLinkEndpoints } from "./display-links.ts";
import { grantEndpoints } from "./grants.ts";
import { userPreviewEndpoints } from "./user-previews.ts";
import { mailEndpoints } from "./mail.ts";
import { sessionEndpoints } from "./session.ts";
import { roleEndpoints } from "./roles.ts";
import { userEndpoints } from "./users.ts";

export const contract = {
  ...sessionEndpoints,
  ...accountEndpoints,
  ...eventEndpoints,
  ...livingSessionEndpoints,
  ...userEndpoints,
  ...roleEndpoints,
  ...grantEndpoints,
  ...accessRequestEndpoints,
  ...displayLinkEndpoints,
  ...userPreviewEndpoints,
  ...sectionEndpoints,
  ...previewEndpoints,
  ...sectionAdministrationEndpoints,
  ...datasetEndpoints,
  ...datasetRowEndpoints,
  ...importEndpoints,
  ...auditEndpoints,
  ...mailEndpoints,
  ...discoveryEndpoints,
};
export type Contract = typeof contract;
export type ContractKey = keyof Contract;
/** The endpoints that answer once, and not with a stream of events. */
export type CallKey = {
  [K in ContractKey]: Contract[K] extends { readonly responses: { readonly 200: EventStream } }
    ? never
    : K;
}[ContractKey];
/** What `GET /session/events` tells, by the name of the event. */
export type SessionEvents = ReceivedEvents<Contract["GET /session/events"]["responses"][200]>;

export * from "./endpoint.ts";
export { adminLists, type AdminList } from "./admin-lists.ts";
export { auditActions, type AuditAction } from "./audit-actions.ts";
export {
  errorCatalogue,
  errorCodes,
  importErrorCodeOf,
  sessionEndReasons,
  type ErrorCode,
  type ImportErrorCode,
  type SessionEndReason,
} from "./error-codes.ts";
export { everySection, permissions, type Permission } from "./permissions.ts";
export type { NewSection, SettingsChange } from "./section-administration.ts";
export type { PanelPreview } from "./panel-previews.ts";
export { type Grant } from "./grants.ts";
export { problem, type Problem } from "./problem.ts";
export { readableHeaders, type ReadableHeader } from "./readable-headers.ts";
export { panel, panelData, section, type Panel, type PanelData, type Section } from "./sections.ts";
export { type FileDetection, type ImportedColumn, type NewImport } from "./imports.ts";
export {
  delimiters,
  encodings,
  newDataset,
  type Delimiter,
  type Detection,
  type Encoding,
  type HeaderUse,
  type NewDataset,
} from "./datasets.ts";
export {
  chart,
  chartTypes,
  panelDefinition,
  sectionDefinition,
  slug,
  type Chart,
  type PanelDefinition,
  type SectionDefinition,
} from "./definitions.ts";
export {
  aggregates,
  columnTypes,
  datasetColumn,
  datasetName,
  filter,
  isTimeZone,
  query,
  selection,
  timeUnits,
  value,
  type Aggregate,
  type ColumnType,
  type Condition,
  type DatasetColumn,
  type Filter,
  type NumberFormat,
  type Query,
  type Selection,
  type TimeUnit,
  type Value,
} from "./queries.ts";
export { countCharacters, longestPassword, shortestPassword } from "./password-length.ts";
export { type Preferences } from "./preferences.ts";
export { session, type Session } from "./session.ts";
export { username } from "./people.ts";
export { user, type User, type UserChange } from "./users.ts";
