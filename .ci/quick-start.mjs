// What every Node process of the tests begins with (`node --import`), so that it is there sooner:
// there are hundreds of them, and each imports the same modules.

import { enableCompileCache, registerHooks } from "node:module";
import { join } from "node:path";

// What has been compiled, and rid of its types, by one of them is so for all, and for the threads
// that they start.
const compiled = join(import.meta.dirname, "..", "node_modules", ".cache", "compiled");
enableCompileCache(compiled);
process.env["NODE_COMPILE_CACHE"] ??= compiled;

// Of every module whose name ends in .js Node asks its package.json which kind it is. The one of
// drizzle-orm has 179 KB, and is parsed anew for each of a hundred modules. They are all of the
// kind of the first.
registerHooks({
  resolve: (specifier, context, next) =>
    specifier.startsWith(".") && context.parentURL?.includes("/node_modules/drizzle-orm/")
      ? {
          url: new URL(specifier, context.parentURL).href,
          format: context.parentURL.endsWith(".cjs") ? "commonjs" : "module",
          shortCircuit: true,
        }
      : next(specifier, context),
});
