/** The sample's datasets, from the files of the package vega-datasets, and what its catalogue says about their sources. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type { DatasetColumn } from "@sallyport/shared/contract";
import type { NewDataset } from "../datasets/datasets.ts";

type JsonRow = Readonly<Record<string, string | number | null>>;

export interface SampleDataset extends NewDataset {
  /** Rows by column name, or the text of a CSV file with these columns. */
  read(): Promise<{ readonly csv: string } | { readonly rows: readonly JsonRow[] }>;
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

const thousands = (name: string, label: string): DatasetColumn => ({ name, label, type: "decimal", unit: "thousand" });

const stocks: SampleDataset = {
  name: "stocks",
  title: "Monthly stock prices",
  attribution: "vega-datasets, “stocks”: monthly prices of five companies, 2000 to 2010. The catalogue names neither a source nor a licence. Monthly change computed.",
  columns: [
    { name: "symbol", label: "Company", type: "text" },
    { name: "date", label: "Month", type: "date" },
    { name: "price", label: "Price", type: "decimal", unit: "USD" },
    { name: "change", label: "Change on the month before", type: "decimal", unit: "%" },
  ],
  read: async () => {
    const [, ...lines] = (await readText("stocks.csv")).trim().split("\n");
    let before = { symbol: "", price: 0 };
    const rows = lines.map((line) => {
      const [symbol = "", date = "", price = ""] = line.trim().split(",");
      const row = { symbol, date: toIsoDate(date), price: Number(price), change: before.symbol === symbol ? Math.round((Number(price) / before.price - 1) * 10_000) / 100 : null };
      before = row;
      return row;
    });
    return { rows };
  },
};

const employment: SampleDataset = {
  name: "us-employment",
  title: "Employment in the United States",
  attribution: "U.S. Bureau of Labor Statistics, Current Employment Statistics (https://www.bls.gov/ces/), seasonally adjusted. Work of the U.S. government. Via vega-datasets.",
  columns: [
    { name: "month", label: "Month", type: "date" },
    thousands("nonfarm", "All, without farms"),
    thousands("private", "Private"),
    thousands("goods_producing", "Producing goods"),
    thousands("service_providing", "Providing services"),
    thousands("private_service_providing", "Providing private services"),
    thousands("mining_and_logging", "Mining and logging"),
    thousands("construction", "Construction"),
    thousands("manufacturing", "Manufacturing"),
    thousands("durable_goods", "Durable goods"),
    thousands("nondurable_goods", "Nondurable goods"),
    // Spelt as in the file.
    thousands("trade_transportation_utilties", "Trade, transportation, utilities"),
    thousands("wholesale_trade", "Wholesale trade"),
    thousands("retail_trade", "Retail trade"),
    thousands("transportation_and_warehousing", "Transportation and warehousing"),
    thousands("utilities", "Utilities"),
    thousands("information", "Information"),
    thousands("financial_activities", "Financial activities"),
    thousands("professional_and_business_services", "Professional and business services"),
    thousands("education_and_health_services", "Education and health"),
    thousands("leisure_and_hospitality", "Leisure and hospitality"),
    thousands("other_services", "Other services"),
    thousands("government", "Government"),
    thousands("nonfarm_change", "Change on the month before"),
  ],
  read: async () => ({ csv: await readText("us-employment.csv") }),
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

const flights: SampleDataset = {
  name: "flights",
  title: "Flights in the United States",
  attribution:
    "U.S. Bureau of Transportation Statistics, on-time performance (https://www.transtats.bts.gov/), 20,000 flights of January to March 2001. Collected under 14 CFR Part 234; no licence stated. Via vega-datasets.",
  columns: [
    { name: "departure", label: "Departure", type: "timestamp" },
    { name: "delay", label: "Delay", type: "integer", unit: "min" },
    { name: "distance", label: "Distance", type: "integer", unit: "mi" },
    { name: "origin", label: "From", type: "text" },
    { name: "destination", label: "To", type: "text" },
  ],
  // The file has local times without a zone; they stand as if they were UTC.
  read: async () => ({
    rows: (await readJson("flights-20k.json")).map(({ date, ...rest }) => ({ departure: `${String(date).replaceAll("/", "-").replace(" ", "T")}:00Z`, ...rest })),
  }),
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

const gapminder: SampleDataset = {
  name: "gapminder",
  title: "Lives in the world",
  attribution: "Gapminder Foundation (https://www.gapminder.org/data/), CC BY 4.0. Via vega-datasets.",
  columns: [
    // A year is a name here, not a number to reckon with.
    { name: "year", label: "Year", type: "text" },
    { name: "country", label: "Country", type: "text" },
    { name: "population", label: "Population", type: "integer" },
    { name: "lifeExpectancy", label: "Life expectancy", type: "decimal", unit: "years" },
    { name: "fertility", label: "Children per woman", type: "decimal" },
  ],
  read: async () => ({
    rows: (await readJson("gapminder.json")).map((row) => ({
      year: String(row["year"]),
      country: row["country"] ?? null,
      population: row["pop"] ?? null,
      lifeExpectancy: row["life_expect"] ?? null,
      fertility: row["fertility"] ?? null,
    })),
  }),
};

export const sampleDatasets: readonly SampleDataset[] = [stocks, employment, weather, flights, movies, gapminder];
