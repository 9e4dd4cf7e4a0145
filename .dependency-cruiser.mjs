// The map of the house: which room may import from which. `npm run boundaries` holds the code to
// it; a room that is not on the map fails too, so nothing is exempt by having been forgotten.

const everything = ["*"];

/**
 * Folders and top-level files (without extension) of each source tree, and the rooms each may
 * import from.
 */
export const rooms = {
  "apps/api/src": {
    http: [],
    tokens: [],
    users: [],
    mail: [],
    stores: ["http", "tokens"],
    config: ["tokens", "mail"],
    installation: ["config", "tokens", "stores"],
    cli: everything,
    clock: [],
    version: [],
    dependencies: everything,
    app: everything,
    main: everything,
  },
  "apps/web/src": {
    "base-path": [],
    paths: [],
    config: ["ui"],
    globals: [],
    ui: [],
    session: ["ui", "config", "paths"],
    panels: ["ui", "session"],
    features: ["ui", "session", "panels", "paths"],
    layouts: ["ui", "session", "panels", "features", "paths"],
    mock: ["ui"],
    "admin-screens": ["ui", "features", "layouts", "paths"],
    routes: everything,
    boot: everything,
    main: everything,
  },
  "packages/shared/src/core": {
    awaitable: [],
    defaults: [],
    answering: ["defaults"],
    tokens: ["answering", "awaitable", "defaults"],
    ports: ["answering", "awaitable", "tokens"],
    "apply-decision": ["answering", "awaitable"],
    "look-through": ["awaitable"],
    installation: ["awaitable"],
    discovery: ["answering", "installation"],
    "scheduled-work": ["answering", "awaitable"],
    idempotency: ["answering", "awaitable", "apply-decision", "ports"],
    audit: ["answering", "awaitable", "look-through"],
    users: ["answering", "awaitable", "audit", "defaults", "ports"],
    mail: ["answering", "awaitable", "audit", "ports", "users"],
    access: ["answering", "awaitable", "apply-decision", "audit", "ports", "users"],
    datasets: ["answering", "awaitable", "apply-decision", "audit", "ports"],
    queries: ["answering", "awaitable", "datasets"],
    sections: [
      "answering",
      "awaitable",
      "access",
      "apply-decision",
      "audit",
      "datasets",
      "ports",
      "queries",
      "users",
    ],
    sessions: [
      "answering",
      "awaitable",
      "access",
      "apply-decision",
      "audit",
      "defaults",
      "look-through",
      "ports",
      "sections",
      "tokens",
      "users",
    ],
    people: [
      "answering",
      "awaitable",
      "access",
      "apply-decision",
      "audit",
      "datasets",
      "defaults",
      "mail",
      "ports",
      "sections",
      "sessions",
      "users",
    ],
    changes: ["answering", "awaitable", "access", "sessions", "tokens", "users"],
    stores: everything,
    core: everything,
    "answer-requests": everything,
    "handler-dependencies": everything,
    "everyday-handlers": everything,
    "administration-handlers": everything,
    handlers: everything,
  },
  "packages/shared/src": {
    contract: [],
    client: ["contract"],
    react: ["client", "contract"],
    core: ["contract"],
    sample: ["contract"],
    limitations: [],
    mock: ["contract", "core", "sample", "limitations"],
    testing: ["contract", "core", "client", "limitations"],
  },
};

// Nothing but the process entry starts things, and nothing imports it.
const topOfTheHouse = ["main", "app", "dependencies", "cli", "routes", "boot"];

const tests = "\\.test\\.tsx?$";
/** What looks into the database for tests, and for benchmarks: it is of no build. */
const databaseForTests = "^apps/api/src/stores/sqlite/testing/";

/** Trees without rooms, which the rules hold as well. */
export const testTrees = [
  "apps/api/test",
  "apps/api/bench",
  "apps/web/e2e",
  "packages/shared/test",
];
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
      },
    }));
}

const packages = (...names) => names.map((name) => `(^|/)node_modules/${name}/`);

export const forbidden = [
  ...Object.entries(rooms).flatMap(([tree, map]) => roomRules(tree, map)),
  // Not even of types: whoever reads one of them has to read all of them.
  {
    name: "no cycles",
    severity: "error",
    from: {},
    to: { circular: true },
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
    from: { path: "^apps/web/src/" },
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
    from: { path: "^apps/[^/]+/src/" },
    to: { path: "^packages/", dependencyTypes: ["local"] },
  },
  {
    name: "nodemailer stays in mail",
    severity: "error",
    from: { path: "^(apps|packages)/[^/]+/src/", pathNot: ["^apps/api/src/mail/", tests] },
    to: { path: packages("nodemailer") },
  },
  {
    name: "jose stays in tokens",
    severity: "error",
    from: { path: "^(apps|packages)/[^/]+/src/", pathNot: ["^apps/api/src/tokens/", tests] },
    to: { path: packages("jose") },
  },
  {
    name: "only the stores on SQLite know SQLite, tests included",
    severity: "error",
    from: { path: "^(apps|packages)/", pathNot: "^apps/api/src/stores/sqlite/" },
    to: { path: packages("better-sqlite3") },
  },
  {
    name: "only stores know a database, tests included",
    severity: "error",
    from: {
      path: "^(apps|packages)/",
      pathNot: ["^apps/api/src/stores/(sqlite|postgres)/", "^apps/api/test/postgres/"],
    },
    to: { path: packages("drizzle-orm", "pg") },
  },
  {
    name: "only the composition root opens the stores on SQLite, and no test but beside them",
    severity: "error",
    from: {
      path: "^(apps|packages)/",
      pathNot: ["^apps/api/src/stores/sqlite/", "^apps/api/src/dependencies\\.ts$"],
    },
    to: { path: "^apps/api/src/stores/sqlite/", pathNot: databaseForTests },
  },
  {
    name: "what is done to a database by hand, a test asks of its subject",
    severity: "error",
    from: {
      path: "^(apps|packages)/",
      pathNot: [
        "^apps/api/src/stores/sqlite/.*" + tests,
        databaseForTests,
        "^apps/api/test/(test-app|make-sample-database)\\.ts$",
        "^apps/api/bench/bench\\.ts$",
      ],
    },
    to: { path: databaseForTests },
  },
  {
    name: "the core knows the contract and its schemas: no Node, no framework, no database",
    severity: "error",
    from: { path: "^packages/shared/src/core/", pathNot: tests },
    to: { pathNot: ["^packages/shared/src/(contract|core)/", ...packages("zod")] },
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
  // Only the own builds: most packages keep their code in a folder of that name, and imports of
  // them count.
  exclude: { path: "^(apps|packages)/[^/]+/dist/" },
  // Imports of types count: they tie rooms together like any other.
  tsPreCompilationDeps: true,
  enhancedResolveOptions: {
    exportsFields: ["exports"],
    conditionNames: ["sallyport-source", "import", "types", "default", "node", "browser"],
    extensions: [".ts", ".tsx", ".mjs", ".js", ".json", ".css"],
  },
};
