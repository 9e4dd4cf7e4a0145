/** What an installation has that changes no setting. Seconds and bytes. */
export const defaults = {
  accessTtlSeconds: 300,
  sessionIdleSeconds: 604_800,
  sessionAbsoluteSeconds: 2_592_000,
  refreshPerMinute: 30,
  auditDays: 365,
  shutdownDelaySeconds: 1,
  instance: "sallyport",
  querySeconds: 10,
  uploadLimitMebibytes: 512,
} as const;

/** Without use, a session that is not to be remembered lives no longer. */
export const unrememberedIdleMilliseconds = 3_600_000;

/** Of every body whose endpoint names no other limit. */
export const bodyLimitBytes = 64 * 1024;
/** Of one user, the newest. */
export const keptNotices = 20;
export const setupLinkLifeMinutes = 30;
/** Of a link on which a person chooses a password. */
export const passwordLinkLifeHours = 72;
/** An access token is good for so much longer than it says, since clocks differ. */
export const clockToleranceSeconds = 5;
