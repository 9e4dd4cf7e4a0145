import { createHash } from "node:crypto";
import { copyFile, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { build, defaultClientConditions, type Plugin, type Rolldown } from "vite";

/**
 * The page's policy. Styles come from files only; what React sets on `style` goes through the
 * CSSOM, which a policy does not concern. The API's address is known at run time, so `connect-src`
 * allows every https one, and http on this machine only: a Secure cookie travels nowhere else.
 */
const policyFor = (script: string): string =>
  [
    "default-src 'none'",
    `script-src 'self' 'sha256-${createHash("sha256").update(script).digest("base64")}'`,
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self' https: http://localhost:* http://127.0.0.1:* http://*.localhost:*",
    // Panels embed pages that the people who write sections choose; each frame is sandboxed
    // (`panels/embed.ts`).
    "frame-src https: http://localhost:* http://127.0.0.1:* http://*.localhost:*",
    "base-uri 'self'",
    "form-action 'none'",
    "object-src 'none'",
  ].join("; ");

const compileBoot = async (root: string, mode: string): Promise<string> => {
  const output = await build({
    root,
    mode,
    configFile: false,
    logLevel: "silent",
    publicDir: false,
    resolve: { conditions: ["sallyport-source", ...defaultClientConditions] },
    build: {
      write: false,
      minify: true,
      lib: { entry: join(root, "src/boot.ts"), formats: ["iife"], name: "boot", fileName: "boot" },
    },
  });
  const [first] = Array.isArray(output) ? output : [output];
  const chunk =
    first && "output" in first ? first.output.find((file) => file.type === "chunk") : undefined;
  if (!chunk || chunk.type !== "chunk") throw new Error("src/boot.ts did not compile to a script.");
  return chunk.code.trim();
};

/** What a section's page is made of beside what every page is. */
const filesOfSections = (bundle: Rolldown.OutputBundle): string[] => {
  const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
  const found = new Set<string>();
  const add = (chunk: Rolldown.OutputChunk | undefined): void => {
    if (!chunk || chunk.isEntry || found.has(chunk.fileName)) return;
    found.add(chunk.fileName);
    for (const style of chunk.viteMetadata?.importedCss ?? []) found.add(style);
    for (const name of chunk.imports) add(chunks.find(({ fileName }) => fileName === name));
  };
  const page = chunks.find(({ facadeModuleId }) =>
    facadeModuleId?.endsWith("/features/sections/section-page.tsx"),
  );
  if (!page) throw new Error("There is no file of section-page.tsx to be fetched ahead.");
  add(page);
  return [...found];
};

/** What names a file that lies beside the page, with the line that it stands on. */
const elementsOfFiles =
  /^[ \t]*<(?:script|link)\b[^>]*\b(?:src|href)="\.\/assets\/[^>]*>(?:<\/script>)?[ \t]*\n?/gm;

/**
 * Takes the elements of the page's files out of it and gives them to the boot script, which writes
 * them where it stands itself. Firefox reads on while a script runs, and would ask for these files
 * under the address of the page, where a section's has none: the script has yet to say what
 * relative addresses hang on.
 */
const giveFilesToBoot = (html: string): string => {
  const elements = html.match(elementsOfFiles) ?? [];
  if (elements.length === 0) throw new Error("The page names none of its files.");
  const written = elements
    .map((element) => element.trim())
    .join("")
    .replaceAll('"', "'");
  return html.replace(elementsOfFiles, "").replace("<html", () => `<html data-files="${written}"`);
};

/** For the boot script, which otherwise has to guess. */
export const tellBasePath = (html: string, basePath: string | undefined): string =>
  basePath ? html.replace("<html ", () => `<html data-base="${basePath}" `) : html;

/**
 * Puts the boot script and the policy into the page, and makes the page its own 404 page, as static
 * hosts want it.
 * @param basePath where the site will lie, for who knows it: only then does every mistyped address
 * find its files at once
 */
export const staticPage = ({ basePath = process.env["SALLYPORT_WEB_PATH"] } = {}): Plugin => {
  if (basePath !== undefined && !/^\/(?:[\w.~-]+\/)*$/.test(basePath))
    throw new Error(
      `SALLYPORT_WEB_PATH is "${basePath}"; it must begin and end with a slash, as /team/dashboards/ does.`,
    );
  let root = "";
  let mode = "";
  let outDir = "";
  return {
    name: "sallyport-static-page",
    async config(given, { isPreview }) {
      if (!isPreview) return;
      const page = await readFile(
        resolve(given.root ?? ".", given.build?.outDir ?? "dist", "index.html"),
        "utf8",
      ).catch(() => "");
      const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(page)?.[1];
      return {
        preview: {
          headers: {
            ...(policy && { "Content-Security-Policy": `${policy}; frame-ancestors 'none'` }),
            "Cross-Origin-Opener-Policy": "same-origin",
            "Referrer-Policy": "strict-origin",
            "X-Content-Type-Options": "nosniff",
          },
        },
      };
    },
    configResolved(config) {
      root = config.root;
      mode = config.mode;
      outDir = resolve(config.root, config.build.outDir);
    },
    transformIndexHtml: {
      order: "post",
      async handler(html, { server, bundle }) {
        const boot = await compileBoot(root, mode);
        // The development server adds inline scripts of its own.
        const policy = server
          ? ""
          : `<meta http-equiv="Content-Security-Policy" content="${policyFor(boot)}" />\n    `;
        // The typeface beside the scripts and not after them, so that no line is set twice.
        const font = Object.keys(bundle ?? {}).find((name) =>
          /inter-latin-wght-normal.*\.woff2$/.test(name),
        );
        const preload = font
          ? `\n    <link rel="preload" as="font" type="font/woff2" crossorigin href="./${font}" />`
          : "";
        // For the boot script, which asks for them where the address is a section's.
        const files = bundle ? ` data-section-files="${filesOfSections(bundle).join(" ")}"` : "";
        const page = tellBasePath(html.replace("<html", `<html${files}`), basePath);
        // The development server's own address of the first script is the same from everywhere.
        return (
          bundle ? giveFilesToBoot(page.replace("<!--boot-->", `<!--boot-->${preload}`)) : page
        ).replace("<!--boot-->", () => `${policy}<script>${boot}</script>`);
      },
    },
    async closeBundle() {
      if (outDir)
        await copyFile(join(outDir, "index.html"), join(outDir, "404.html")).catch(() => undefined);
    },
  };
};
