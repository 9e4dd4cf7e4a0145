/**
 * What the sample's datasets are called and which columns they have. Their rows come from
 * elsewhere: the server reads them from files, the mock makes them up.
 */
import type { NewDataset } from "../contract/contract.ts";

const stocks: NewDataset = {
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
};

const indexAttribution =
  "Yahoo Finance, S&P 500, daily, January 2000 to April 2020, via vega-datasets (“sp500-2000”); the catalogue names no licence. Changes and the distance from the record computed.";

const index: NewDataset = {
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
};

const indexYears: NewDataset = {
  name: "sp500-years",
  title: "S&P 500, year by year",
  attribution: indexAttribution,
  columns: [
    { name: "year", label: "Year", type: "date" },
    { name: "change", label: "Change over the year", type: "decimal", unit: "%" },
    { name: "close", label: "At the end", type: "decimal" },
  ],
};

const employmentAttribution =
  "U.S. Bureau of Labor Statistics, Current Employment Statistics (https://www.bls.gov/ces/), seasonally adjusted, 2006 to 2015. Work of the U.S. government. Via vega-datasets.";

const employment: NewDataset = {
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
};

const employmentByIndustry: NewDataset = {
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
};

const unemployment: NewDataset = {
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
};

const weather: NewDataset = {
  name: "seattle-weather",
  title: "Weather in Seattle",
  attribution:
    "NOAA National Climatic Data Center (https://www.ncdc.noaa.gov/cdo-web/datatools/records), daily, 2012 to 2015. Work of the U.S. government. Via vega-datasets.",
  columns: [
    { name: "date", label: "Day", type: "date" },
    { name: "precipitation", label: "Precipitation", type: "decimal", unit: "mm" },
    { name: "temp_max", label: "Highest temperature", type: "decimal", unit: "°C" },
    { name: "temp_min", label: "Lowest temperature", type: "decimal", unit: "°C" },
    { name: "wind", label: "Wind", type: "decimal", unit: "m/s" },
    { name: "weather", label: "Weather", type: "text" },
  ],
};

const weatherNormals: NewDataset = {
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
};

const flightsSource =
  "U.S. Bureau of Transportation Statistics, on-time performance (https://www.transtats.bts.gov/). Collected under 14 CFR Part 234; no licence stated. Via vega-datasets";

const flights: NewDataset = {
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
};

const flightsByAirport: NewDataset = {
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
};

const movies: NewDataset = {
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
};

const gapminder: NewDataset = {
  name: "gapminder",
  title: "Lives in the world",
  attribution:
    "Gapminder Foundation (https://www.gapminder.org/data/), CC BY 4.0: 62 countries, every five years from 1955 to 2005. Via vega-datasets.",
  columns: [
    { name: "year", label: "Year", type: "date" },
    // Its name, for charts whose points stand beside each other: between them are five years of
    // which nothing is known.
    { name: "yearName", label: "Year", type: "text" },
    { name: "country", label: "Country", type: "text" },
    { name: "region", label: "Region", type: "text" },
    { name: "population", label: "Population", type: "integer" },
    { name: "lifeExpectancy", label: "Life expectancy", type: "decimal", unit: "years" },
    { name: "fertility", label: "Children per woman", type: "decimal" },
  ],
};

export const sampleDatasets: readonly NewDataset[] = [
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
