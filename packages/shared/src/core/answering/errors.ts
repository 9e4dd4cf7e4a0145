import type { ErrorCode, SessionEndReason } from "../../contract/contract.ts";

export interface ValidationIssue {
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
}

export interface ErrorMembers {
  /** What is wrong in this very request; the code's general help when left out. Never a secret. */
  readonly detail?: string;
  readonly reason?: SessionEndReason;
  readonly errors?: readonly ValidationIssue[];
  readonly retryAfterSeconds?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Cookies to clear with the error, by the path that was asked for; only a duplicated cookie does.
   */
  readonly cookies?: (path: string) => readonly string[];
  readonly cause?: unknown;
}

/**
 * An outcome that the caller is told about by its code. The code's status is nobody's business but
 * the catalogue's.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly members: ErrorMembers;
  constructor(code: ErrorCode, members: ErrorMembers = {}) {
    super(
      members.detail ?? code,
      members.cause === undefined ? undefined : { cause: members.cause },
    );
    this.name = "AppError";
    this.code = code;
    this.members = members;
  }
}
