// The map of the house: which room may import from which. `npm run boundaries` holds the code to it; a room
// that is not on the map fails too, so nothing is exempt by having been forgotten.

const everything = ["*"];

/** Folders and top-level files (without extension) of each source tree, and the rooms each may import from. */
export const rooms = {
  "apps/api/src": (() => {
    const ground = ["http", "database"];
    const keys = [...ground, "tokens"];
    const people = [...keys, "users"];
    return {
      http: [],
      database: ["http"],
      tokens: [...ground],
      users: keys,
      sessions: people,
      datasets: people,
      queries: ground,
      sections: [...people, "datasets", "queries"],
      "forward-auth": people,
      audit: people,
      discovery: people,
      sample: [...people, "sessions", "sections", "datasets", "audit"],
      cli: everything,
      clock: [],
      config: ["http", "tokens"],
      version: [],
      "installation-words": ["config"],
      dependencies: everything,
      app: everything,
      main: everything,
    };
  })(),
  "apps/web/src": {
    "base-path": [],
    paths: [],
    config: ["ui"],
    globals: [],
    ui: [],
    session: ["ui", "config", "paths"],
    features: ["ui", "session", "paths"],
    layouts: ["ui", "session", "features", "paths"],
    mock: ["ui"],
    routes: everything,
    boot: everything,
    main: everything,
  },
  // Named as the API's rooms are, whose decisions these are.
  "packages/shared/src/rules": {
    http: ["defaults"],
    access: ["http"],
    tokens: ["http", "defaults"],
    users: ["http"],
    sessions: ["http", "access", "tokens", "users", "defaults"],
    datasets: ["http"],
    queries: ["http", "datasets"],
    sections: ["http", "datasets", "queries"],
    defaults: [],
    rules: everything,
  },
  "packages/shared/src": {
    contract: [],
    client: ["contract"],
    react: ["client", "contract"],
    rules: ["contract"],
    sample: ["contract"],
    limitations: [],
    mock: ["contract", "rules", "sample", "limitations"],
    testing: ["contract", "rules", "client", "limitations"],
  },
};

// Nothing but the process entry starts things, and nothing imports it.
const topOfTheHouse = ["main", "app", "dependencies", "cli", "routes", "boot"];

const tests = "\\.test\\.tsx?$";
const named = (tree, names) => names.map((name) => `^${tree}/${name}(/|\\.[a-z.]+$)`);

function roomRules(tree, map) {
  return Object.entries(map)
    .filter(([, allowed]) => allowed !== everything)
    .map(([room, allowed]) => ({
      name: `${tree.replace("/src", "")}: ${room} imports ${allowed.length ? `only ${allowed.join(", ")}` : "no other room"}`,
      severity: "error",
      from: { path: named(tree, [room]), pathNot: tests },
      to: {
        path: `^${tree}/`,
        pathNot: named(tree, [room, ...allowed]),
        ...(tree === "apps/api/src" && { dependencyTypesNot: ["type-only"] }),
      },
    }));
}

// A type costs nothing at run time, but only the configuration's is everybody's business.
const typeRules = Object.entries(rooms["apps/api/src"])
  .filter(([, allowed]) => allowed !== everything)
  .map(([room, allowed]) => ({
    name: `apps/api: ${room} takes types only from ${["config", ...allowed].join(", ")}`,
    severity: "error",
    from: { path: named("apps/api/src", [room]), pathNot: tests },
    to: {
      path: "^apps/api/src/",
      pathNot: named("apps/api/src", [room, "config", ...allowed]),
      dependencyTypes: ["type-only"],
    },
  }));

const packages = (...names) => names.map((name) => `(^|/)node_modules/${name}/`);

export const forbidden = [
  ...Object.entries(rooms).flatMap(([tree, map]) => roomRules(tree, map)),
  ...typeRules,
  // A part may name the type that its entry declares: that ties nothing together at run time.
  {
    name: "no cycles",
    severity: "error",
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
  },
  {
    name: "every import resolves",
    severity: "error",
    from: {},
    to: { couldNotResolve: true, pathNot: "^virtual:" },
  },
  {
    name: "features do not import each other",
    severity: "error",
    from: { path: "^apps/web/src/features/([^/]+)/", pathNot: tests },
    to: { path: "^apps/web/src/features/", pathNot: "^apps/web/src/features/$1/" },
  },
  {
    name: "the web app does not import the API",
    severity: "error",
    from: { path: "^apps/web/" },
    to: { path: "^apps/api/" },
  },
  {
    name: "the API does not import the web app",
    severity: "error",
    from: { path: "^apps/api/" },
    to: { path: "^apps/web/" },
  },
  {
    name: "shared does not import the apps",
    severity: "error",
    from: { path: "^packages/" },
    to: { path: "^apps/" },
  },
  {
    name: "the shared package is imported by its name",
    severity: "error",
    from: { path: "^apps/" },
    to: { path: "^packages/", dependencyTypes: ["local"] },
  },
  {
    name: "jose stays in tokens",
    severity: "error",
    from: { path: "^(apps|packages)/", pathNot: ["^apps/api/src/tokens/", tests] },
    to: { path: packages("jose") },
  },
  {
    name: "ui is presentational: no router, no query, no contract",
    severity: "error",
    from: { path: "^apps/web/src/ui/", pathNot: tests },
    to: { path: [...packages("react-router", "@tanstack/react-query"), "^packages/shared/"] },
  },
  {
    name: "the contract imports only zod and what describes OpenAPI",
    severity: "error",
    from: { path: "^packages/shared/src/contract/", pathNot: tests },
    to: { pathNot: ["^packages/shared/src/contract/", ...packages("zod", "zod-openapi")] },
  },
  {
    name: "the client knows no framework",
    severity: "error",
    from: { path: "^packages/shared/src/client/", pathNot: tests },
    to: { path: packages("react", "react-dom", "react-router", "@tanstack/[^/]+") },
  },
  {
    name: "of the web app, only its mock mode knows the mock",
    severity: "error",
    from: { path: "^apps/web/src/", pathNot: [tests, "^apps/web/src/mock/"] },
    to: { path: ["^packages/shared/src/(mock|sample|testing)/", ...packages("msw")] },
  },
  {
    name: "nothing imports the top of the house",
    severity: "error",
    from: {
      path: "^apps/(api|web)/src/",
      pathNot: [tests, ...Object.keys(rooms).flatMap((tree) => named(tree, topOfTheHouse))],
    },
    to: { path: Object.keys(rooms).flatMap((tree) => named(tree, topOfTheHouse)) },
  },
  {
    name: "production code does not import tests or development packages",
    severity: "error",
    from: { path: "^(apps|packages)/[^/]+/src/", pathNot: tests },
    to: { path: [tests, "^(apps|packages)/[^/]+/(test|e2e|bench)/"] },
  },
];

export const options = {
  doNotFollow: { path: "node_modules" },
  // Only the own builds: most packages keep their code in a folder of that name, and imports of them count.
  exclude: { path: "^(apps|packages)/[^/]+/dist/" },
  // Imports of types count: they tie rooms together like any other.
  tsPreCompilationDeps: true,
  enhancedResolveOptions: {
    exportsFields: ["exports"],
    conditionNames: ["sallyport-source", "import", "types", "default", "node", "browser"],
    extensions: [".ts", ".tsx", ".mjs", ".js", ".json", ".css"],
  },
};
