/** The sample's datasets, from the files of the package vega-datasets, and what its catalogue says about their sources. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type { NewDataset } from "../datasets/datasets.ts";
import type { StoredValue } from "@sallyport/shared/rules";

type JsonRow = Readonly<Record<string, string | number | null>>;

export interface SampleDataset extends NewDataset {
  /** Rows by column name, rows as a table stores them, or the text of a CSV file with these columns. */
  read(): Promise<{ readonly csv: string } | { readonly rows: readonly JsonRow[] } | { readonly stored: Iterable<readonly StoredValue[]> }>;
}

// The package exports its entry alone; the files lie beside the folder that the entry is in.
const require = createRequire(import.meta.url);
const dataFolder = new URL("../data/", pathToFileURL(require.resolve("vega-datasets")));
const readText = (file: string): Promise<string> => readFile(new URL(file, dataFolder), "utf8");
const readJson = async (file: string): Promise<readonly JsonRow[]> => JSON.parse(await readText(file)) as JsonRow[];

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `Jan 1 2000` or `Jun 07 1998` as `YYYY-MM-DD`. */
const toIsoDate = (text: string, correctYear: (year: number) => number = (year) => year): string => {
  const [month = "", day = "", year = ""] = text.split(" ");
  return [correctYear(Number(year)), months.indexOf(month) + 1, day].map((part) => String(part).padStart(2, "0")).join("-");
};

const readCsvLines = async (file: string): Promise<string[][]> => {
  const [, ...lines] = (await readText(file)).trim().split("\n");
  return lines.map((line) => line.trim().split(","));
};

const round = (value: number, digits = 2): number => Math.round(value * 10 ** digits) / 10 ** digits;
/** By how many percent a value is larger than the one before. */
const percentChange = (value: number, before: number): number => round((value / before - 1) * 100);

const companies: Readonly<Record<string, string>> = { AAPL: "Apple", AMZN: "Amazon", GOOG: "Google", IBM: "IBM", MSFT: "Microsoft" };
/** The first month of a year that all five were listed in. */
const indexMonth = "2005-01-01";

const stocks: SampleDataset = {
  name: "stocks",
  title: "Monthly stock prices",
  attribution:
    "vega-datasets, “stocks”: monthly prices of five companies, 2000 to 2010. The catalogue names neither a source nor a licence. Index, monthly change and distance from the record computed.",
  columns: [
    { name: "company", label: "Company", type: "text" },
    { name: "month", label: "Month", type: "date" },
    { name: "price", label: "Price", type: "decimal", unit: "USD" },
    { name: "index", label: "Price, January 2005 = 100", type: "decimal" },
    { name: "change", label: "Change on the month before", type: "decimal", unit: "%" },
    { name: "belowRecord", label: "Below its record", type: "decimal", unit: "%" },
  ],
  read: async () => {
    const prices = (await readCsvLines("stocks.csv")).map(([symbol = "", date = "", price = ""]) => ({
      company: companies[symbol] ?? symbol,
      month: toIsoDate(date),
      price: Number(price),
    }));
    const indexPrices = new Map(prices.filter(({ month }) => month === indexMonth).map(({ company, price }) => [company, price]));
    let [before, record] = [{ company: "", price: 0 }, 0];
    const rows = prices.map((row) => {
      const isFirst = row.company !== before.company;
      record = isFirst ? row.price : Math.max(record, row.price);
      const change = isFirst ? null : percentChange(row.price, before.price);
      before = row;
      return { ...row, index: round((row.price / (indexPrices.get(row.company) ?? Number.NaN)) * 100, 1), change, belowRecord: percentChange(row.price, record) };
    });
    return { rows };
  },
};

const indexAttribution =
  "Yahoo Finance, S&P 500, daily, January 2000 to April 2020, via vega-datasets (“sp500-2000”); the catalogue names no licence. Changes and the distance from the record computed.";

interface IndexDay {
  readonly day: string;
  readonly close: number;
  readonly volume: number;
  readonly before: number | null;
}
const readIndexDays = async (): Promise<IndexDay[]> => {
  let before: number | null = null;
  return (await readCsvLines("sp500-2000.csv")).map(([day = "", , , , close = "", , volume = ""]) => {
    const row = { day, close: round(Number(close)), volume: Number(volume), before };
    before = row.close;
    return row;
  });
};

const index: SampleDataset = {
  name: "sp500",
  title: "S&P 500, day by day",
  attribution: indexAttribution,
  columns: [
    { name: "day", label: "Day", type: "date" },
    { name: "close", label: "At close", type: "decimal" },
    { name: "volume", label: "Shares traded", type: "integer" },
    { name: "swing", label: "Move on the day before, up or down", type: "decimal", unit: "%" },
    { name: "belowRecord", label: "Below its record", type: "decimal", unit: "%" },
  ],
  read: async () => {
    let record = 0;
    const rows = (await readIndexDays()).map(({ before, ...row }) => {
      record = Math.max(record, row.close);
      return { ...row, swing: before === null ? null : Math.abs(percentChange(row.close, before)), belowRecord: percentChange(row.close, record) };
    });
    return { rows };
  },
};

const indexYears: SampleDataset = {
  name: "sp500-years",
  title: "S&P 500, year by year",
  attribution: indexAttribution,
  columns: [
    { name: "year", label: "Year", type: "date" },
    { name: "change", label: "Change over the year", type: "decimal", unit: "%" },
    { name: "close", label: "At the end", type: "decimal" },
  ],
  read: async () => {
    const days = await readIndexDays();
    const years = [...Map.groupBy(days, ({ day }) => day.slice(0, 4))];
    const rows = years.map(([year, ofYear]) => {
      const [first, last] = [ofYear[0], ofYear.at(-1)] as [IndexDay, IndexDay];
      return { year: `${year}-01-01`, change: percentChange(last.close, first.before ?? first.close), close: last.close };
    });
    return { rows };
  },
};

const employmentAttribution =
  "U.S. Bureau of Labor Statistics, Current Employment Statistics (https://www.bls.gov/ces/), seasonally adjusted, 2006 to 2015. Work of the U.S. government. Via vega-datasets.";
/** The file counts in thousands. */
const people = (thousands: number): number => Math.round(thousands * 1000);

const readEmployment = async (): Promise<readonly Readonly<Record<string, string>>[]> => {
  const [header = "", ...lines] = (await readText("us-employment.csv")).trim().split("\n");
  const names = header.trim().split(",");
  return lines.map((line) => {
    const cells = line.trim().split(",");
    return Object.fromEntries(names.map((name, position) => [name, cells[position] ?? ""]));
  });
};

const employment: SampleDataset = {
  name: "us-employment",
  title: "Employment in the United States",
  attribution: employmentAttribution,
  columns: [
    { name: "month", label: "Month", type: "date" },
    { name: "employed", label: "Employed", type: "integer" },
    { name: "private", label: "In private companies", type: "integer" },
    { name: "government", label: "In government", type: "integer" },
    { name: "goods", label: "Producing goods", type: "integer" },
    { name: "services", label: "Providing services", type: "integer" },
    { name: "change", label: "Change on the month before", type: "integer" },
  ],
  read: async () => ({
    rows: (await readEmployment()).map((row) => ({
      month: String(row["month"]),
      employed: people(Number(row["nonfarm"])),
      private: people(Number(row["private"])),
      government: people(Number(row["government"])),
      goods: people(Number(row["goods_producing"])),
      services: people(Number(row["service_providing"])),
      change: people(Number(row["nonfarm_change"])),
    })),
  }),
};

/** The supersectors of the statistics: together they are all who are employed. Spelt as in the file. */
const industries: Readonly<Record<string, string>> = {
  mining_and_logging: "Mining and logging",
  construction: "Construction",
  manufacturing: "Manufacturing",
  trade_transportation_utilties: "Trade and transport",
  information: "Information",
  financial_activities: "Finance",
  professional_and_business_services: "Business services",
  education_and_health_services: "Education, health",
  leisure_and_hospitality: "Leisure, hospitality",
  other_services: "Personal services",
  government: "Government",
};

const employmentByIndustry: SampleDataset = {
  name: "us-employment-by-industry",
  title: "Employment in the United States, by industry",
  attribution: `${employmentAttribution} Change on the year before computed.`,
  columns: [
    { name: "month", label: "Month", type: "date" },
    { name: "industry", label: "Industry", type: "text" },
    { name: "employed", label: "Employed", type: "integer" },
    { name: "yearChange", label: "Change on the year before", type: "integer" },
    { name: "yearChangePercent", label: "Change on the year before", type: "decimal", unit: "%" },
  ],
  read: async () => {
    const months = await readEmployment();
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
  },
};

const unemployment: SampleDataset = {
  name: "us-unemployment",
  title: "Unemployment in the United States, by industry",
  attribution:
    "U.S. Census Bureau and Bureau of Labor Statistics, Current Population Survey, table A-31 (https://www.bls.gov/web/empsit/cpseea31.htm), 2000 to 2010. Work of the U.S. government. Via vega-datasets.",
  columns: [
    { name: "month", label: "Month", type: "date" },
    { name: "industry", label: "Industry", type: "text" },
    { name: "unemployed", label: "Unemployed", type: "integer" },
    { name: "rate", label: "Unemployment rate", type: "decimal", unit: "%" },
  ],
  read: async () => ({
    rows: (await readJson("unemployment-across-industries.json")).map((row) => ({
      month: String(row["date"]).slice(0, 10),
      industry: row["series"] ?? null,
      unemployed: people(Number(row["count"])),
      rate: row["rate"] ?? null,
    })),
  }),
};

const weather: SampleDataset = {
  name: "seattle-weather",
  title: "Weather in Seattle",
  attribution: "NOAA National Climatic Data Center (https://www.ncdc.noaa.gov/cdo-web/datatools/records), daily, 2012 to 2015. Work of the U.S. government. Via vega-datasets.",
  columns: [
    { name: "date", label: "Day", type: "date" },
    { name: "precipitation", label: "Precipitation", type: "decimal", unit: "mm" },
    { name: "temp_max", label: "Highest temperature", type: "decimal", unit: "°C" },
    { name: "temp_min", label: "Lowest temperature", type: "decimal", unit: "°C" },
    { name: "wind", label: "Wind", type: "decimal", unit: "m/s" },
    { name: "weather", label: "Weather", type: "text" },
  ],
  read: async () => ({ csv: await readText("seattle-weather.csv") }),
};

const fullMonths = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

const weatherNormals: SampleDataset = {
  name: "seattle-normals",
  title: "A usual year in Seattle, hour by hour",
  attribution:
    "NOAA National Climatic Data Center, hourly climate normals 1981 to 2010 (https://www.ncdc.noaa.gov/cdo-web/datatools/normals). Work of the U.S. government. Via vega-datasets.",
  columns: [
    // The normals are of a day in no year.
    { name: "month", label: "Month", type: "text" },
    { name: "monthNumber", label: "Month, January = 1", type: "integer" },
    { name: "hour", label: "Hour", type: "text" },
    { name: "temperature", label: "Temperature", type: "decimal", unit: "°C" },
    { name: "wind", label: "Wind", type: "decimal", unit: "m/s" },
  ],
  read: async () => ({
    rows: (await readCsvLines("seattle-weather-hourly-normals.csv")).map(([time = "", , temperature = "", wind = ""]) => ({
      month: fullMonths[Number(time.slice(5, 7)) - 1] ?? null,
      monthNumber: Number(time.slice(5, 7)),
      hour: `${time.slice(11, 13)}:00`,
      temperature: Number(temperature),
      wind: Number(wind),
    })),
  }),
};

const flightsSource =
  "U.S. Bureau of Transportation Statistics, on-time performance (https://www.transtats.bts.gov/). Collected under 14 CFR Part 234; no licence stated. Via vega-datasets";
/** What the airlines' own statistics call late. */
const lateMinutes = 15;
const distanceClasses = [
  [250, "< 250 mi"],
  [500, "250–500 mi"],
  [1_000, "500–1,000 mi"],
  [1_500, "1,000–1,500 mi"],
  [2_000, "1,500–2,000 mi"],
  [Number.POSITIVE_INFINITY, "> 2,000 mi"],
] as const;

const flights: SampleDataset = {
  name: "flights",
  title: "Flights in the United States",
  attribution: `${flightsSource}: 200,000 flights, of which the file has the hour, but not the day. Hour and class of distance computed.`,
  columns: [
    { name: "hour", label: "Hour of departure", type: "text" },
    { name: "delay", label: "Delay", type: "integer", unit: "min" },
    { name: "late", label: "More than 15 minutes late (1 or 0)", type: "integer" },
    { name: "distance", label: "Distance", type: "integer", unit: "mi" },
    { name: "distanceClass", label: "Distance", type: "text" },
  ],
  read: async () => {
    const all = JSON.parse(await readText("flights-200k.json")) as readonly { readonly delay: number; readonly distance: number; readonly time: number }[];
    const hours = Array.from({ length: 24 }, (_, hour) => `${String(hour).padStart(2, "0")}:00`);
    // Already as the table stores it, one row at a time: a million values that are known to be good need no checking, and no second copy.
    function* store(): Generator<StoredValue[]> {
      for (const { delay, distance, time } of all)
        yield [hours[Math.floor(time)] ?? null, delay, delay > lateMinutes ? 1 : 0, distance, distanceClasses.find(([below]) => distance < below)?.[1] ?? null];
    }
    return { stored: store() };
  },
};

const weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

const flightsByAirport: SampleDataset = {
  name: "flights-by-airport",
  title: "Flights in the United States, by airport",
  attribution: `${flightsSource}: 20,000 flights of January to March 2001. Names of cities: Data.gov, Airports. Weekday computed.`,
  columns: [
    { name: "departure", label: "Departure", type: "timestamp" },
    { name: "weekday", label: "Day of the week", type: "text" },
    { name: "weekdayNumber", label: "Day of the week, Monday = 1", type: "integer" },
    { name: "origin", label: "From", type: "text" },
    { name: "destination", label: "To", type: "text" },
    { name: "delay", label: "Delay", type: "integer", unit: "min" },
    { name: "late", label: "More than 15 minutes late (1 or 0)", type: "integer" },
    { name: "distance", label: "Distance", type: "integer", unit: "mi" },
  ],
  read: async () => {
    const cities = new Map((await readCsvLines("airports.csv")).map(([code = "", , city = ""]) => [code, city]));
    const airport = (code: unknown): string => (cities.has(String(code)) ? `${cities.get(String(code))} (${String(code)})` : String(code));
    const rows = (await readJson("flights-20k.json")).map(({ date, delay, distance, origin, destination }) => {
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
    });
    return { rows };
  },
};

const movies: SampleDataset = {
  name: "movies",
  title: "Films",
  attribution:
    "vega-datasets, “movies”, a teaching set with known errors; the catalogue names neither a source nor a licence. Release years that are a century late were corrected.",
  columns: [
    { name: "title", label: "Title", type: "text" },
    { name: "released", label: "Released", type: "date" },
    { name: "genre", label: "Genre", type: "text" },
    { name: "rated", label: "Rated", type: "text" },
    { name: "director", label: "Director", type: "text" },
    { name: "distributor", label: "Distributor", type: "text" },
    { name: "budget", label: "Budget", type: "integer", unit: "USD" },
    { name: "usGross", label: "Gross in the US", type: "integer", unit: "USD" },
    { name: "worldwideGross", label: "Gross worldwide", type: "integer", unit: "USD" },
    { name: "imdbRating", label: "IMDb rating", type: "decimal" },
    { name: "imdbVotes", label: "IMDb votes", type: "integer" },
    { name: "rottenTomatoes", label: "Rotten Tomatoes", type: "integer", unit: "%" },
  ],
  read: async () => ({
    rows: (await readJson("movies.json"))
      .filter((film) => film["Title"] !== null)
      .map((film) => ({
        // A few titles are numbers in the file, such as 1941.
        title: String(film["Title"]),
        released: toIsoDate(String(film["Release Date"]), (year) => (year > 2011 ? year - 100 : year)),
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
  }),
};

/** As the catalogue explains the column `cluster`. */
const regions = ["South Asia", "Europe and Central Asia", "Sub-Saharan Africa", "Americas", "East Asia and Pacific", "Middle East, North Africa"];

const gapminder: SampleDataset = {
  name: "gapminder",
  title: "Lives in the world",
  attribution: "Gapminder Foundation (https://www.gapminder.org/data/), CC BY 4.0: 62 countries, every five years from 1955 to 2005. Via vega-datasets.",
  columns: [
    { name: "year", label: "Year", type: "date" },
    // Its name, for charts whose points stand beside each other: between them are five years of which nothing is known.
    { name: "yearName", label: "Year", type: "text" },
    { name: "country", label: "Country", type: "text" },
    { name: "region", label: "Region", type: "text" },
    { name: "population", label: "Population", type: "integer" },
    { name: "lifeExpectancy", label: "Life expectancy", type: "decimal", unit: "years" },
    { name: "fertility", label: "Children per woman", type: "decimal" },
  ],
  read: async () => ({
    rows: (await readJson("gapminder.json")).map((row) => ({
      year: `${row["year"]}-01-01`,
      yearName: String(row["year"]),
      country: row["country"] ?? null,
      region: regions[Number(row["cluster"])] ?? null,
      population: row["pop"] ?? null,
      lifeExpectancy: row["life_expect"] ?? null,
      fertility: row["fertility"] ?? null,
    })),
  }),
};

export const sampleDatasets: readonly SampleDataset[] = [
  stocks,
  index,
  indexYears,
  employment,
  employmentByIndustry,
  unemployment,
  weather,
  weatherNormals,
  flights,
  flightsByAirport,
  movies,
  gapminder,
];
