import { asc, eq, sql } from "drizzle-orm";
import type { SigningKeyStore } from "@sallyport/shared/core";
import type { Parts } from "./parts.ts";
import { signingKeys } from "./schema.ts";

export const createSigningKeyStore = ({
  orm,
  writer,
}: Pick<Parts, "orm" | "writer">): SigningKeyStore => ({
  list: () => orm.select().from(signingKeys).orderBy(asc(signingKeys.activatesAt)).all(),
  change: ({ add, update, removedBefore }) =>
    writer.write(() => {
      for (const key of add) orm.insert(signingKeys).values(key).run();
      for (const { kid, ...changes } of update)
        orm.update(signingKeys).set(changes).where(eq(signingKeys.kid, kid)).run();
      orm
        .delete(signingKeys)
        .where(sql`${signingKeys.removedAt} < ${removedBefore}`)
        .run();
    }),
});
