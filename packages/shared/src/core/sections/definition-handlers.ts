import type { sectionFileEndpoints } from "../../contract/section-files.ts";
import { createSectionSchema } from "../../contract/section-schema.ts";
import { constant } from "../answering/encode-answer.ts";
import { versionTag } from "../answering/entity-tags.ts";
import { recordOf, signedIn, type Handlers } from "../answering/endpoint.ts";
import { AppError } from "../answering/errors.ts";
import type { ImportStore } from "../datasets/import-store.ts";
import { isFreshSignIn } from "../access/fresh-sign-in.ts";
import {
  datasetsOf,
  refuseDefinition,
  refuseOtherSlug,
  sectionSchemaAddress,
  unknownSection,
} from "./decide-import.ts";
import { prepareIndexes } from "./prepare-indexes.ts";
import { definitionOf } from "./section-as-file.ts";
import type { SectionStore } from "./section-store.ts";
import { importSections, type ImportDependencies } from "./import-sections.ts";

interface Dependencies extends ImportDependencies {
  readonly stores: ImportDependencies["stores"] & {
    readonly imports: Pick<ImportStore, "ensureIndexes">;
    readonly sections: Pick<SectionStore, "read">;
  };
  readonly publicUrl: string;
  readonly now: () => number;
  reportFault(error: unknown, requestId: string): void;
}

/** The handlers of sections as files. They take as decided that the caller has the permission. */
export const createDefinitionHandlers = (
  dependencies: Dependencies,
): Pick<Handlers, keyof typeof sectionFileEndpoints> => {
  const { stores, publicUrl, now } = dependencies;
  const $schema = sectionSchemaAddress(publicUrl);
  let schema: ReturnType<typeof createSectionSchema> | undefined;

  return {
    "GET /sections/:slug/definition": async ({ params: { slug }, ok }) => {
      const found = await stores.sections.read(slug);
      if (found === null) throw unknownSection();
      const kept = definitionOf(found);
      return ok(
        200,
        { $schema, ...kept },
        { headers: { ETag: versionTag(found.section.version) } },
      );
    },

    "PUT /sections/:slug/definition": async ({ params: { slug }, headers, body, context, ok }) => {
      refuseOtherSlug(slug, body);
      const outcome = await importSections(dependencies, [body], {
        at: now(),
        audit: recordOf(context),
        preconditions: { ifMatch: headers["if-match"], ifNoneMatch: headers["if-none-match"] },
        publishesNothing: !isFreshSignIn(signedIn(context).authTime, now()),
      });
      if (!outcome.ok) {
        if (outcome.refused === "publication") throw new AppError("fresh_sign_in_required");
        if (outcome.refused === "precondition") throw new AppError("precondition_failed");
        if (outcome.refused === "preconditionRequired")
          throw new AppError("precondition_required", {
            detail: `There is a section ${JSON.stringify(slug)} already. To replace it, send the \`ETag\` of \`GET /sections/${slug}/definition\` in \`If-Match\`, or \`*\` for whichever there is.`,
          });
        return refuseDefinition(outcome.issues.flat());
      }
      const [imported] = outcome.sections;
      if (imported === undefined) throw new Error("A section was imported, and is not there");
      if (imported.outcome !== "unchanged")
        prepareIndexes(dependencies, datasetsOf(body), context.requestId);
      return ok(
        imported.outcome === "created" ? 201 : 200,
        { $schema, ...imported.definition },
        { headers: { ETag: imported.etag } },
      );
    },

    "GET /schemas/section.json": ({ ok }) =>
      ok(200, (schema ??= constant(createSectionSchema($schema))), {
        headers: { "Cache-Control": "no-cache" },
      }),
  };
};
