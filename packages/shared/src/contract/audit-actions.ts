/**
 * Everything that the audit trail tells of. The list is closed: what is not in it cannot be
 * recorded.
 */
export const auditActions = [
  "access.denied",
  "dataset.change",
  "dataset.create",
  "dataset.delete",
  "dataset.deleteRows",
  "dataset.import",
  "grant.add",
  "grant.change",
  "grant.expire",
  "grant.remove",
  "role.change",
  "role.create",
  "role.delete",
  "section.change",
  "section.create",
  "section.delete",
  "section.order",
  "section.replace",
  "session.end",
  "session.refresh.newerThanDatabase",
  "session.refresh.otherLine",
  "session.refresh.reuse",
  "session.replace",
  "session.setup",
  "session.signIn",
  "session.signOut",
  "session.signOutEverywhere",
  "signingKey.rotate",
  "user.change",
  "user.choosePassword",
  "user.create",
  "user.createAdmin",
  "user.delete",
  "user.endSessions",
  "user.makePasswordLink",
  "user.preview",
] as const;

export type AuditAction = (typeof auditActions)[number];
