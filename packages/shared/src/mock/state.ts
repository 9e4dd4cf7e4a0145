/**
 * All that the mock knows, as one plain object of JSON: what is exported, imported, kept over a
 * reload and shared by tabs.
 */
import type {
  ContractKey,
  DatasetColumn,
  ErrorCode,
  Preferences,
  SectionDefinition,
} from "../contract/contract.ts";
import type {
  AccessRequest,
  AuditEvent,
  DisplayLink,
  FailureColumns,
  FoundKeyUse,
  FoundRole,
  ImportPlan,
  ImportStatus,
  NewNotice,
  OneUseToken,
  SessionRow,
  StoredValue,
  WaitingMail,
  WindowCount,
} from "../core/core.ts";
import type { ScenarioName } from "./scenario-names.ts";

/**
 * Raised whenever anything below has another shape or another meaning, so that no page takes what
 * an older one has kept for its own.
 */
export const stateVersion = 10;

export interface MockUser {
  readonly id: string;
  readonly username: string;
  readonly displayName: string;
  readonly email: string | null;
  readonly emailVerified: boolean;
  /** As it is typed: it protects nothing. Null for somebody who has not chosen one. */
  readonly password: string | null;
  roles: readonly string[];
  active: boolean;
  /** Rises with every change of what the user may do. */
  epoch: number;
  /** Rises with every edit. */
  version: number;
  /** What they have chosen for themselves. */
  readonly preferences: Preferences;
  readonly createdAt: number;
}

export type MockRole = FoundRole;

/** A section that a user or everybody in a role may look at. */
export interface MockGrant {
  readonly id: string;
  readonly to: { readonly username: string } | { readonly role: string };
  /** A slug, or the wildcard. */
  readonly section: string;
  /** In milliseconds since 1970; null for good. */
  readonly expiresAt: number | null;
  readonly createdAt: number;
}

export interface MockSection {
  readonly id: string;
  /** With its position, and without `$schema`. */
  readonly definition: SectionDefinition & { readonly position: number };
  /** One for each panel of the definition, in order. */
  readonly panelIds: readonly string[];
  /** Slugs that it had, and no section has now. */
  readonly formerSlugs: readonly string[];
  /** Rises with every edit. */
  readonly version: number;
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
  /**
   * As a table stores them; null while they are those that the seed makes, so that they need not be
   * kept.
   */
  rows: readonly (readonly StoredValue[])[] | null;
}

/** A session as the core has it, with its bytes in base64url, and what only a mock knows of one. */
export interface MockSession extends Omit<
  SessionRow,
  | "generation"
  | "secretHash"
  | "salt"
  | "idempotencyKeyHash"
  | "rotatedAt"
  | "earlierRotations"
  | "idleExpiresAt"
  | "lastUsedAt"
  | "endedAt"
  | "endReason"
  | "userAgent"
  | "address"
> {
  readonly salt: string;
  generation: number;
  /** The current secret itself: here nothing is hidden by a hash. */
  secretHash: string;
  idempotencyKeyHash: string | null;
  rotatedAt: number;
  earlierRotations: readonly number[];
  idleExpiresAt: number;
  lastUsedAt: number;
  endedAt: number | null;
  endReason: string | null;
  userAgent: string;
  address: string;
  /** Access tokens that count as expired, whatever time it is. */
  expiredTokens: readonly string[];
  /** The last access token that was made for it. */
  lastToken: string | null;
}

export interface MockNotice {
  readonly id: string;
  readonly userId: string;
  readonly kind: NewNotice["kind"];
  readonly at: number;
  readonly data: Readonly<Record<string, string>>;
  dismissed: boolean;
}

/** A mail that the server would send. A mock sends none, so it stays. */
export interface MockMail extends WaitingMail {
  readonly userId: string;
  /** When it is to be sent; null where that is given up. */
  dueAt: number | null;
  attempts: number;
  failure: string | null;
}

export interface MockDevice {
  readonly userId: string;
  /** The value of its cookie. */
  readonly device: string;
}

export interface MockOneUseToken extends Omit<OneUseToken, "tokenHash"> {
  /** In base64url. */
  readonly tokenHash: string;
}

export interface MockDisplayLink extends Omit<DisplayLink, "section" | "title" | "madeBy"> {
  /** A user. */
  readonly madeBy: string;
  /** In base64url. */
  readonly tokenHash: string;
}

/** Its hashes are in base64url. */
export interface MockKeyUse {
  readonly callerId: string;
  readonly keyHash: string;
  readonly requestId: string;
  readonly requestHash: string;
  readonly usedAt: number;
  heldUntil: number | null;
  answer: FoundKeyUse["answer"];
}

export interface MockCookie {
  readonly name: string;
  readonly value: string;
  readonly expiresAt: number;
}

export type MockImport = ImportStatus & {
  /** Of one whose rows have still to come. */
  readonly plan?: ImportPlan;
};

export interface MockState {
  /** One that is kept from another version is not read. */
  readonly version: typeof stateVersion;
  readonly seed: number;
  /** How many ids, keys and names of tokens have been made. */
  made: number;
  /** How many random decisions about faults and delays have been taken. */
  drawn: number;
  /** By how much the mock's clock is ahead of the one it was given, in milliseconds. */
  clockOffset: number;
  users: MockUser[];
  roles: MockRole[];
  /** Keys of the names of users who are gone. */
  retiredNames: string[];
  grants: MockGrant[];
  accessRequests: AccessRequest[];
  displayLinks: MockDisplayLink[];
  sections: MockSection[];
  datasets: MockDataset[];
  imports: MockImport[];
  sessions: MockSession[];
  notices: MockNotice[];
  outbox: MockMail[];
  /** Whether mail is sent, or would be. */
  sendsMail: boolean;
  /** Devices from which users have signed in, those of the last sign-in last. */
  devices: MockDevice[];
  oneUseTokens: MockOneUseToken[];
  /** Keys of requests, those that were used last, last. */
  keyUses: MockKeyUse[];
  /** The last events of the audit trail. */
  audit: (AuditEvent & { readonly id: string })[];
  /** By the name of the limit, then by what it counts. */
  limits: Record<string, Record<string, WindowCount>>;
  /** The server's table of failed sign-ins. */
  signInFailures: FailureColumns;
  /** The browser's cookies for the API: a mocked answer cannot set any that scripts do not see. */
  jar: MockCookie[];
  scenario: ScenarioName;
  /** What the scenario does to one request has not been done yet. */
  armed: boolean;
  /** What the scenario has put aside, to be put back when it ends. */
  aside: Partial<
    Pick<MockState, "users" | "roles" | "grants" | "sections" | "datasets" | "oneUseTokens">
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
    persona?: string | undefined;
    scenario?: string | undefined;
    latency?: readonly [number, number] | undefined;
    errorRate?: number | undefined;
    clock?: number | undefined;
  };
}
