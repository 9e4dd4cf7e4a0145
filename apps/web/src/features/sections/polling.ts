/**
 * Idle means idle: asking again and again must not keep a session alive that nobody uses. So a page asks by itself only
 * while the last sign of a person is younger than half of the session's idle life.
 */
export const mayPoll = ({ now, lastInputAt, idleSeconds }: { readonly now: number; readonly lastInputAt: number; readonly idleSeconds: number | null }): boolean =>
  // A visitor has no session to keep alive.
  idleSeconds === null || now - lastInputAt < (idleSeconds * 1000) / 2;
