/**
 * SQL that keeps text and values apart. Text comes from the templates in our own sources and from
 * numbers of ours; whatever else is put into a template is bound. So nothing that a person wrote
 * can become a part of a statement.
 */

export type Bound = string | number | bigint | null;

export class Sql {
  readonly text: string;
  /** In the order of the question marks in the text. */
  readonly parameters: readonly Bound[];
  private constructor(text: string, parameters: readonly Bound[]) {
    this.text = text;
    this.parameters = parameters;
  }

  /** For the template `sql` and the names below alone. */
  static readonly make = (text: string, parameters: readonly Bound[]): Sql =>
    new Sql(text, parameters);
}

/**
 * A piece of SQL. Another piece is put in as it is, anything else is bound. Integers that are
 * computed with have to be of the type bigint: a number is bound as a floating-point one.
 */
export const sql = (texts: TemplateStringsArray, ...parts: readonly (Sql | Bound)[]): Sql => {
  let text = texts[0] ?? "";
  const parameters: Bound[] = [];
  for (const [index, part] of parts.entries()) {
    if (part instanceof Sql) {
      text += part.text;
      parameters.push(...part.parameters);
    } else {
      text += "?";
      parameters.push(part);
    }
    text += texts[index + 1] ?? "";
  }
  return Sql.make(text, parameters);
};

export const nothing: Sql = sql``;

export const joinSql = (parts: readonly Sql[], separator: ", " | " AND " | " OR "): Sql =>
  Sql.make(
    parts.map(({ text }) => text).join(separator),
    parts.flatMap(({ parameters }) => parameters),
  );

/** `c0`, `k1`, `v2`: the letter says of what, the number which. */
export const numberedSql = (letter: "c" | "k" | "v" | "p" | "r", position: number): Sql => {
  if (!Number.isSafeInteger(position) || position < 0)
    throw new Error("A column's position is no position");
  return Sql.make(`${letter}${position}`, []);
};

const tableNamePattern = /^dataset_[0-9a-f]{32}$/;

/** @throws Error for a name that this server did not make */
export const tableSql = (name: string): Sql => {
  if (!tableNamePattern.test(name))
    throw new Error("A dataset's table has a name that this server did not make");
  return Sql.make(name, []);
};
