const broken =
  "Restore it from a backup, or move it and its -wal and -shm files away to begin with an empty one.";

/**
 * What is wrong with the database and how to mend it, in words; null where the error is not the
 * database's.
 */
export const explainDatabaseFailure = (error: Error, file: string): string | null => {
  const { code = "" } = error as NodeJS.ErrnoException;
  if (/^SQLITE_(NOTADB|CORRUPT)/.test(code))
    return `The database ${file} is damaged, or is no SQLite database (${error.message}). ${broken}`;
  if (
    /^SQLITE_(CANTOPEN|READONLY|PERM|AUTH)/.test(code) ||
    (error instanceof TypeError && error.message.startsWith("Cannot open database"))
  )
    return `The database ${file} cannot be opened for writing (${error.message}). Its directory must exist, and it, its directory and its -wal and -shm files must be writable for the user that runs Sallyport.`;
  if (/^SQLITE_(FULL|IOERR)/.test(code))
    return `The disk failed under the database ${file} (${error.message}). Look for free space on it and for errors in the system's log.`;
  return null;
};
