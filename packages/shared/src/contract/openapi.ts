import * as z from "zod";
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiOverride,
  type ZodOpenApiParameters,
  type ZodOpenApiPathsObject,
} from "zod-openapi";
import { codeSamplesOf } from "./code-samples.ts";
import { contract, type ContractKey } from "./contract.ts";
import {
  errorsOf,
  isEventStream,
  isUnsafe,
  methodOf,
  pathOf,
  type Access,
  type Credential,
  type Endpoint,
  type EventStream,
  type FreshSignIn,
  type SimpleAccess,
} from "./endpoint.ts";
import { errorCatalogue, type ErrorCode } from "./error-codes.ts";
import { examples, uploadExamples } from "./examples.ts";
import { problemOfCode } from "./problem.ts";
import { headersOfProblem, headersOfSuccess } from "./headers-of-answers.ts";
import { responseHeaders } from "./response-headers.ts";

const referTo = (kind: string, name: string): { $ref: string } => ({
  $ref: `#/components/${kind}/${name}`,
});

const headersReferred = (names: readonly string[]): Record<string, { $ref: string }> =>
  Object.fromEntries([...new Set(names)].map((name) => [name, referTo("headers", name)]));

/** One response for each status, whose problems are those of this endpoint and no others. */
const problemResponses = (definition: Endpoint, codes: readonly ErrorCode[]) => {
  const byStatus = Map.groupBy(codes, (code) => errorCatalogue[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, ofStatus]) => {
      const [first, ...more] = ofStatus.map(problemOfCode);
      return [
        String(status),
        {
          description: ofStatus
            .map((code) => `\`${code}\`: ${errorCatalogue[code].title}.`)
            .join(" "),
          headers: headersReferred(ofStatus.flatMap((code) => headersOfProblem(definition, code))),
          content: {
            "application/problem+json": {
              schema:
                first === undefined || more.length === 0
                  ? (first as z.core.$ZodType)
                  : z.discriminatedUnion("code", [first, ...more]),
              examples: Object.fromEntries(
                ofStatus.map((code) => [code, referTo("examples", code)]),
              ),
            },
          },
        },
      ];
    }),
  );
};

const exampleOfProblem = (code: ErrorCode, serverUrl: string): Record<string, unknown> => {
  const { status, title, help } = errorCatalogue[code];
  return {
    type: `${serverUrl}/problems/${code}`,
    title,
    status,
    detail: help,
    code,
    requestId: responseHeaders["X-Request-Id"].example,
    ...(code === "validation_failed" && {
      errors: [{ pointer: "/query/limit", code: "too_small", detail: "This must be at least 1." }],
    }),
    ...(code === "rows_rejected" && {
      errors: [
        { pointer: "/lines/3/price", code: "no_decimal", detail: "“four” is no decimal number." },
      ],
    }),
  };
};

type Security = Record<string, string[]>;

/** An access token, or its cookie; with the cookie a change needs the session's CSRF token too. */
const signedIn = (unsafe: boolean): Security[] => [
  { bearer: [] },
  { accessCookie: [], ...(unsafe && { csrfToken: [] }) },
];
const securityOfOne = (access: SimpleAccess, unsafe: boolean): Security[] => {
  if (access === "public" || access === "one-use-token") return [];
  // The empty one: the token may be in the body instead.
  if (access === "refresh-token") return [{ refreshCookie: [] }, {}];
  return access === "public-or-signed-in" || (typeof access === "object" && "section" in access)
    ? [...signedIn(unsafe), {}]
    : signedIn(unsafe);
};
const schemeOf: Readonly<Record<Credential, string>> = {
  basic: "basic",
  bearer: "bearer",
  "access-cookie": "accessCookie",
  "refresh-cookie": "refreshCookie",
};
const securityOf = ({ access, presents }: Endpoint, unsafe: boolean): Security[] =>
  presents === undefined
    ? securityOfOne(
        typeof access === "object" && "otherwise" in access ? access.otherwise : access,
        unsafe,
      )
    : [...presents.map((credential) => ({ [schemeOf[credential]]: [] })), {}];

const describeAccess = (access: Access): string => {
  if (typeof access === "string") return `Access: ${access}.`;
  if ("permission" in access)
    return access.andPermission === undefined
      ? `Access: signed in, with the permission \`${access.permission}\`.`
      : `Access: signed in, with the permissions \`${access.permission}\` and \`${access.andPermission}\`.`;
  if ("section" in access) return "Access: the section is public, or granted to the user.";
  return `${describeAccess(access.otherwise)} With \`${access.when.query}=${access.when.is}\`: ${describeAccess(access.when.access)}`;
};

const listed = (words: readonly string[]): string =>
  [words.slice(0, -1).join(", "), ...words.slice(-1)].filter(Boolean).join(" or ");

/** In the words of whoever sends the request. */
const describeFreshSignIn = (fresh: FreshSignIn | undefined): string => {
  if (fresh === undefined) return "";
  const when =
    fresh === true
      ? ""
      : ` where the body gives ${listed(
          Object.entries(fresh).map(([member, values]) =>
            values === "given"
              ? `\`${member}\``
              : `\`${member}\` as ${listed(values.map((value) => `\`${value}\``))}`,
          ),
        )}`;
  return `Wants a sign-in of the last five minutes${when}: otherwise \`fresh_sign_in_required\`, and \`POST /step-up\` makes up for it.`;
};

/** OpenAPI 3.1 knows no events, so what stands for the stream is one of its events. */
const eventOf = ({ events }: EventStream): z.core.$ZodType =>
  z.union(
    Object.entries(events).map(([event, data]) => z.object({ event: z.literal(event), data })),
  );

const contentOf = (
  { exports = {} }: Endpoint,
  response: Endpoint["responses"][number],
  { response: example, files = {} }: { response: unknown; files?: AnyExample["files"] },
) =>
  response === null
    ? {}
    : {
        content: isEventStream(response)
          ? { "text/event-stream": { schema: eventOf(response), example } }
          : {
              "application/json": { schema: response, example },
              ...Object.fromEntries(
                Object.entries(exports)
                  .filter(([format]) => format !== "json")
                  .map(([format, mediaType]) => [
                    mediaType,
                    { schema: { type: "string" as const }, example: files[format] },
                  ]),
              ),
            },
      };

/** Rows in JSON: objects whose members are called as the dataset's columns are. */
const rows = z
  .array(z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])))
  .meta({
    id: "Rows",
    description: "One object for each row. A member that is missing is null.",
  });

const requestBodyOf = (
  { body, bodyOptional, upload }: Endpoint,
  { body: example, upload: uploaded }: AnyExample["request"],
): Pick<ZodOpenApiOperationObject, "requestBody"> => {
  if (upload)
    return {
      requestBody: {
        required: true,
        content: Object.fromEntries(
          upload.map((type) => [
            type,
            {
              schema: type === "application/json" ? rows : { type: "string" as const },
              example: uploaded?.type === type ? uploaded.content : uploadExamples[type],
            },
          ]),
        ),
      },
    };
  return body
    ? {
        requestBody: {
          required: bodyOptional !== true,
          content: { "application/json": { schema: body, example } },
        },
      }
    : {};
};

const ifNoneMatch = {
  "if-none-match": z
    .string()
    .exactOptional()
    .meta({ description: "The `ETag` of an answer that the caller has." }),
};

/**
 * Headers of these names are no parameters in OpenAPI, which has other places for them: a
 * description of one would be ignored.
 */
const described = ["accept", "authorization", "content-type"];

const headerParametersOf = ({ headers, revalidates }: Endpoint): z.ZodObject | undefined => {
  const shape = Object.fromEntries(
    Object.entries({
      ...headers?._zod.def.shape,
      ...(revalidates === true && ifNoneMatch),
    }).filter(([name]) => !described.includes(name)),
  ) as z.ZodRawShape;
  return Object.keys(shape).length === 0 ? undefined : z.object(shape);
};

const parametersOf = (definition: Endpoint): ZodOpenApiParameters => {
  const header = headerParametersOf(definition);
  return {
    ...(definition.params && { path: definition.params }),
    ...(definition.query && { query: definition.query }),
    ...(header && { header }),
  };
};

interface AnyExample {
  readonly request: {
    readonly params?: Readonly<Record<string, unknown>>;
    readonly query?: Readonly<Record<string, unknown>>;
    readonly headers?: Readonly<Record<string, unknown>>;
    readonly body?: unknown;
    readonly upload?: { readonly type: string; readonly content: unknown };
  };
  readonly responses: Readonly<Record<number, unknown>>;
  /** By format, where it `exports`. */
  readonly files?: Readonly<Record<string, string>>;
}

const operationOf = (
  key: ContractKey,
  definition: Endpoint,
  serverUrl: string,
): ZodOpenApiOperationObject => {
  const example = examples[key] as AnyExample;
  return {
    operationId: `${methodOf(key).toLowerCase()}${pathOf(key).replaceAll(/[^A-Za-z]+([A-Za-z]?)/g, (_, letter: string) => letter.toUpperCase())}`,
    summary: definition.summary,
    description: [
      definition.description,
      describeAccess(definition.access),
      describeFreshSignIn(definition.freshSignIn),
      definition.displays && "The token of a display link will do as well, for its own section.",
    ]
      .filter(Boolean)
      .join("\n\n"),
    tags: [definition.tag],
    security: securityOf(definition, isUnsafe(methodOf(key))),
    requestParams: parametersOf(definition),
    ...requestBodyOf(definition, example.request),
    responses: {
      ...Object.fromEntries(
        Object.entries(definition.responses).map(([status, response]) => [
          status,
          {
            description: response === null ? "Done." : `${definition.summary}.`,
            headers: headersReferred(headersOfSuccess(definition, Number(status))),
            ...contentOf(definition, response, {
              response: example.responses[Number(status)],
              files: example.files,
            }),
          },
        ]),
      ),
      ...(definition.revalidates === true && {
        304: {
          description: "The caller has this answer already.",
          headers: headersReferred(headersOfSuccess(definition, 304)),
        },
      }),
      ...problemResponses(definition, errorsOf(key, definition)),
    },
    "x-codeSamples": codeSamplesOf(serverUrl, key, definition, example.request),
  };
};

const tagDescriptions: Readonly<Record<string, string>> = {
  Session: "Signing in, staying signed in, signing out.",
  Account: "What belongs to whoever is signed in.",
  Users: "People, for those who administer.",
  Roles: "What people are in, and have permissions and grants by.",
  Setup: "The first admin of an installation.",
  Grants: "Who may see which section: users, and everybody in a role.",
  "Access requests": "Who asks for a section, and what is answered.",
  "Display links": "Wall screens, each of which shows one section.",
  Sections: "The pages of the dashboard, with their panels.",
  Datasets: "The rows that panels are made from.",
  Sessions: "Who is signed in, on which devices.",
  "Audit trail": "Who did what.",
  Discovery: "What an installation tells about itself.",
};

const override: ZodOpenApiOverride = ({ jsonSchema, zodSchema, io }) => {
  // True of what parsing makes, which nobody may change; whoever sends it may well write it.
  delete jsonSchema.readOnly;
  // OpenAPI 3.1 has JSON Schema's word.
  if ("example" in jsonSchema) {
    jsonSchema.examples = [jsonSchema["example"]];
    delete jsonSchema["example"];
  }
  // An escape that only JavaScript's own notation needs; some generators take it for the end of
  // theirs.
  if (jsonSchema.pattern !== undefined)
    jsonSchema.pattern = jsonSchema.pattern.replaceAll("\\/", "/");
  if (io !== "output") return;
  // Members may be added to responses without breaking a client that was generated before …
  delete jsonSchema.additionalProperties;
  // … so that one form of a union may fit another one, too.
  if (jsonSchema.oneOf && !("discriminator" in zodSchema._zod.def)) {
    jsonSchema.anyOf = jsonSchema.oneOf;
    delete jsonSchema.oneOf;
  }
};

/**
 * What a member is without being sent, in words: openapi-typescript takes a member with a `default`
 * for one that has to be sent.
 */
const sayDefaults = (schema: unknown): void => {
  if (Array.isArray(schema)) schema.forEach(sayDefaults);
  else if (typeof schema === "object" && schema !== null) {
    const members = schema as { default?: unknown; description?: string };
    if ("default" in members && !Array.isArray(members.default)) {
      const told = members.description === undefined ? "" : `${members.description} `;
      members.description = `${told}Without it: \`${JSON.stringify(members.default)}\`.`;
      delete members.default;
    }
    Object.values(members).forEach(sayDefaults);
  }
};

interface DescribedParameter {
  readonly in: "path" | "query" | "header";
  readonly name: string;
  example?: unknown;
}

/** The same values as in the lines of code. */
const addParameterExamples = (
  parameters: readonly DescribedParameter[] | undefined,
  { request: { params, query, headers } }: AnyExample,
): void => {
  const given = { path: params, query, header: headers };
  for (const parameter of parameters ?? []) {
    const value = given[parameter.in]?.[parameter.name];
    if (value !== undefined) parameter.example = value;
  }
};

/**
 * The OpenAPI 3.1 document of the whole contract.
 * @param options.serverUrl the API's public URL
 * @param options.accessCookie, options.refreshCookie the names of the cookies, which depend on the
 * installation
 */
export const createOpenApiDocument = (options: {
  serverUrl: string;
  version: string;
  accessCookie: string;
  refreshCookie: string;
}): Record<string, unknown> => {
  const { serverUrl, version, accessCookie, refreshCookie } = options;
  const keys = Object.keys(contract) as ContractKey[];
  const addressOf = (key: ContractKey): string => pathOf(key).replaceAll(/:([A-Za-z]+)/g, "{$1}");
  const paths: ZodOpenApiPathsObject = {};
  for (const key of keys)
    paths[addressOf(key)] = {
      ...paths[addressOf(key)],
      [methodOf(key).toLowerCase()]: operationOf(key, contract[key], serverUrl),
    };
  const codes = new Set(keys.flatMap((key) => errorsOf(key, contract[key])));
  const document = createDocument(
    {
      openapi: "3.1.0",
      info: {
        title: "Sallyport",
        version,
        description:
          "A team's dashboards behind one sign-in. A program signs in with `delivery: \"body\"` and sends its access token as `Authorization: Bearer`; a browser has cookies, and sends its session's `csrfToken` as `X-CSRF-Token` with each change.",
        license: { name: "MIT", identifier: "MIT" },
      },
      servers: [{ url: serverUrl }],
      tags: [...new Set(keys.map((key) => contract[key].tag))].map((name) => ({
        name,
        description: tagDescriptions[name] ?? "",
      })),
      paths,
      components: {
        headers: Object.fromEntries(
          Object.entries(responseHeaders).map(([name, { description, example, isAlwaysSent }]) => [
            name,
            { description, required: isAlwaysSent, schema: { type: "string" as const }, example },
          ]),
        ),
        examples: Object.fromEntries(
          [...codes].map((code) => [
            code,
            { summary: errorCatalogue[code].title, value: exampleOfProblem(code, serverUrl) },
          ]),
        ),
        securitySchemes: {
          bearer: {
            type: "http",
            scheme: "bearer",
            bearerFormat: "at+jwt (RFC 9068)",
            description: "The `accessToken` of a session that is delivered in the body.",
          },
          basic: {
            type: "http",
            scheme: "basic",
            description: "User name and password (RFC 7617, UTF-8), in place of those in the body.",
          },
          accessCookie: {
            type: "apiKey",
            in: "cookie",
            name: accessCookie,
            description:
              "Set by a sign-in with cookies. The browser sends it, and it is of no use as a bearer token.",
          },
          refreshCookie: {
            type: "apiKey",
            in: "cookie",
            name: refreshCookie,
            description: "Set by a sign-in with cookies. The browser sends it.",
          },
          csrfToken: {
            type: "apiKey",
            in: "header",
            name: "X-CSRF-Token",
            description:
              "The `csrfToken` of the session, with every change that a cookie authenticates.",
          },
        },
      },
    },
    { override },
  ) as unknown as {
    paths: Record<string, Record<string, { parameters?: DescribedParameter[] }>>;
    components: { schemas: unknown };
  };
  sayDefaults(document.components.schemas);
  for (const key of keys)
    addParameterExamples(
      document.paths[addressOf(key)]?.[methodOf(key).toLowerCase()]?.parameters,
      examples[key],
    );
  return document;
};
