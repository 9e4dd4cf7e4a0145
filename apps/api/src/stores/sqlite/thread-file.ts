/**
 * Threads that read and write the database start from a file: from the sources a `.ts` file, from
 * the build a `.js` file.
 */
import { setFlagsFromString } from "node:v8";

/**
 * From the sources, Node takes the types out with WebAssembly, in each thread by itself. Where
 * several of them come to replace what leads from there into JavaScript by something faster, V8 now
 * and then frees it twice and aborts the process. So nothing is replaced.
 */
const neverReplaceWrappers = "--wasm-wrapper-tiering-budget=2147483647";

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
  const isSource = ending === ".ts";
  if (isSource) setFlagsFromString(neverReplaceWrappers);
  return {
    file: new URL(`./${name}${ending}`, beside),
    execArgv: isSource ? ["--conditions=sallyport-source"] : [],
  };
};
