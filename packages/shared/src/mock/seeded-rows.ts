/**
 * Rows for the sample's datasets, made up from a seed: the same columns, spans of time and
 * categories as the real ones, and the same shape from afar, so that each section looks as it does
 * on the server. Not one number in them is true.
 */
import { createChance, type Chance } from "./random.ts";
import type { Row } from "./seeded/courses.ts";
import { makeGapminder } from "./seeded/countries.ts";
import { makeEmployment, makeEmploymentByIndustry, makeUnemployment } from "./seeded/employment.ts";
import { makeFlights, makeFlightsByAirport } from "./seeded/flights.ts";
import { makeIndex, makeIndexYears, makeStocks } from "./seeded/markets.ts";
import { makeMovies } from "./seeded/movies.ts";
import { makeWeather, makeWeatherNormals } from "./seeded/weather.ts";

// Datasets that tell of the same thing are made from the same chance, and agree.
const makers: Readonly<Record<string, readonly [chance: string, make: (chance: Chance) => Row[]]>> =
  {
    stocks: ["stocks", makeStocks],
    sp500: ["sp500", makeIndex],
    "sp500-years": ["sp500", makeIndexYears],
    "us-employment": ["employment", makeEmployment],
    "us-employment-by-industry": ["employment", makeEmploymentByIndustry],
    "us-unemployment": ["unemployment", makeUnemployment],
    "seattle-weather": ["weather", makeWeather],
    "seattle-normals": ["weather", makeWeatherNormals],
    flights: ["flights", makeFlights],
    "flights-by-airport": ["airports", makeFlightsByAirport],
    movies: ["movies", makeMovies],
    gapminder: ["gapminder", makeGapminder],
  };

const made = new Map<string, readonly Row[]>();

/**
 * The rows of a dataset of the sample, as a table stores them, in the order of its columns: the
 * same for the same seed. None for any other dataset.
 */
export const seededRows = (seed: number, dataset: string): readonly Row[] => {
  const maker = Object.hasOwn(makers, dataset) ? makers[dataset] : undefined;
  if (maker === undefined) return [];
  const key = `${seed} ${dataset}`;
  const rows = made.get(key) ?? maker[1](createChance(seed, maker[0]));
  made.set(key, rows);
  return rows;
};
