/** The sample's sections. Definitions are data: they pass the same schema as those that come from anywhere else. */
import type { Aggregate, Filter, PanelDefinition, Query, Selection } from "@sallyport/shared/contract";

export interface SampleSection {
  readonly slug: string;
  readonly title: string;
  readonly description: string;
  readonly icon: string;
  readonly visibility: "public" | "restricted";
  readonly panels: readonly PanelDefinition[];
}

const markdown = (title: string, text: string): PanelDefinition => ({ kind: "markdown", title, width: 12, text });
/** What the number counts is the label of its column, which stands under it. */
const metric = (title: string, query: Query, width = 3): PanelDefinition => ({ kind: "metric", title, width, query });
const table = (title: string, description: string, width: 6 | 12, query: Query): PanelDefinition => ({ kind: "table", title, description, width, query });

const plain = (...columns: string[]): Selection[] => columns.map((column) => ({ column }));
const count = (name: string, label: string): Selection => ({ aggregate: "count", name, label });
const aggregate = (kind: Aggregate, column: string, name: string, label: string): Selection => ({ aggregate: kind, column, name, label });
const descending = (name: string) => [{ name, direction: "descending" }] as const;
const ascending = (name: string) => [{ name, direction: "ascending" }] as const;
const equal = (column: string, value: string): Filter => ({ column, is: "equal", value });

const latest = (selection: Selection): Query => ({ dataset: "gapminder", select: [selection], filter: equal("year", "2005") });

const welcome: SampleSection = {
  slug: "welcome",
  title: "Welcome",
  description: "What this is, and what you can do here. Anyone may read this page.",
  icon: "door-enter",
  visibility: "public",
  panels: [
    markdown(
      "Welcome to Sallyport",
      `Sallyport puts a team's dashboards behind one sign-in. You sign in once, and see the **sections** that you have been granted.

- This section is **public**: it is here for everyone, signed in or not.
- The others are **restricted**. If you open one that you may not see, you are told so and can ask for access.
- Each section is made of panels: numbers, tables and text. Only the result of a panel's query ever leaves the server.

The data here are samples. Each section names its sources.`,
    ),
    metric("Life expectancy", latest(aggregate("average", "lifeExpectancy", "lifeExpectancy", "mean of the countries, 2005")), 4),
    metric("Children per woman", latest(aggregate("average", "fertility", "fertility", "mean of the countries, 2005")), 4),
    metric("Countries", latest(aggregate("distinct", "country", "countries", "in the sample")), 4),
    table("Fifty years", "The mean of the countries in the sample, every five years.", 6, {
      dataset: "gapminder",
      select: [
        { column: "year" },
        aggregate("average", "lifeExpectancy", "lifeExpectancy", "Life expectancy"),
        aggregate("average", "fertility", "fertility", "Children per woman"),
      ],
      orderBy: ascending("year"),
    }),
    table("Longest lives", "Countries of the highest life expectancy in 2005.", 6, {
      dataset: "gapminder",
      select: plain("country", "lifeExpectancy", "population"),
      filter: equal("year", "2005"),
      orderBy: descending("lifeExpectancy"),
      limit: 11,
    }),
  ],
};

const latestPrice = (symbol: string, company: string): PanelDefinition =>
  metric(company, {
    dataset: "stocks",
    select: plain("price", "change", "date"),
    filter: equal("symbol", symbol),
    orderBy: descending("date"),
    limit: 1,
    timeColumn: "date",
  });

const finance: SampleSection = {
  slug: "finance",
  title: "Finance",
  description: "Share prices of five technology companies, month by month.",
  icon: "report-money",
  visibility: "restricted",
  panels: [
    markdown(
      "About these numbers",
      "Ten years of **monthly share prices**, January 2000 to March 2010: from the end of one boom, through a crash, into the next. Prices are in US dollars.",
    ),
    latestPrice("AAPL", "Apple"),
    latestPrice("AMZN", "Amazon"),
    latestPrice("GOOG", "Google"),
    latestPrice("IBM", "IBM"),
    table("Range of prices", "Over all months for which there is a price. Google is listed from August 2004.", 6, {
      dataset: "stocks",
      select: [
        { column: "symbol" },
        aggregate("minimum", "price", "lowest", "Lowest"),
        aggregate("average", "price", "mean", "Mean"),
        aggregate("maximum", "price", "highest", "Highest"),
        count("months", "Months"),
      ],
      orderBy: descending("highest"),
      timeColumn: "date",
    }),
    table("Worst months", "The months in which a share lost most of its price.", 6, {
      dataset: "stocks",
      select: [{ column: "date" }, { column: "symbol" }, { column: "change", label: "Change" }, { column: "price", label: "Price after it" }],
      filter: { column: "change", is: "less", value: 0 },
      orderBy: ascending("change"),
      limit: 8,
      timeColumn: "date",
    }),
    table("The last two years", "Every price since April 2008, newest first.", 12, {
      dataset: "stocks",
      select: plain("date", "symbol", "price", "change"),
      filter: { column: "date", is: "atLeast", value: "2008-04-01" },
      orderBy: [
        { name: "date", direction: "descending" },
        { name: "symbol", direction: "ascending" },
      ],
      timeColumn: "date",
    }),
  ],
};

const latestEmployment = (title: string, ...columns: string[]): PanelDefinition =>
  metric(title, {
    dataset: "us-employment",
    select: plain(...columns, "month"),
    orderBy: descending("month"),
    limit: 1,
    timeColumn: "month",
  });

const people: SampleSection = {
  slug: "people",
  title: "People",
  description: "How many people work, and where.",
  icon: "users",
  visibility: "restricted",
  panels: [
    markdown(
      "About these numbers",
      "People employed in the United States, **in thousands**, 2006 to 2015, seasonally adjusted. Farms are not counted. The losses of 2008 and 2009, and the slow way back, are plain to see.",
    ),
    latestEmployment("Employed", "nonfarm", "nonfarm_change"),
    latestEmployment("In private companies", "private"),
    latestEmployment("In government", "government"),
    latestEmployment("In education and health", "education_and_health_services"),
    table("The last twelve months", "Newest first.", 12, {
      dataset: "us-employment",
      select: [
        ...plain("month", "nonfarm"),
        { column: "nonfarm_change", label: "Change" },
        ...plain("manufacturing", "construction", "retail_trade", "education_and_health_services", "government"),
      ],
      orderBy: descending("month"),
      limit: 12,
      timeColumn: "month",
    }),
    table("Most jobs lost", "The months with the largest losses.", 6, {
      dataset: "us-employment",
      select: [{ column: "month" }, { column: "nonfarm_change", label: "Change" }, { column: "nonfarm", label: "Employed after it" }],
      orderBy: ascending("nonfarm_change"),
      limit: 8,
      timeColumn: "month",
    }),
    table("Most jobs gained", "The months with the largest gains.", 6, {
      dataset: "us-employment",
      select: [{ column: "month" }, { column: "nonfarm_change", label: "Change" }, { column: "nonfarm", label: "Employed after it" }],
      orderBy: descending("nonfarm_change"),
      limit: 8,
      timeColumn: "month",
    }),
  ],
};

const operations: SampleSection = {
  slug: "operations",
  title: "Operations",
  description: "Flights and their delays, and the weather.",
  icon: "plane",
  visibility: "restricted",
  panels: [
    markdown(
      "About these numbers",
      "A sample of 20,000 **flights within the United States**, January to March 2001, and four years of **weather in Seattle**. A negative delay is an early arrival. Times of departure are local; they are shown as if they were UTC.",
    ),
    metric("Flights", { dataset: "flights", select: [count("flights", "in the sample")], timeColumn: "departure" }),
    metric("Mean delay", { dataset: "flights", select: [aggregate("average", "delay", "delay", "early arrivals count as negative")], timeColumn: "departure" }),
    metric("More than an hour late", {
      dataset: "flights",
      select: [count("flights", "flights")],
      filter: { column: "delay", is: "greater", value: 60 },
      timeColumn: "departure",
    }),
    metric("Wet days in Seattle", {
      dataset: "seattle-weather",
      select: [count("days", "with rain, drizzle or snow, 2012 to 2015")],
      filter: { column: "weather", is: "in", values: ["rain", "drizzle", "snow"] },
      timeColumn: "date",
    }),
    table("Busiest airports", "By departures in the sample.", 6, {
      dataset: "flights",
      select: [
        { column: "origin", label: "Airport" },
        count("flights", "Departures"),
        aggregate("average", "delay", "delay", "Mean delay"),
        aggregate("distinct", "destination", "destinations", "Destinations"),
      ],
      orderBy: descending("flights"),
      limit: 10,
      timeColumn: "departure",
    }),
    table("Longest delays", "The flights that were latest.", 6, {
      dataset: "flights",
      select: plain("departure", "delay", "origin", "destination"),
      orderBy: descending("delay"),
      limit: 10,
      timeColumn: "departure",
    }),
    table("Weather in Seattle", "Days by weather, with the means of those days.", 12, {
      dataset: "seattle-weather",
      select: [
        { column: "weather" },
        { aggregate: "count", name: "days", label: "Days" },
        aggregate("average", "temp_max", "temp_max", "Mean highest temperature"),
        aggregate("average", "temp_min", "temp_min", "Mean lowest temperature"),
        aggregate("sum", "precipitation", "precipitation", "Precipitation in all"),
        aggregate("maximum", "wind", "wind", "Strongest wind"),
      ],
      orderBy: descending("days"),
      timeColumn: "date",
    }),
  ],
};

const marketing: SampleSection = {
  slug: "marketing",
  title: "Marketing",
  description: "What films cost, what they earn and what people think of them.",
  icon: "speakerphone",
  visibility: "restricted",
  panels: [
    markdown(
      "About these numbers",
      "Some **3,200 films** with their budgets, takings and ratings. The set was made for teaching and has gaps: a mean counts only the films for which the number is known.",
    ),
    metric("Films", { dataset: "movies", select: [count("films", "in the sample")], timeColumn: "released" }),
    metric("Gross worldwide", { dataset: "movies", select: [aggregate("sum", "worldwideGross", "gross", "of all films together")], timeColumn: "released" }),
    metric("Mean budget", { dataset: "movies", select: [aggregate("average", "budget", "budget", "of the films whose budget is known")], timeColumn: "released" }),
    metric("Mean IMDb rating", {
      dataset: "movies",
      select: [aggregate("average", "imdbRating", "rating", "out of ten, each film counted once")],
      timeColumn: "released",
    }),
    table("By genre", "Genres by what their films took worldwide.", 12, {
      dataset: "movies",
      select: [
        { column: "genre" },
        count("films", "Films"),
        aggregate("sum", "worldwideGross", "gross", "Gross worldwide"),
        aggregate("average", "budget", "budget", "Mean budget"),
        aggregate("average", "imdbRating", "imdbRating", "Mean IMDb rating"),
        aggregate("average", "rottenTomatoes", "rottenTomatoes", "Mean on Rotten Tomatoes"),
      ],
      filter: { column: "genre", is: "notNull" },
      orderBy: descending("gross"),
      timeColumn: "released",
    }),
    table("Highest gross", "The ten films that took most worldwide.", 6, {
      dataset: "movies",
      select: plain("title", "released", "worldwideGross"),
      orderBy: descending("worldwideGross"),
      limit: 10,
      timeColumn: "released",
    }),
    table("Largest distributors", "By the takings of their films in the US.", 6, {
      dataset: "movies",
      select: [
        { column: "distributor" },
        count("films", "Films"),
        aggregate("sum", "usGross", "usGross", "Gross in the US"),
        aggregate("average", "imdbRating", "imdbRating", "Mean IMDb rating"),
      ],
      filter: { column: "distributor", is: "notNull" },
      orderBy: descending("usGross"),
      limit: 10,
      timeColumn: "released",
    }),
  ],
};

export const sampleSections: readonly SampleSection[] = [welcome, marketing, finance, people, operations];
