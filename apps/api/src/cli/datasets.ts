import { createReadStream, statSync } from "node:fs";
import { resolve } from "node:path";
import { stderr, stdin } from "node:process";
import { Option, type Command } from "commander";
import {
  columnTypes,
  delimiters,
  encodings,
  newDataset,
  type ColumnType,
  type DatasetColumn,
  type NumberFormat,
  type Delimiter,
  type Encoding,
} from "@sallyport/shared/contract";
import {
  AppError,
  inPlainWords,
  issuesOf,
  nullMarkersOf,
  sampleBytes,
  type CsvOptions,
  withoutSources,
  type RowFormat,
} from "@sallyport/shared/core";
import type { Dependencies } from "../dependencies.ts";
import type { Author } from "@sallyport/shared/core";
import type { Progress } from "../stores/imports.ts";
import { ours } from "@sallyport/shared/core";
import { withDependencies } from "./installation.ts";
import { say, Stop } from "./terminal.ts";

interface ImportOptions {
  readonly name: string;
  readonly title?: string;
  readonly attribution?: string;
  readonly append?: true;
  readonly replace?: true;
  readonly format?: RowFormat;
  readonly type: readonly string[];
  readonly label: readonly string[];
  readonly unit: readonly string[];
  readonly number: readonly string[];
  readonly delimiter?: Delimiter;
  readonly encoding?: Encoding;
  readonly decimal?: "point" | "comma";
  readonly header?: "names" | "skip" | "absent";
  readonly nullMarkers?: string;
  readonly dryRun?: true;
}

const authorAt = (at: number): Author => ({ at, by: "command line" });
const count = (number: number, what: string): string =>
  `${number.toLocaleString("en")} ${what}${number === 1 ? "" : "s"}`;
const gather = (value: string, before: readonly string[]): readonly string[] => [...before, value];

const formatOf = (file: string): RowFormat => {
  if (/\.json$/i.test(file)) return "json";
  return /\.(?:ndjson|jsonl)$/i.test(file) ? "ndjson" : "csv";
};

/** `column=value`, of which the value may hold further equals signs. */
const pairsOf = (
  option: string,
  given: readonly string[],
  columns: readonly DatasetColumn[],
): Map<string, string> =>
  new Map(
    given.map((pair) => {
      // A column's name may hold one as well, so that the known names decide.
      const column = columns.map(({ name }) => name).find((name) => pair.startsWith(`${name}=`));
      if (column === undefined)
        throw new Stop(
          `--${option} ${pair}: not COLUMN=${option.toUpperCase()} with a column of the file. Its columns are: ${columns.map(({ name }) => name).join(", ")}.`,
        );
      return [column, pair.slice(column.length + 1)];
    }),
  );

const numberStyles = ["plain", "compact", "percent", "code"] as const;

/** `2` are digits after the point; the rest are styles. */
const numberFormatOf = (column: string, text: string): NumberFormat => {
  const style = numberStyles.find((one) => one === text);
  if (style !== undefined) return { style };
  if (/^[0-6]$/.test(text)) return { digits: Number(text) };
  throw new Stop(
    `--number ${column}=${text}: digits after the point from 0 to 6, or one of ${numberStyles.join(", ")}.`,
  );
};

const correct = (
  columns: readonly DatasetColumn[],
  { type, label, unit, number }: ImportOptions,
): DatasetColumn[] => {
  const [types, labels, units, numbers] = [
    pairsOf("type", type, columns),
    pairsOf("label", label, columns),
    pairsOf("unit", unit, columns),
    pairsOf("number", number, columns),
  ];
  return columns.map((column) => {
    const newType = types.get(column.name);
    if (newType !== undefined && !columnTypes.includes(newType as ColumnType))
      throw new Stop(`--type ${column.name}=${newType}: the types are ${columnTypes.join(", ")}.`);
    const newUnit = units.get(column.name);
    const newFormat = numbers.get(column.name);
    // What was detected of another type says nothing of this one.
    const { format: detected, ...rest } = column;
    const format =
      newFormat !== undefined
        ? numberFormatOf(column.name, newFormat)
        : newType === undefined || newType === column.type
          ? detected
          : undefined;
    return {
      ...rest,
      ...(format && { format }),
      type: (newType ?? column.type) as ColumnType,
      label: labels.get(column.name) ?? column.label,
      ...(newUnit !== undefined && { unit: newUnit }),
    };
  });
};

const showColumns = (columns: readonly DatasetColumn[]): void => {
  const rows = [
    ["column", "type", "label"],
    ...columns.map(({ name, type, label, unit, format }) => {
      const facts = [
        ...(unit === undefined ? [] : [unit]),
        ...(format?.style === undefined ? [] : [format.style]),
        ...(format?.digits === undefined
          ? []
          : [`${format.digits} ${format.digits === 1 ? "digit" : "digits"}`]),
      ];
      return [name, type, facts.length === 0 ? label : `${label} (${facts.join(", ")})`];
    }),
  ];
  const widths = [0, 1].map((position) =>
    Math.max(...rows.map((row) => row[position]?.length ?? 0)),
  );
  for (const row of rows)
    say(
      `  ${row
        .map((cell, position) => cell.padEnd(widths[position] ?? 0))
        .join("  ")
        .trimEnd()}`,
    );
};

/** `Line 3, price: Not a number.`, whichever way the pointer names it. */
const describeRejection = (error: AppError): string => {
  const lines = (error.members.errors ?? []).map(({ pointer, detail }) => {
    const [, line, index, column] = /^\/(?:lines\/(\d+)|(\d+))(?:\/(.*))?$/s.exec(pointer) ?? [];
    const place = line === undefined ? `Row ${Number(index) + 1}` : `Line ${line}`;
    return `${place}${column === undefined ? "" : `, ${column.replaceAll("~1", "/").replaceAll("~0", "~")}`}: ${detail}`;
  });
  return [
    ...lines,
    ...(lines.length >= 100 ? ["There may be more."] : []),
    "Nothing was imported.",
  ].join("\n");
};

/** On a terminal only, in one line that is written over. */
const createProgress = (totalBytes: number) => {
  let width = 0;
  const write = (text: string): void => {
    if (!stderr.isTTY) return;
    stderr.write(`\r${text.padEnd(width)}`);
    width = text.length;
  };
  return {
    show: ({ bytes, rows }: Progress) =>
      write(`${Math.floor((100 * bytes) / Math.max(1, totalBytes))} %, ${count(rows, "row")}`),
    end: () => {
      write("");
      if (stderr.isTTY) stderr.write("\r");
    },
  };
};

const readSample = async (file: string): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(file, { end: sampleBytes - 1 }))
    chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

const importFile = async (
  name: string,
  options: ImportOptions,
  { datasets, imports, now }: Dependencies,
): Promise<void> => {
  const isInput = name === "-";
  // As the user wrote it, or from where the user stands.
  const named = resolve(process.env["INIT_CWD"] ?? "", name);
  let size: number;
  try {
    size = isInput ? 0 : statSync(named).size;
    if (!isInput && statSync(named).isDirectory()) throw new Error("it is a directory");
  } catch (error) {
    throw new Stop(
      `${name}: cannot be read (${error instanceof Error ? error.message : String(error)}).`,
      { cause: error },
    );
  }
  const arrived = isInput
    ? await imports.receive(stdin as AsyncIterable<Uint8Array>)
    : { file: named, bytes: size };
  try {
    const format = options.format ?? formatOf(name);
    const known = (await datasets.list("", Number.MAX_SAFE_INTEGER)).find(
      ({ name }) => name === options.name,
    );
    // One without rows leaves nothing to ask: an import may have been killed before its rows were
    // in.
    if (
      known !== undefined &&
      known.rowCount > 0 &&
      options.append === undefined &&
      options.replace === undefined &&
      options.dryRun === undefined
    )
      throw new Stop(
        `The dataset ${options.name} exists. Say --append to add the rows to it, or --replace to put them in the place of those it has.`,
      );
    if (
      known !== undefined &&
      [options.type, options.label, options.unit, options.number].some((one) => one.length > 0)
    )
      throw new Stop(
        `The dataset ${options.name} exists, and its columns stay as they are: leave out --type, --label, --unit and --number.`,
      );

    const { delimiter, encoding, decimal, header, nullMarkers } = options;
    let csv: CsvOptions = {
      ...(delimiter && { delimiter }),
      ...(encoding && { encoding }),
      ...(decimal && { decimal }),
      ...(header && { header }),
      ...(nullMarkers !== undefined && { nullMarkers: nullMarkersOf(nullMarkers) }),
    };
    let columns: readonly DatasetColumn[];
    if (known === undefined) {
      const sample = await readSample(arrived.file);
      const detected = await imports.detect(
        sample,
        arrived.bytes > sample.length,
        { format, csv },
        ours,
      );
      columns = correct(withoutSources(detected.columns), options);
      if (detected.header !== undefined) csv = { ...csv, header: detected.header };
      const types = `types by the first ${count(detected.rowsSeen, "row")}:\n`;
      say(
        detected.format === "csv"
          ? `Read as ${detected.encoding}, separated by ${detected.delimiter}${detected.decimal === "comma" ? ", with decimal commas" : ""}; ${types}`
          : `Read as ${detected.format === "json" ? "JSON" : "lines of JSON"}; ${types}`,
      );
      showColumns(columns);
      say("");
      if (detected.suggestedNullMarkers.length > 0)
        say(
          `Some columns are text only because of ${detected.suggestedNullMarkers.map((marker) => JSON.stringify(marker)).join(", ")}. If that stands for an empty cell, say --null-markers '${detected.suggestedNullMarkers.join(",")}'.\n`,
        );
      for (const { column, type, count: odd, line, text } of detected.strays)
        say(
          `The column ${JSON.stringify(column)} is text only because of ${count(odd, "cell")}, such as ${JSON.stringify(text)} on line ${line}. All others are of the type ${type}.\n`,
        );
    } else columns = known.columns;

    const given = {
      name: options.name,
      title: options.title ?? known?.title ?? options.name,
      ...(options.attribution !== undefined && { attribution: options.attribution }),
      columns,
    };
    const definition = newDataset.safeParse(given, inPlainWords);
    if (!definition.success)
      throw new Stop(
        issuesOf("", given, definition.error)
          .map(({ pointer, detail }) => `${pointer}: ${detail}`)
          .join("\n"),
      );

    const order = {
      dataset: options.name,
      mode: options.append ? "append" : "replace",
      format,
      csv,
      file: arrived.file,
      author: authorAt(now()),
    } as const;
    const progress = createProgress(arrived.bytes);
    if (known === undefined && !options.dryRun) await datasets.add(definition.data, order.author);
    try {
      const { rows, rowCount, read } = await imports.startFile(
        options.dryRun ? { ...order, dryRun: columns } : order,
        progress.show,
      );
      progress.end();
      if (read.blankRows)
        say(
          `${count(read.blankRows, "line")} with nothing in ${read.blankRows === 1 ? "it was" : "them were"} passed over.`,
        );
      say(
        options.dryRun
          ? `All of ${count(rows, "row")} fit. Nothing was imported.`
          : `${count(rows, "row")} imported. The dataset ${options.name} has ${count(rowCount, "row")} now.`,
      );
    } catch (error) {
      progress.end();
      if (known === undefined && !options.dryRun) await datasets.remove(options.name, order.author);
      if (error instanceof AppError && error.code === "rows_rejected")
        throw new Stop(describeRejection(error), { cause: error });
      throw error;
    }
  } finally {
    if (isInput) imports.discard(arrived);
  }
};

export const addDatasetCommands = (program: Command): void => {
  const datasets = program.command("datasets").description("datasets and their rows");

  datasets
    .command("list")
    .description("every dataset, with its columns")
    .action(() =>
      withDependencies(async ({ datasets }) => {
        const all = await datasets.list("", Number.MAX_SAFE_INTEGER);
        if (all.length === 0) say("There are no datasets yet.");
        for (const { name, title, rowCount, updatedAt, columns } of all)
          say(
            `${name}: ${title}; ${count(rowCount, "row")}, changed ${new Date(updatedAt).toISOString()}\n  ${columns.map((column) => `${column.name} (${column.type})`).join(", ")}`,
          );
      }),
    );

  datasets
    .command("import <file>")
    .description(
      "read the rows of a CSV, JSON or NDJSON file into a dataset, all or none; - reads standard input",
    )
    .requiredOption(
      "--name <name>",
      "the dataset; it is made from the file's columns when there is none",
    )
    .option("--append", "add the rows to those there are")
    .option("--replace", "put the rows in the place of those there are")
    .option("--title <title>", "of a new dataset")
    .option("--attribution <text>", "of a new dataset: where the rows come from")
    .option(
      "--type <column=type>",
      `correct a column's type: ${columnTypes.join(", ")}`,
      gather,
      [],
    )
    .option("--label <column=label>", "name a column as it is to be shown", gather, [])
    .option("--unit <column=unit>", "name a column's unit", gather, [])
    .option(
      "--number <column=format>",
      `how a column's numbers are written: ${numberStyles.join(", ")}, or how many digits after the point`,
      gather,
      [],
    )
    .addOption(
      new Option("--format <format>", "without it, by the name of the file").choices([
        "csv",
        "json",
        "ndjson",
      ]),
    )
    .addOption(new Option("--delimiter <name>", "recognised without it").choices(delimiters))
    .addOption(new Option("--encoding <name>", "recognised without it").choices(encodings))
    .addOption(new Option("--decimal <mark>", "recognised without it").choices(["point", "comma"]))
    .addOption(
      new Option(
        "--header <use>",
        "whether the first line names the columns, is skipped, or is absent",
      ).choices(["names", "skip", "absent"]),
    )
    .option(
      "--null-markers <list>",
      "what else than an empty cell stands for null in a CSV file, such as NA,n/a,-",
    )
    .option("--dry-run", "read everything and tell what would be imported")
    .action((file: string, options: ImportOptions) => {
      if (options.append && options.replace) throw new Stop("Say either --append or --replace.");
      return withDependencies((dependencies) => importFile(file, options, dependencies));
    });

  datasets
    .command("delete <name>")
    .description("delete a dataset and its rows, unless panels read it")
    .action((name: string) =>
      withDependencies(async ({ datasets, now }) => {
        const { rowCount } = await datasets.find(name);
        await datasets.remove(name, authorAt(now()));
        say(`The dataset ${name} is deleted, with ${count(rowCount, "row")}.`);
      }),
    );

  datasets
    .command("delete-rows <name>")
    .description(
      "delete the rows with from ≤ value < to in a column; one of the bounds may be missing",
    )
    .requiredOption("--column <column>", "a column that has an order")
    .option("--from <value>", "the first value to go")
    .option("--to <value>", "the first value to stay")
    .action((name: string, range: { column: string; from?: string; to?: string }) =>
      withDependencies(async ({ datasets, now }) => {
        const { deleted, rowCount } = await datasets.removeRows(name, range, authorAt(now()));
        say(
          `${count(deleted, "row")} deleted. The dataset ${name} has ${count(rowCount, "row")} now.`,
        );
      }),
    );
};
