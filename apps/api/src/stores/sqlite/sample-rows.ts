/** The rows of the sample's datasets, from the files of the package vega-datasets. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type { StoredValue } from "@sallyport/shared/core";
import {
  companies,
  distanceClasses,
  fullMonths,
  industries,
  lateMinutes,
  regions,
  weekdays,
} from "@sallyport/shared/sample";

type JsonRow = Readonly<Record<string, string | number | null>>;

/**
 * Rows by column name, rows as a table stores them, or the text of a CSV file with these columns.
 */
export type SampleRows =
  | { readonly csv: string }
  | { readonly rows: readonly JsonRow[] }
  | { readonly stored: Iterable<readonly StoredValue[]> };

// The package exports its entry alone; the files lie beside the folder that the entry is in.
const require = createRequire(import.meta.url);
const dataFolder = new URL("../data/", pathToFileURL(require.resolve("vega-datasets")));
const readText = (file: string): Promise<string> => readFile(new URL(file, dataFolder), "utf8");
const readJson = async (file: string): Promise<readonly JsonRow[]> =>
  JSON.parse(await readText(file)) as JsonRow[];

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `Jan 1 2000` or `Jun 07 1998` as `YYYY-MM-DD`. */
const toIsoDate = (
  text: string,
  correctYear: (year: number) => number = (year) => year,
): string => {
  const [month = "", day = "", year = ""] = text.split(" ");
  return [correctYear(Number(year)), months.indexOf(month) + 1, day]
    .map((part) => String(part).padStart(2, "0"))
    .join("-");
};

const readCsvLines = async (file: string): Promise<string[][]> => {
  const [, ...lines] = (await readText(file)).trim().split("\n");
  return lines.map((line) => line.trim().split(","));
};

const round = (value: number, digits = 2): number =>
  Math.round(value * 10 ** digits) / 10 ** digits;
/** By how many percent a value is larger than the one before. */
const percentChange = (value: number, before: number): number => round((value / before - 1) * 100);

/** The first month of a year that all five were listed in. */
const indexMonth = "2005-01-01";

const readStocks = async () => {
  const prices = (await readCsvLines("stocks.csv")).map(([symbol = "", date = "", price = ""]) => ({
    company: companies[symbol] ?? symbol,
    month: toIsoDate(date),
    price: Number(price),
  }));
  const indexPrices = new Map(
    prices
      .filter(({ month }) => month === indexMonth)
      .map(({ company, price }) => [company, price]),
  );
  let [before, record] = [{ company: "", price: 0 }, 0];
  const rows = prices.map((row) => {
    const isFirst = row.company !== before.company;
    record = isFirst ? row.price : Math.max(record, row.price);
    const change = isFirst ? null : percentChange(row.price, before.price);
    before = row;
    return {
      ...row,
      index: round((row.price / (indexPrices.get(row.company) ?? Number.NaN)) * 100, 1),
      change,
      belowRecord: percentChange(row.price, record),
    };
  });
  return { rows };
};

interface IndexDay {
  readonly day: string;
  readonly close: number;
  readonly volume: number;
  readonly before: number | null;
}
const readIndexDays = async (): Promise<IndexDay[]> => {
  let before: number | null = null;
  return (await readCsvLines("sp500-2000.csv")).map(
    ([day = "", , , , close = "", , volume = ""]) => {
      const row = { day, close: round(Number(close)), volume: Number(volume), before };
      before = row.close;
      return row;
    },
  );
};

const readIndex = async () => {
  let record = 0;
  const rows = (await readIndexDays()).map(({ before, ...row }) => {
    record = Math.max(record, row.close);
    return {
      ...row,
      swing: before === null ? null : Math.abs(percentChange(row.close, before)),
      belowRecord: percentChange(row.close, record),
    };
  });
  return { rows };
};

const readIndexYears = async () => {
  const days = await readIndexDays();
  const years = [...Map.groupBy(days, ({ day }) => day.slice(0, 4))];
  const rows = years.map(([year, ofYear]) => {
    const [first, last] = [ofYear[0], ofYear.at(-1)] as [IndexDay, IndexDay];
    return {
      year: `${year}-01-01`,
      change: percentChange(last.close, first.before ?? first.close),
      close: last.close,
    };
  });
  return { rows };
};

/** The file counts in thousands. */
const people = (thousands: number): number => Math.round(thousands * 1000);

const readEmploymentMonths = async (): Promise<readonly Readonly<Record<string, string>>[]> => {
  const [header = "", ...lines] = (await readText("us-employment.csv")).trim().split("\n");
  const names = header.trim().split(",");
  return lines.map((line) => {
    const cells = line.trim().split(",");
    return Object.fromEntries(names.map((name, position) => [name, cells[position] ?? ""]));
  });
};

const readEmployment = async () => ({
  rows: (await readEmploymentMonths()).map((row) => ({
    month: String(row["month"]),
    employed: people(Number(row["nonfarm"])),
    private: people(Number(row["private"])),
    government: people(Number(row["government"])),
    goods: people(Number(row["goods_producing"])),
    services: people(Number(row["service_providing"])),
    change: people(Number(row["nonfarm_change"])),
  })),
});

const readEmploymentByIndustry = async () => {
  const months = await readEmploymentMonths();
  const rows = months.flatMap((row, position) =>
    Object.entries(industries).map(([name, industry]) => {
      const employed = people(Number(row[name]));
      const before = months[position - 12];
      const employedBefore = before === undefined ? null : people(Number(before[name]));
      return {
        month: String(row["month"]),
        industry,
        employed,
        yearChange: employedBefore === null ? null : employed - employedBefore,
        yearChangePercent: employedBefore === null ? null : percentChange(employed, employedBefore),
      };
    }),
  );
  return { rows };
};

const readUnemployment = async () => ({
  rows: (await readJson("unemployment-across-industries.json")).map((row) => ({
    month: String(row["date"]).slice(0, 10),
    industry: row["series"] ?? null,
    unemployed: people(Number(row["count"])),
    rate: row["rate"] ?? null,
  })),
});

const readWeather = async () => ({ csv: await readText("seattle-weather.csv") });

const readWeatherNormals = async () => ({
  rows: (await readCsvLines("seattle-weather-hourly-normals.csv")).map(
    ([time = "", , temperature = "", wind = ""]) => ({
      month: fullMonths[Number(time.slice(5, 7)) - 1] ?? null,
      monthNumber: Number(time.slice(5, 7)),
      hour: `${time.slice(11, 13)}:00`,
      temperature: Number(temperature),
      wind: Number(wind),
    }),
  ),
});

const readFlights = async () => {
  const all = JSON.parse(await readText("flights-200k.json")) as readonly {
    readonly delay: number;
    readonly distance: number;
    readonly time: number;
  }[];
  const hours = Array.from({ length: 24 }, (_, hour) => `${String(hour).padStart(2, "0")}:00`);
  // Already as the table stores it, one row at a time: a million values that are known to be good
  // need no checking, and no second copy.
  function* store(): Generator<StoredValue[]> {
    for (const { delay, distance, time } of all)
      yield [
        hours[Math.floor(time)] ?? null,
        delay,
        delay > lateMinutes ? 1 : 0,
        distance,
        distanceClasses.find(([below]) => distance < below)?.[1] ?? null,
      ];
  }
  return { stored: store() };
};

const readFlightsByAirport = async () => {
  const cities = new Map(
    (await readCsvLines("airports.csv")).map(([code = "", , city = ""]) => [code, city]),
  );
  const airport = (code: unknown): string =>
    cities.has(String(code)) ? `${cities.get(String(code))} (${String(code)})` : String(code);
  const rows = (await readJson("flights-20k.json")).map(
    ({ date, delay, distance, origin, destination }) => {
      // The file has local times without a zone; they stand as if they were UTC.
      const departure = `${String(date).replaceAll("/", "-").replace(" ", "T")}:00Z`;
      const day = new Date(departure).getUTCDay();
      return {
        departure,
        weekday: weekdays[day] ?? null,
        weekdayNumber: day === 0 ? 7 : day,
        origin: airport(origin),
        destination: airport(destination),
        delay: delay ?? null,
        late: Number(delay) > lateMinutes ? 1 : 0,
        distance: distance ?? null,
      };
    },
  );
  return { rows };
};

const readMovies = async () => ({
  rows: (await readJson("movies.json"))
    .filter((film) => film["Title"] !== null)
    .map((film) => ({
      // A few titles are numbers in the file, such as 1941.
      title: String(film["Title"]),
      released: toIsoDate(String(film["Release Date"]), (year) =>
        year > 2011 ? year - 100 : year,
      ),
      genre: film["Major Genre"] ?? null,
      rated: film["MPAA Rating"] ?? null,
      director: film["Director"] ?? null,
      distributor: film["Distributor"] ?? null,
      budget: film["Production Budget"] ?? null,
      usGross: film["US Gross"] ?? null,
      worldwideGross: film["Worldwide Gross"] ?? null,
      imdbRating: film["IMDB Rating"] ?? null,
      imdbVotes: film["IMDB Votes"] ?? null,
      rottenTomatoes: film["Rotten Tomatoes Rating"] ?? null,
    })),
});

const readGapminder = async () => ({
  rows: (await readJson("gapminder.json")).map((row) => ({
    year: `${row["year"]}-01-01`,
    yearName: String(row["year"]),
    country: row["country"] ?? null,
    region: regions[Number(row["cluster"])] ?? null,
    population: row["pop"] ?? null,
    lifeExpectancy: row["life_expect"] ?? null,
    fertility: row["fertility"] ?? null,
  })),
});

/** How the rows of each dataset are read, by its name. */
export const sampleRows: Readonly<Record<string, () => Promise<SampleRows>>> = {
  stocks: readStocks,
  sp500: readIndex,
  "sp500-years": readIndexYears,
  "us-employment": readEmployment,
  "us-employment-by-industry": readEmploymentByIndustry,
  "us-unemployment": readUnemployment,
  "seattle-weather": readWeather,
  "seattle-normals": readWeatherNormals,
  flights: readFlights,
  "flights-by-airport": readFlightsByAirport,
  movies: readMovies,
  gapminder: readGapminder,
};
