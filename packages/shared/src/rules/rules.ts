/** Decisions that the server and the mock make alike. Pure: no Node, no HTTP framework, no database. */
export { AppError, type ValidationIssue } from "./errors.ts";
export { challengeOf, problemOf } from "./problem.ts";
export { issuesOf } from "./validation-issues.ts";
