/** All that the mock knows, as one plain object of JSON: what is exported, imported, kept over a reload and shared by tabs. */
import type {
  Contract,
  ContractKey,
  DatasetColumn,
  ErrorCode,
  Permission,
  ResponseBody,
  SectionDefinition,
  SessionEndReason,
} from "../contract/contract.ts";
import type { FailureColumns, RateLimitEntry, StoredValue } from "../rules/rules.ts";
import type { ScenarioName } from "./scenarios.ts";

export interface MockUser {
  readonly id: string;
  readonly username: string;
  readonly displayName: string;
  readonly email: string;
  /** As it is typed: it protects nothing. */
  readonly password: string;
  roles: readonly string[];
  active: boolean;
  /** Rises with every change of what the user may do. */
  epoch: number;
}

export interface MockRole {
  readonly name: string;
  readonly permissions: readonly Permission[];
}

/** A section that a user or everybody in a role may look at. */
export interface MockGrant {
  readonly to: { readonly username: string } | { readonly role: string };
  /** A slug, or the wildcard. */
  readonly section: string;
}

export interface MockSection {
  readonly id: string;
  /** With its position, and without `$schema`. */
  readonly definition: SectionDefinition & { readonly position: number };
  /** One for each panel of the definition, in order. */
  readonly panelIds: readonly string[];
  /** In milliseconds since 1970. */
  readonly changedAt: number;
}

export interface MockDataset {
  readonly id: string;
  readonly name: string;
  title: string;
  attribution: string | null;
  columns: readonly DatasetColumn[];
  /** Rises with every change of rows or columns. */
  version: number;
  /** In milliseconds since 1970. */
  updatedAt: number;
  /** As a table stores them; null while they are those that the seed makes, so that they need not be kept. */
  rows: readonly (readonly StoredValue[])[] | null;
}

/** A session: one signed-in device, one family of refresh tokens. Times are in milliseconds since 1970. */
export interface MockSession {
  readonly id: string;
  readonly userId: string;
  readonly delivery: "cookie" | "body";
  readonly salt: string;
  readonly userAgent: string;
  readonly address: string;
  readonly createdAt: number;
  readonly absoluteExpiresAt: number;
  generation: number;
  secret: string;
  idempotencyKey: string | null;
  rotatedAt: number;
  /** When the rotations before the last one happened, newest first, as far back as the conflict window reaches. */
  earlierRotations: readonly number[];
  idleExpiresAt: number;
  endedAt: number | null;
  endReason: SessionEndReason | null;
  /** Access tokens that count as expired, whatever time it is. */
  expiredTokens: readonly string[];
  /** The last access token that was made for it. */
  lastToken: string | null;
}

export interface MockNotice {
  readonly id: string;
  readonly userId: string;
  readonly kind: "refreshTokenReused";
  readonly at: number;
  readonly data: Readonly<Record<string, string>>;
  dismissed: boolean;
}

export interface MockDevice {
  readonly userId: string;
  /** The value of its cookie. */
  readonly device: string;
}

export interface MockCookie {
  readonly name: string;
  readonly value: string;
  readonly expiresAt: number;
}

export type MockImport = ResponseBody<Contract["GET /imports/:importId"]>;

export interface MockState {
  /** Of this shape: one that is kept from another version is not read. */
  readonly version: 1;
  readonly seed: number;
  /** How many ids, keys and names of tokens have been made. */
  made: number;
  /** How many random decisions about faults and delays have been taken. */
  drawn: number;
  /** By how much the mock's clock is ahead of the one it was given, in milliseconds. */
  clockOffset: number;
  users: MockUser[];
  roles: MockRole[];
  grants: MockGrant[];
  sections: MockSection[];
  datasets: MockDataset[];
  imports: MockImport[];
  sessions: MockSession[];
  notices: MockNotice[];
  /** Devices from which users have signed in, those of the last sign-in last. */
  devices: MockDevice[];
  /** Of the setup link; null where there is none. */
  setupLink: { readonly token: string; readonly expiresAt: number } | null;
  /** By the name of the limit, then by what it counts. */
  limits: Record<string, Record<string, RateLimitEntry>>;
  /** The server's table of failed sign-ins. */
  signInFailures: FailureColumns;
  /** The browser's cookies for the API: a mocked answer cannot set any that scripts do not see. */
  jar: MockCookie[];
  scenario: ScenarioName;
  /** What the scenario does to one request has not been done yet. */
  armed: boolean;
  /** What the scenario has put aside, to be put back when it ends. */
  aside: Partial<
    Pick<MockState, "users" | "roles" | "grants" | "sections" | "datasets" | "setupLink">
  > | null;
  latency: readonly [number, number];
  errorRate: number;
  /** Endpoints that give one error whatever they are asked. */
  failures: Partial<Record<ContractKey, ErrorCode>>;
  /** No panel's query ends in time. */
  queriesTakeTooLong: boolean;
  /** Whoever changes a dataset's rows finds that somebody else has changed them meanwhile. */
  rowsChangedMeanwhile: boolean;
  /** What the options asked for: what they ask for again changes nothing after a reload. */
  asked: {
    persona?: string;
    scenario?: string;
    latency?: readonly [number, number];
    errorRate?: number;
    clock?: number;
  };
}
