import * as z from "zod";
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
} from "zod-openapi";
import { contract, type ContractKey } from "./contract.ts";
import {
  errorsOf,
  isEventStream,
  methodOf,
  pathOf,
  type Access,
  type Endpoint,
  type EventStream,
  type SimpleAccess,
} from "./endpoint.ts";
import { errorCatalogue, type ErrorCode } from "./error-codes.ts";
import { problem } from "./problem.ts";

const problemResponses = (codes: readonly ErrorCode[]) => {
  const byStatus = Map.groupBy(codes, (code) => errorCatalogue[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, ofStatus]) => [
      String(status),
      {
        description: ofStatus
          .map((code) => `\`${code}\`: ${errorCatalogue[code].title}.`)
          .join(" "),
        content: { "application/problem+json": { schema: problem } },
      },
    ]),
  );
};

const securityOfOne = (access: SimpleAccess): Record<string, string[]>[] => {
  if (access === "public" || access === "one-use-token") return [];
  if (access === "refresh-token") return [{ refreshCookie: [] }, {}];
  const signedIn = [{ accessCookie: [] }, { bearer: [] }];
  return access === "public-or-signed-in" || (typeof access === "object" && "section" in access)
    ? [...signedIn, {}]
    : signedIn;
};
const securityOf = (access: Access): Record<string, string[]>[] =>
  securityOfOne(typeof access === "object" && "otherwise" in access ? access.otherwise : access);

const describeAccess = (access: Access): string => {
  if (typeof access === "string") return `Access: ${access}.`;
  if ("permission" in access)
    return `Access: signed in, with the permission \`${access.permission}\`.`;
  if ("section" in access) return "Access: the section is public, or granted to the user.";
  return `${describeAccess(access.otherwise)} With \`${access.when.query}=${access.when.is}\`: ${describeAccess(access.when.access)}`;
};

/** OpenAPI 3.1 knows no events, so what stands for the stream is one of its events. */
const eventOf = ({ events }: EventStream): z.core.$ZodType =>
  z.union(
    Object.entries(events).map(([event, data]) => z.object({ event: z.literal(event), data })),
  );

const contentOf = (response: Endpoint["responses"][number]) =>
  response === null
    ? undefined
    : isEventStream(response)
      ? { "text/event-stream": { schema: eventOf(response) } }
      : { "application/json": { schema: response } };

const requestBodyOf = ({
  body,
  bodyOptional,
  upload,
}: Endpoint): Pick<ZodOpenApiOperationObject, "requestBody"> => {
  if (upload)
    return {
      requestBody: {
        required: true,
        content: Object.fromEntries(
          upload.map((type) => [type, { schema: { type: "string", contentMediaType: type } }]),
        ),
      },
    };
  return body
    ? {
        requestBody: {
          required: bodyOptional !== true,
          content: { "application/json": { schema: body } },
        },
      }
    : {};
};

const ifNoneMatch = z.object({
  "if-none-match": z
    .string()
    .exactOptional()
    .meta({ description: "The `ETag` of an answer that the caller has." }),
});
const entityTag = {
  ETag: { description: "Of this very answer.", schema: { type: "string" as const } },
};

const operationOf = (key: ContractKey, definition: Endpoint): ZodOpenApiOperationObject => ({
  operationId: `${methodOf(key).toLowerCase()}${pathOf(key).replaceAll(/[^A-Za-z]+([A-Za-z]?)/g, (_, letter: string) => letter.toUpperCase())}`,
  summary: definition.summary,
  description: [definition.description, describeAccess(definition.access)]
    .filter(Boolean)
    .join("\n\n"),
  tags: [definition.tag],
  security: securityOf(definition.access),
  requestParams: {
    ...(definition.params && { path: definition.params }),
    ...(definition.query && { query: definition.query }),
    ...(definition.headers && { header: definition.headers }),
    ...(definition.revalidates === true && { header: ifNoneMatch }),
  },
  ...requestBodyOf(definition),
  responses: {
    ...Object.fromEntries(
      Object.entries(definition.responses).map(([status, response]) => {
        const content = contentOf(response);
        return [
          status,
          content
            ? {
                description: definition.summary,
                content,
                ...(definition.revalidates === true && { headers: entityTag }),
              }
            : { description: "Done." },
        ];
      }),
    ),
    ...(definition.revalidates === true && {
      304: { description: "The caller has this answer already.", headers: entityTag },
    }),
    ...problemResponses(errorsOf(key, definition)),
  },
});

/**
 * The OpenAPI 3.1 document of the whole contract.
 * @param options.serverUrl the API's public URL
 * @param options.accessCookie, options.refreshCookie the names of the cookies, which depend on the installation
 */
export const createOpenApiDocument = (options: {
  serverUrl: string;
  version: string;
  accessCookie: string;
  refreshCookie: string;
}): Record<string, unknown> => {
  const paths: ZodOpenApiPathsObject = {};
  for (const key of Object.keys(contract) as ContractKey[]) {
    const path = pathOf(key).replaceAll(/:([A-Za-z]+)/g, "{$1}");
    paths[path] = {
      ...paths[path],
      [methodOf(key).toLowerCase()]: operationOf(key, contract[key]),
    };
  }
  return createDocument(
    {
      openapi: "3.1.0",
      info: {
        title: "Sallyport",
        version: options.version,
        description: "A team's dashboards behind one sign-in.",
      },
      servers: [{ url: options.serverUrl }],
      paths,
      components: {
        securitySchemes: {
          accessCookie: { type: "apiKey", in: "cookie", name: options.accessCookie },
          refreshCookie: { type: "apiKey", in: "cookie", name: options.refreshCookie },
          bearer: { type: "http", scheme: "bearer", bearerFormat: "at+jwt (RFC 9068)" },
        },
      },
    },
    {
      override: ({ jsonSchema, io }) => {
        // Members may be added to responses without breaking a client that was generated before.
        if (io === "output") delete jsonSchema.additionalProperties;
      },
    },
  ) as unknown as Record<string, unknown>;
};
