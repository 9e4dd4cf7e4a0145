/**
 * One example of each operation: what is sent, and each success. The OpenAPI document shows them,
 * its lines of code are made from them, and tests hold them to the schemas. Whoever adds an
 * endpoint or a success adds to this, or it does not compile.
 */
import type { Account } from "./account.ts";
import type { CallerInput, Contract, ContractKey, SentFile, Session, Success } from "./contract.ts";

type ExampleOf<Body> =
  Body extends AsyncIterable<infer Event>
    ? Exclude<Event, null>
    : Body extends null
      ? null
      : Body extends { readonly file: SentFile }
        ? never
        : Body;

export interface OperationExample<K extends ContractKey> {
  readonly request: CallerInput<Contract[K]>;
  readonly responses: {
    readonly [S in Success<Contract[K]>["status"]]: ExampleOf<
      Extract<Success<Contract[K]>, { readonly status: S }>["body"]
    >;
  };
  /** Each file that it answers with, by format. */
  readonly files?: Contract[K] extends { readonly exports: infer E }
    ? { readonly [F in keyof E]: string }
    : never;
}

const session: Session = {
  status: "signedIn",
  user: {
    id: "usr_4hT9vN0cS7S1m2kQxJr8Lg",
    username: "mica",
    email: "mica@example.com",
    displayName: "Mica Okafor",
  },
  roles: ["admin"],
  permissions: ["sections:read", "sections:write", "datasets:read", "datasets:write"],
  sections: [
    { slug: "welcome", title: "Welcome", icon: "home", position: 0 },
    { slug: "marketing", title: "Marketing", icon: "speakerphone", position: 1 },
  ],
  session: {
    id: "ses_pOmy1gkF0Gq6CzcnS2w9Vg",
    idleExpiresAt: "2026-11-29T09:30:00.000Z",
    absoluteExpiresAt: "2026-12-22T09:30:00.000Z",
  },
  accessExpiresAt: "2026-11-22T09:35:00.000Z",
  expiresIn: 300,
  csrfToken: "0Rk9l1Uu3jWcV8mA6oTzQ2bX5yHnDpEs",
  notices: [],
};
const sessionWithTokens: Session = {
  ...session,
  tokenType: "Bearer",
  accessToken: "eyJhbGciOi….eyJpc3MiOi….qPmB0…",
  refreshToken: "ses_pOmy1gkF0Gq6CzcnS2w9Vg.1.yW3…",
};

const ownAccount: Account = {
  ...session.user,
  language: "en-GB",
  timeZone: "Europe/Paris",
  startPage: "marketing",
  colorScheme: null,
};

const ownAccessRequest = {
  section: "finance",
  note: "I am to present the figures on Monday.",
  askedAt: "2026-11-22T09:30:00.000Z",
  answered: false,
};

const displayLink = {
  id: "dsp_7nLgc3RwYXb0Tz8q5hK2mW",
  name: "Lobby",
  section: "operations",
  title: "Operations",
  madeBy: { id: session.user.id, username: "mica", displayName: "Mica Okafor" },
  createdAt: "2026-11-22T09:30:00.000Z",
  expiresAt: "2027-05-31T17:00:00.000Z",
  lastSeenAt: null,
  works: true,
};

const grantAdded = {
  id: "evt_J3yL0m2wQk2l8vFq5bX1Nw",
  at: "2026-11-22T09:30:00.000Z",
  action: "grant.add",
  result: "success" as const,
  actor: { id: session.user.id, name: session.user.username },
  subject: { type: "user", id: "usr_1mFh0Yw2o3RlHqBVhWQy0A", name: "mike" },
  sessionId: session.session.id,
  address: "192.0.2.7",
  userAgent: "curl/8.14.1",
  requestId: "1d9f0b0a-6c2d-4a5e-9c52-7a3a4f3d1e10",
  detail: { section: "marketing" },
};

const userGrant = {
  id: "grt_Qm3xV0c8Rz1bTn5KwY7fLg",
  user: { id: "usr_9sB2kWq7VxN3n8bRzLm5Tg", username: "nora", displayName: "Nora Bauer" },
  role: null,
  section: "finance",
  title: "Finance",
  expiresAt: "2099-01-31T17:00:00.000Z",
  createdAt: "2026-11-22T09:30:00.000Z",
  etag: '"4073562000000"',
};

const orders = {
  name: "orders",
  title: "Orders",
  attribution: "The shop's own books",
  columns: [
    { name: "ordered_at", label: "Ordered at", type: "timestamp" },
    { name: "item", label: "Item", type: "text" },
    { name: "price", label: "Price", type: "decimal", unit: "USD" },
  ],
} as const;
const dataset = {
  ...orders,
  id: "dat_J3yL0m2wQk2l8vFq5bX1Nw",
  columns: orders.columns.map((column) => ({ ...column })),
  rowCount: 2,
  version: 2,
  updatedAt: "2026-11-22T09:30:00.000Z",
};
const emptyDataset = { ...dataset, rowCount: 0, version: 1 };

const rowsAsCsv = `ordered_at,item,price
2026-11-21T10:00:00Z,figs,4.50
2026-11-22T11:30:00Z,dates,3.25
`;
const rowsAsJson = [
  { ordered_at: "2026-11-21T10:00:00Z", item: "figs", price: 4.5 },
  { ordered_at: "2026-11-22T11:30:00Z", item: "dates", price: 3.25 },
];
/** The same rows in each way in which they may be sent. */
export const uploadExamples: Readonly<Record<string, unknown>> = {
  "text/csv": rowsAsCsv,
  "application/json": rowsAsJson,
  "application/x-ndjson": rowsAsJson.map((row) => `${JSON.stringify(row)}\n`).join(""),
};
const peopleAsCsv = `username,displayName,email,roles
pilar,Pilar Brandt,pilar@example.com,marketing
`;
const rowsUpload = { type: "text/csv", content: rowsAsCsv } as const;
const imported = {
  rows: 2,
  rowCount: 2,
  version: 2,
  read: { delimiter: "comma", encoding: "utf-8", decimal: "point", header: "names" },
} as const;
const importId = "imp_Zr0nq6mJ1tq1p8xV3cJm0w";
const waitingImport = {
  id: importId,
  dataset: "orders",
  status: "waiting",
  bytes: 0,
  totalBytes: rowsAsCsv.length,
  rows: 0,
  result: null,
  problem: null,
} as const;

const definition = {
  slug: "orders",
  title: "Orders",
  description: "What is ordered, and for how much",
  icon: "shopping-cart",
  visibility: "restricted",
  panels: [
    {
      kind: "chart",
      title: "Turnover by day",
      width: 12,
      query: {
        dataset: "orders",
        select: [
          { bucket: "day", column: "ordered_at" },
          { aggregate: "sum", column: "price", name: "turnover" },
        ],
        timeColumn: "ordered_at",
      },
      chart: { type: "bar", x: "ordered_at", y: ["turnover"] },
    },
  ],
} as const;

const panelId = "pan_Zr0nq6mJ1tq1p8xV3cJm0w";
const columns = [
  { name: "ordered_at", label: "Ordered at", type: "timestamp" as const, bucket: "day" as const },
  { name: "turnover", label: "Turnover", type: "decimal" as const, unit: "USD" },
];
const panelData = {
  columns,
  rows: [
    ["2026-11-21T00:00:00.000Z", 4.5],
    ["2026-11-22T00:00:00.000Z", 3.25],
  ],
  range: { from: "2026-10-24T00:00:00.000Z", to: "2026-11-23T00:00:00.000Z" },
};
const chartPanel = {
  id: panelId,
  kind: "chart" as const,
  title: "Turnover by day",
  width: 12,
  chart: { type: "bar" as const, x: "ordered_at", y: ["turnover"] },
  followsRange: true,
  data: panelData,
};
const summary = {
  id: "sec_J3yL0m2wQk2l8vFq5bX1Nw",
  slug: "marketing",
  title: "Marketing",
  description: "What brings people in",
  icon: "speakerphone",
  position: 1,
  visibility: "restricted",
} as const;

const settings = {
  ...summary,
  refreshSeconds: null,
  last: "P30D",
  panelCount: 6,
  grantCount: 2,
  version: 1_795_339_800_004,
  updatedAt: "2026-11-22T09:30:00.000Z",
};
const { description: _, position: __, ...place } = summary;
const livingSession = {
  id: session.session.id,
  current: false,
  user: { id: "usr_1mFh0Yw2o3RlHqBVhWQy0A", username: "mike", displayName: "Mike Lindqvist" },
  userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
  browser: "Firefox",
  system: "Linux",
  address: "192.0.2.7",
  createdAt: "2026-11-22T09:30:00.000Z",
  lastUsedAt: "2026-11-22T11:05:00.000Z",
  idleExpiresAt: "2026-11-29T11:05:00.000Z",
  absoluteExpiresAt: "2026-12-22T09:30:00.000Z",
};
const marketingRole = { id: "rol_8Jx2mQv0Tz5bKc1RwY7nLg", name: "marketing" };
const nora = {
  id: "usr_9sQm1vXc4TzR6bKpWy0LeA",
  username: "nora",
  email: "nora@example.com",
  emailVerified: true,
  displayName: "Nora Haddad",
  active: true,
  hasPassword: true,
  roles: [marketingRole],
  createdAt: "2026-10-01T08:00:00.000Z",
  lastSeenAt: "2026-11-22T09:30:00.000Z",
};
const editors = {
  id: "rol_2Lk8sVb4QxW9n0TzRm6YcA",
  name: "editors",
  description: "Those who arrange the sections.",
  builtIn: false,
  permissions: ["sections:read" as const, "sections:write" as const],
  sections: ["marketing"],
  isComplete: true,
  users: 1,
};
const passwordLink = {
  link: "https://app.example.com/choose-password#Zx3kq0P9wT2mVb7cYd5nLr8sJf1gHa4uEo6iQtXyKzM",
  linkExpiresAt: "2026-11-25T09:30:00.000Z",
};

const ownExport = {
  exportedAt: "2026-11-22T09:30:00.000Z",
  user: nora,
  preferences: { timeZone: "Europe/Paris" },
  permissions: [],
  grants: [userGrant],
  sessions: [livingSession],
  notices: [],
  accessRequests: [ownAccessRequest],
  auditEvents: [grantAdded],
};

export const examples: { readonly [K in ContractKey]: OperationExample<K> } = {
  "POST /login": {
    request: {
      body: { username: "mica", password: "sample-mica-passphrase", delivery: "body" },
    },
    responses: { 200: sessionWithTokens },
  },
  "POST /refresh": {
    request: {
      headers: { "idempotency-key": "4f0c2c1e-7d0a-4e51-9a51-6c0f4a7d1b1e" },
      body: { refreshToken: "ses_pOmy1gkF0Gq6CzcnS2w9Vg.1.yW3…" },
    },
    responses: { 200: { ...sessionWithTokens, refreshToken: "ses_pOmy1gkF0Gq6CzcnS2w9Vg.2.Tq8…" } },
  },
  "POST /step-up": {
    request: {
      headers: { "idempotency-key": "9a1d6e0f-2b7c-4c53-8d0e-5f3b7a2c9e41" },
      body: {
        password: "sample-mica-passphrase",
        refreshToken: "ses_pOmy1gkF0Gq6CzcnS2w9Vg.2.Tq8…",
      },
    },
    responses: { 200: { ...sessionWithTokens, refreshToken: "ses_pOmy1gkF0Gq6CzcnS2w9Vg.3.fL2…" } },
  },
  "POST /logout": {
    request: { body: { refreshToken: "ses_pOmy1gkF0Gq6CzcnS2w9Vg.2.Tq8…" } },
    responses: { 204: null },
  },
  "GET /session": { request: {}, responses: { 200: session } },
  "PUT /account/password": {
    request: {
      headers: { "idempotency-key": "c7e2b0a4-61d9-4f3a-b7f8-0d9c3e5a1b26" },
      body: {
        currentPassword: "sample-mica-passphrase",
        newPassword: "forty-two quiet herons",
        refreshToken: "ses_pOmy1gkF0Gq6CzcnS2w9Vg.3.fL2…",
      },
    },
    responses: { 200: { ...sessionWithTokens, refreshToken: "ses_pOmy1gkF0Gq6CzcnS2w9Vg.4.hD5…" } },
  },
  "DELETE /account/sessions": { request: {}, responses: { 204: null } },
  "DELETE /account/notices/:noticeId": {
    request: { params: { noticeId: "ntc_1mFh0Yw2o3RlHqBVhWQy0A" } },
    responses: { 204: null },
  },
  "GET /cookie-check": {
    request: {},
    responses: { 200: { access: true, refresh: true, mode: "same-site" } },
  },
  "GET /setup": { request: {}, responses: { 200: { done: true, mail: true } } },
  "POST /setup": {
    request: {
      body: {
        token: "c2V0dXAtbGluay1mcm9tLXRoZS10ZXJtaW5hbA",
        username: "ada",
        displayName: "Ada Admin",
        email: "ada@example.com",
        password: "forty-two quiet herons",
        delivery: "body",
      },
    },
    responses: {
      200: {
        ...sessionWithTokens,
        user: {
          id: "usr_7fD2kPq0VxW3n8bRzLm5Tg",
          username: "ada",
          email: "ada@example.com",
          displayName: "Ada Admin",
        },
      },
    },
  },
  "GET /session/events": {
    request: { query: { since: "2026-01-01T09:30:00Z" } },
    responses: { 200: { event: "sections", data: { slugs: ["marketing"], list: false } } },
  },
  "GET /users": {
    request: { query: { q: "nora", limit: 50 } },
    responses: { 200: { items: [nora], nextCursor: null, total: 1 } },
    files: {
      csv: `id,username,displayName,email,roles,active,hasPassword,createdAt,lastSeenAt\r\n${[nora.id, nora.username, nora.displayName, nora.email, "", nora.active, nora.hasPassword, nora.createdAt, nora.lastSeenAt].join(",")}\r\n`,
    },
  },
  "POST /users": {
    request: {
      body: { username: "olga", displayName: "Olga Brandt", roleIds: [marketingRole.id] },
    },
    responses: {
      201: {
        ...nora,
        id: "usr_0Tq7mKx2Vb5RwY8nLcZ4Pg",
        username: "olga",
        displayName: "Olga Brandt",
        email: null,
        emailVerified: false,
        hasPassword: false,
        lastSeenAt: null,
        ...passwordLink,
      },
    },
  },
  "POST /users/import": {
    request: { query: { dryRun: "true" }, upload: { type: "text/csv", content: peopleAsCsv } },
    responses: {
      200: {
        items: [
          {
            line: 2,
            username: "pilar",
            displayName: "Pilar Brandt",
            email: "pilar@example.com",
            roles: [{ id: marketingRole.id, name: marketingRole.name }],
          },
        ],
      },
      201: {
        items: [
          {
            id: "usr_0Tq7mKx2Vb5RwY8nLcZ4Pg",
            username: "pilar",
            displayName: "Pilar Brandt",
            ...passwordLink,
          },
        ],
      },
    },
  },
  "GET /users/:userId": { request: { params: { userId: nora.id } }, responses: { 200: nora } },
  "PATCH /users/:userId": {
    request: {
      params: { userId: nora.id },
      headers: { "if-match": '"1"' },
      body: { active: false },
    },
    responses: { 200: { ...nora, active: false } },
  },
  "DELETE /users/:userId": {
    request: { params: { userId: nora.id }, headers: { "if-match": '"1"' } },
    responses: { 204: null },
  },
  "POST /users/:userId/password-link": {
    request: { params: { userId: nora.id } },
    responses: { 200: passwordLink },
  },
  "GET /users/:userId/access": {
    request: { params: { userId: nora.id } },
    responses: {
      200: {
        items: [
          {
            slug: "marketing",
            title: "Marketing",
            because: [{ kind: "role", name: "marketing", everySection: false }],
          },
        ],
        isComplete: true,
        permissions: [{ permission: "sections:read", roles: nora.roles }],
      },
    },
  },
  "POST /users/changes": {
    request: { body: { userIds: [nora.id], change: "deactivate" } },
    responses: { 200: { items: [{ userId: nora.id, outcome: "changed", problem: null }] } },
  },
  "POST /password-resets/check": {
    request: { body: { token: "Zx3kq0P9wT2mVb7cYd5nLr8sJf1gHa4uEo6iQtXyKzM" } },
    responses: {
      200: {
        user: { username: "olga", displayName: "Olga Brandt" },
        linkExpiresAt: passwordLink.linkExpiresAt,
      },
    },
  },
  "POST /password-resets/confirm": {
    request: {
      body: {
        token: "Zx3kq0P9wT2mVb7cYd5nLr8sJf1gHa4uEo6iQtXyKzM",
        newPassword: "forty-two quiet herons",
      },
    },
    responses: { 204: null },
  },
  "GET /roles": {
    request: { query: { limit: 50 } },
    responses: { 200: { items: [editors], nextCursor: null, total: 1 } },
  },
  "POST /roles": {
    request: { body: { name: editors.name, permissions: editors.permissions } },
    responses: { 201: { ...editors, sections: [], users: 0 } },
  },
  "GET /roles/:roleId": {
    request: { params: { roleId: editors.id } },
    responses: {
      200: {
        ...editors,
        firstUsers: [{ id: nora.id, username: nora.username, displayName: nora.displayName }],
      },
    },
  },
  "PATCH /roles/:roleId": {
    request: {
      params: { roleId: editors.id },
      headers: { "if-match": '"1"' },
      body: { description: editors.description },
    },
    responses: { 200: editors },
  },
  "DELETE /roles/:roleId": {
    request: { params: { roleId: editors.id }, headers: { "if-match": '"1"' } },
    responses: { 204: null },
  },
  "GET /users/:userId/preview": {
    request: { params: { userId: nora.id } },
    responses: {
      200: {
        user: {
          id: nora.id,
          username: nora.username,
          displayName: nora.displayName,
          active: true,
        },
        roles: ["marketing"],
        permissions: [],
        sections: [
          {
            slug: "marketing",
            title: "Marketing",
            icon: "speakerphone",
            position: 1,
            canOpen: true,
          },
        ],
        isComplete: true,
      },
    },
  },
  "GET /grants": {
    request: { query: { userId: userGrant.user.id, section: "finance,_all_" } },
    responses: { 200: { items: [userGrant], nextCursor: null } },
  },
  "POST /grants": {
    request: {
      body: { userId: userGrant.user.id, section: "finance", expiresAt: "2099-01-31T17:00:00Z" },
    },
    responses: { 201: userGrant },
  },
  "POST /grants/changes": {
    request: {
      body: {
        add: [{ roleId: "rol_8Jx2mQv0Tz5bKc1RwY7nLg", section: "_all_" }],
        remove: [userGrant.id],
      },
    },
    responses: {
      200: {
        items: [
          {
            id: "grt_b1Kc0wYx7Lm2tQv9ZsR4dA",
            user: null,
            role: { id: "rol_8Jx2mQv0Tz5bKc1RwY7nLg", name: "editors" },
            section: "_all_",
            title: null,
            expiresAt: null,
            createdAt: "2026-11-22T09:30:00.000Z",
            etag: '"0"',
          },
        ],
        removed: [userGrant.id],
      },
    },
  },
  "PATCH /grants/:grantId": {
    request: {
      params: { grantId: userGrant.id },
      headers: { "if-match": userGrant.etag },
      body: { expiresAt: null },
    },
    responses: { 200: { ...userGrant, expiresAt: null, etag: '"0"' } },
  },
  "DELETE /grants/:grantId": {
    request: { params: { grantId: userGrant.id }, headers: { "if-match": userGrant.etag } },
    responses: { 204: null },
  },
  "POST /access-requests": {
    request: { body: { section: "finance", note: "I am to present the figures on Monday." } },
    responses: { 202: ownAccessRequest },
  },
  "GET /account/access-requests": {
    request: {},
    responses: { 200: { items: [ownAccessRequest] } },
  },
  "GET /access-requests": {
    request: { query: { limit: 50 } },
    responses: {
      200: {
        items: [
          {
            id: "acr_5hK2mWq0Tz8bXc3RwY7nLg",
            user: userGrant.user,
            section: ownAccessRequest.section,
            title: "Finance",
            note: ownAccessRequest.note,
            askedAt: ownAccessRequest.askedAt,
          },
        ],
        nextCursor: null,
        total: 1,
      },
    },
  },
  "POST /access-requests/:accessRequestId/answer": {
    request: {
      params: { accessRequestId: "acr_5hK2mWq0Tz8bXc3RwY7nLg" },
      body: { granted: true, expiresAt: "2099-01-31T17:00:00Z" },
    },
    responses: { 204: null },
  },
  "POST /password-resets": {
    request: { body: { usernameOrEmail: "nora" } },
    responses: { 202: { status: "accepted" } },
  },
  "GET /account/email": {
    request: {},
    responses: { 200: { email: "nora@example.com", verified: false, mail: true } },
  },
  "POST /email-verifications": { request: {}, responses: { 204: null } },
  "POST /email-verifications/confirm": {
    request: { body: { token: "Zx3kq0P9wT2mVb7cYd5nLr8sJf1gHa4uEo6iQtXyKzM" } },
    responses: { 200: { email: "nora@example.com" } },
  },
  "GET /undelivered-mails": {
    request: {},
    responses: {
      200: {
        items: [
          {
            id: "mai_5rYh0c3mZ8bKq1VwT2nLxA",
            user: { id: nora.id, username: nora.username, displayName: nora.displayName },
            to: "nora@example.com",
            kind: "passwordLinkMade",
            at: "2026-11-22T09:00:00Z",
            attempts: 3,
            failure: "The mail server does not accept the recipient: “550 No such user here”.",
            triedAgainAt: null,
          },
        ],
      },
    },
  },
  "GET /display-links": {
    request: { query: { section: displayLink.section } },
    responses: { 200: { items: [displayLink], nextCursor: null } },
  },
  "POST /display-links": {
    request: {
      body: { section: displayLink.section, name: "Lobby", expiresAt: "2027-05-31T17:00:00Z" },
    },
    responses: {
      201: { ...displayLink, link: "https://dashboards.example.com/display#sp_dsp_3kZ…" },
    },
  },
  "DELETE /display-links/:displayLinkId": {
    request: { params: { displayLinkId: displayLink.id } },
    responses: { 204: null },
  },
  "GET /display": {
    request: {},
    responses: {
      200: {
        id: displayLink.id,
        name: displayLink.name,
        section: displayLink.section,
        title: displayLink.title,
        expiresAt: displayLink.expiresAt,
      },
    },
  },
  "GET /sections/:slug/definition": {
    request: { params: { slug: "orders" } },
    responses: { 200: definition },
  },
  "PUT /sections/:slug/definition": {
    request: { params: { slug: "orders" }, body: definition },
    responses: { 200: definition, 201: definition },
  },
  "GET /schemas/section.json": {
    request: {},
    responses: {
      200: {
        $schema: "https://json-schema.org/draft/2020-12/schema",
        title: "A section of Sallyport",
        type: "object",
      },
    },
  },
  "GET /sections": {
    request: { query: { limit: 50 } },
    responses: { 200: { items: [summary], nextCursor: null } },
  },
  "GET /sections/:slug": {
    request: { params: { slug: "marketing" }, query: { include: "data", last: "P30D" } },
    responses: {
      200: {
        ...summary,
        refreshSeconds: null,
        last: "P30D",
        timeBounds: { from: "2026-11-21", to: "2026-11-22" },
        panels: [chartPanel],
      },
    },
  },
  "GET /sections/:slug/panels/:panelId/data": {
    request: { params: { slug: "marketing", panelId }, query: { last: "P30D" } },
    responses: { 200: panelData },
  },
  "POST /sections": {
    request: { body: { title: "Orders", icon: "shopping-cart", dataset: "orders" } },
    responses: { 201: definition },
  },
  "PATCH /sections/:slug": {
    request: {
      params: { slug: "marketing" },
      headers: { "if-match": '"1795339800003"' },
      body: { title: "Campaigns", last: "P30D" },
    },
    responses: { 200: { ...settings, title: "Campaigns" } },
  },
  "DELETE /sections/:slug": {
    request: {
      params: { slug: "orders-of-next-year" },
      headers: { "if-match": '"1795339800003"' },
    },
    responses: { 204: null },
  },
  "POST /sections/:slug/duplicate": {
    request: { params: { slug: "orders" }, body: { title: "Orders of next year" } },
    responses: {
      201: { ...definition, slug: "orders-of-next-year", title: "Orders of next year" },
    },
  },
  "GET /section-order": {
    request: {},
    responses: { 200: { items: [place] } },
  },
  "PUT /section-order": {
    request: {
      headers: { "if-match": '"9oSgX6Yf0hJ1p6vXw2nY1d3mE4kQ5rT7uB8cA0zL1sM"' },
      body: { slugs: ["welcome", "marketing"] },
    },
    responses: { 204: null },
  },
  "POST /panel-previews": {
    request: { body: { panel: definition.panels[0], last: "P30D" } },
    responses: { 200: { ...chartPanel, id: "preview" } },
  },
  "GET /datasets": {
    request: { query: { limit: 50 } },
    responses: {
      200: { items: [{ ...dataset, bytes: 60, panelCount: 1 }], nextCursor: null, total: 1 },
    },
  },
  "GET /datasets/:name/readers": {
    request: { params: { name: "orders" } },
    responses: {
      200: {
        items: [
          {
            slug: "orders",
            title: "Orders",
            panels: [{ id: panelId, title: "Turnover by day" }],
          },
        ],
        isComplete: true,
      },
    },
  },
  "GET /datasets/:name/rows": {
    request: { params: { name: "orders" }, query: { sort: "-price", limit: 50 } },
    responses: {
      200: {
        columns: dataset.columns,
        rows: [
          ["2026-11-21T10:00:00.000Z", "figs", 4.5],
          ["2026-11-22T11:30:00.000Z", "dates", 3.25],
        ],
        total: 2,
      },
    },
  },
  "POST /datasets": {
    request: { body: { ...orders, columns: dataset.columns } },
    responses: { 201: emptyDataset },
  },
  "POST /datasets/detection": {
    request: { upload: rowsUpload },
    responses: {
      200: {
        delimiter: "comma",
        encoding: "utf-8",
        decimal: "point",
        header: "names",
        columns: dataset.columns.map(({ name, label, type }) => ({ name, label, type })),
        rows: [
          ["2026-11-21T10:00:00Z", "figs", "4.50"],
          ["2026-11-22T11:30:00Z", "dates", "3.25"],
        ],
        rowsSeen: 2,
        blankRows: 0,
        suggestedNullMarkers: [],
        strays: [],
      },
    },
  },
  "GET /datasets/:name": {
    request: { params: { name: "orders" } },
    responses: { 200: { ...dataset, bytes: 60 } },
  },
  "PATCH /datasets/:name": {
    request: {
      params: { name: "orders" },
      body: { title: "Orders of the shop", columns: [{ name: "price", unit: "EUR" }] },
    },
    responses: { 200: { ...dataset, title: "Orders of the shop" } },
  },
  "DELETE /datasets/:name": {
    request: { params: { name: "orders" } },
    responses: { 204: null },
  },
  "POST /datasets/:name/rows": {
    request: { params: { name: "orders" }, upload: rowsUpload },
    responses: { 200: imported, 202: waitingImport },
  },
  "PUT /datasets/:name/rows": {
    request: { params: { name: "orders" }, upload: rowsUpload },
    responses: { 200: imported, 202: waitingImport },
  },
  "DELETE /datasets/:name/rows": {
    request: { params: { name: "orders" }, query: { column: "ordered_at", to: "2026-01-01" } },
    responses: { 200: { deleted: 0, rowCount: 2, version: 2 } },
  },
  "POST /dataset-detections": {
    request: { upload: rowsUpload },
    responses: {
      200: {
        format: "csv",
        delimiter: "comma",
        encoding: "utf-8",
        decimal: "point",
        header: "names",
        columns: dataset.columns.map(({ name, label, type }) => ({ name, label, type })),
        rows: [
          ["2026-11-21T10:00:00Z", "figs", "4.50"],
          ["2026-11-22T11:30:00Z", "dates", "3.25"],
        ],
        rowsSeen: 2,
        blankRows: 0,
        suggestedNullMarkers: [],
        strays: [],
      },
    },
  },
  "POST /imports": {
    request: { body: { dataset: "orders", mode: "append" } },
    responses: { 200: { ...waitingImport, status: "expected", totalBytes: 0 } },
  },
  "PUT /imports/:importId/rows": {
    request: { params: { importId }, upload: rowsUpload },
    responses: { 200: waitingImport },
  },
  "DELETE /imports/:importId": {
    request: { params: { importId } },
    responses: {
      200: {
        ...waitingImport,
        status: "failed",
        problem: {
          code: "import_cancelled",
          detail: "The import was given up. Nothing was stored.",
          errors: [],
          badRows: null,
        },
      },
    },
  },
  "GET /imports/:importId": {
    request: { params: { importId } },
    responses: {
      200: {
        ...waitingImport,
        status: "done",
        bytes: rowsAsCsv.length,
        rows: 2,
        result: imported,
      },
    },
  },
  "GET /account": { request: {}, responses: { 200: ownAccount } },
  "PATCH /account": {
    request: {
      headers: { "if-match": "*" },
      body: { language: "en-GB", timeZone: "Europe/Paris", startPage: "marketing" },
    },
    responses: {
      200: {
        ...session,
        preferences: { language: "en-GB", timeZone: "Europe/Paris", startPage: "marketing" },
        ...ownAccount,
      },
    },
  },
  "DELETE /account": { request: {}, responses: { 204: null } },
  "GET /account/export": {
    request: {},
    responses: { 200: ownExport },
    files: { json: JSON.stringify(ownExport) },
  },
  "GET /account/sessions": {
    request: { query: { limit: 50 } },
    responses: { 200: { items: [livingSession], nextCursor: null } },
  },
  "DELETE /account/sessions/:sessionId": {
    request: { params: { sessionId: livingSession.id } },
    responses: { 204: null },
  },
  "GET /sessions": {
    request: { query: { q: "firefox", limit: 50 } },
    responses: { 200: { items: [livingSession], nextCursor: null } },
  },
  "DELETE /sessions": { request: {}, responses: { 204: null } },
  "DELETE /sessions/:sessionId": {
    request: { params: { sessionId: livingSession.id } },
    responses: { 204: null },
  },
  "GET /users/:userId/sessions": {
    request: { params: { userId: livingSession.user.id } },
    responses: { 200: { items: [livingSession], nextCursor: null } },
  },
  "DELETE /users/:userId/sessions": {
    request: { params: { userId: livingSession.user.id } },
    responses: { 204: null },
  },
  "GET /audit-events": {
    request: { query: { action: "grant.add", from: "2026-11-01T00:00:00Z", limit: 50 } },
    responses: { 200: { items: [grantAdded], nextCursor: null } },
    files: {
      csv: `id,at,action,result,actorId,actorName,subjectType,subjectId,subjectName,sessionId,address,userAgent,requestId,detail\r\n${[
        ...[grantAdded.id, grantAdded.at, grantAdded.action, grantAdded.result],
        ...[grantAdded.actor.id, grantAdded.actor.name],
        ...[grantAdded.subject.type, grantAdded.subject.id, grantAdded.subject.name],
        ...[grantAdded.sessionId, grantAdded.address, grantAdded.userAgent, grantAdded.requestId],
        '"{""section"":""marketing""}"',
      ].join(",")}\r\n`,
      ndjson: `${JSON.stringify(grantAdded)}\n`,
    },
  },
  "GET /.well-known/jwks.json": {
    request: {},
    responses: {
      200: {
        keys: [
          {
            kty: "OKP",
            crv: "Ed25519",
            use: "sig",
            alg: "EdDSA",
            kid: "key_2uJ0mXk4",
            x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
          },
        ],
      },
    },
  },
  "GET /openapi.json": {
    request: {},
    responses: { 200: { openapi: "3.1.0", info: { title: "Sallyport" } } },
  },
  "GET /healthz": { request: {}, responses: { 200: { status: "ok" } } },
  "GET /readyz": { request: {}, responses: { 200: { status: "ok" } } },
  "GET /problems": {
    request: {},
    responses: {
      200: {
        items: [
          {
            code: "token_expired",
            status: 401,
            title: "Access token expired",
            help: "Refresh and repeat the request.",
          },
        ],
      },
    },
  },
  "GET /problems/:code": {
    request: { params: { code: "token_expired" } },
    responses: {
      200: {
        code: "token_expired",
        status: 401,
        title: "Access token expired",
        help: "Refresh and repeat the request.",
      },
    },
  },
};
