/**
 * Threads that read and write the database start from a file: from the sources a `.ts` file, from
 * the build a `.js` file.
 */

/**
 * The file of a thread, and the flags without which it would not find what it imports. It gets none
 * of the process's own.
 * @param name of the file, without its ending
 * @param beside the address of a module in the same folder
 */
export const threadFile = (
  name: string,
  beside: string,
): { readonly file: URL; readonly execArgv: string[] } => {
  const ending = beside.slice(beside.lastIndexOf("."));
  return {
    file: new URL(`./${name}${ending}`, beside),
    execArgv: ending === ".ts" ? ["--conditions=sallyport-source"] : [],
  };
};
