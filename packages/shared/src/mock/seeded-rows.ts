/**
 * Rows for the sample's datasets, made up from a seed: the same columns, spans of time and categories as the real ones,
 * and the same shape from afar, so that each section looks as it does on the server. Not one number in them is true.
 */
import {
  companies,
  distanceClasses,
  fullMonths,
  industries,
  lateMinutes,
  regions,
  weekdays,
} from "../sample/sample.ts";
import type { StoredValue } from "../core/core.ts";
import { createChance, type Chance } from "./random.ts";

type Row = readonly StoredValue[];

const day = 86_400_000;
const round = (value: number, digits = 2): number =>
  Math.round(value * 10 ** digits) / 10 ** digits;
const percentChange = (value: number, before: number): number => round((value / before - 1) * 100);
const toDate = (at: number): string => new Date(at).toISOString().slice(0, 10);
const yearOf = (at: number): number =>
  new Date(at).getUTCFullYear() + new Date(at).getUTCMonth() / 12 + new Date(at).getUTCDate() / 366;

/** The first days of months, both included. */
const monthsFrom = (year: number, month: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => Date.UTC(year, month - 1 + index));

/** A line through points, each a year (with its fraction) and a value. */
const along = (
  points: readonly (readonly [year: number, value: number])[],
  year: number,
): number => {
  const next = points.findIndex(([at]) => at >= year);
  if (next === 0) return points[0]?.[1] ?? 0;
  const [after, before] = [points[next], points[next === -1 ? points.length - 1 : next - 1]];
  if (before === undefined || after === undefined) return before?.[1] ?? 0;
  return before[1] + ((year - before[0]) / (after[0] - before[0])) * (after[1] - before[1]);
};

/** Noise that is pulled back: it strays, and does not wander off. */
const createWander = (chance: Chance, step: number, pull: number): (() => number) => {
  let at = 0;
  return () => (at += chance.normal() * step - at * pull);
};

const makeStocks = (chance: Chance): Row[] => {
  const courses: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
    Apple: [
      [2000, 26],
      [2001, 9],
      [2004, 11],
      [2006, 75],
      [2008, 190],
      [2009.1, 88],
      [2010.3, 220],
    ],
    Amazon: [
      [2000, 65],
      [2001.8, 8],
      [2004, 48],
      [2006.5, 32],
      [2008, 90],
      [2008.9, 45],
      [2010.3, 128],
    ],
    Google: [
      [2004.6, 105],
      [2006, 420],
      [2007.9, 690],
      [2008.9, 300],
      [2010, 600],
      [2010.3, 560],
    ],
    IBM: [
      [2000, 100],
      [2002.7, 58],
      [2004, 92],
      [2008.4, 122],
      [2008.9, 80],
      [2010.3, 125],
    ],
    Microsoft: [
      [2000, 40],
      [2001, 20],
      [2004, 22],
      [2007.9, 32],
      [2009.1, 16],
      [2010.3, 29],
    ],
  };
  return Object.values(companies).flatMap((company) => {
    const wander = createWander(chance, 0.07, 0.25);
    const months = company === "Google" ? monthsFrom(2004, 8, 68) : monthsFrom(2000, 1, 123);
    const prices = months.map((month) =>
      round(along(courses[company] ?? [], yearOf(month)) * Math.exp(wander())),
    );
    const base = prices[months.indexOf(Date.UTC(2005, 0))] ?? 1;
    let record = 0;
    return prices.map((price, index): Row => {
      record = Math.max(record, price);
      const before = prices[index - 1];
      return [
        company,
        toDate(months[index] as number),
        price,
        round((price / base) * 100, 1),
        before === undefined ? null : percentChange(price, before),
        percentChange(price, record),
      ];
    });
  });
};

/** Two booms, two falls by half, a long rise, and a fall within weeks. */
const indexCourse: readonly (readonly [number, number])[] = [
  [2000, 1_455],
  [2000.66, 1_520],
  [2002.77, 780],
  [2007.77, 1_560],
  [2008.7, 1_220],
  [2009.19, 680],
  [2011.35, 1_360],
  [2011.75, 1_130],
  [2015.4, 2_120],
  [2016.1, 1_880],
  [2018.72, 2_920],
  [2018.98, 2_380],
  [2020.13, 3_380],
  [2020.23, 2_250],
  [2020.3, 2_870],
];
const makeIndexDays = (
  chance: Chance,
): { readonly day: string; readonly close: number; readonly volume: number }[] => {
  const wander = createWander(chance, 0.009, 0.02);
  const found = [];
  for (let at = Date.UTC(2000, 0, 3); at <= Date.UTC(2020, 3, 17); at += day) {
    if (new Date(at).getUTCDay() % 6 === 0) continue;
    const year = yearOf(at);
    const volume =
      along(
        [
          [2000, 1e9],
          [2007, 3e9],
          [2009, 6e9],
          [2013, 3.4e9],
          [2020.1, 3.6e9],
          [2020.2, 7.5e9],
          [2020.3, 5.5e9],
        ],
        year,
      ) * Math.exp(chance.normal() * 0.16);
    found.push({
      day: toDate(at),
      close: round(along(indexCourse, year) * Math.exp(wander())),
      volume: Math.round(volume / 1e4) * 1e4,
    });
  }
  return found;
};

const makeIndex = (chance: Chance): Row[] => {
  let [before, record]: [number | null, number] = [null, 0];
  return makeIndexDays(chance).map(({ day: on, close, volume }): Row => {
    record = Math.max(record, close);
    const swing = before === null ? null : Math.abs(percentChange(close, before));
    before = close;
    return [on, close, volume, swing, percentChange(close, record)];
  });
};

const makeIndexYears = (chance: Chance): Row[] => {
  const years = [...Map.groupBy(makeIndexDays(chance), ({ day: on }) => on.slice(0, 4))];
  return years.map(([year, days], index): Row => {
    const before = years[index - 1]?.[1].at(-1)?.close ?? days[0]?.close ?? 1;
    const close = days.at(-1)?.close ?? 1;
    return [`${year}-01-01`, percentChange(close, before), close];
  });
};

/** Thousands of people at a few points in time, by industry. */
const employed: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  mining_and_logging: [
    [2006, 670],
    [2008.6, 745],
    [2010, 680],
    [2014.9, 900],
    [2016, 740],
  ],
  construction: [
    [2006, 7_650],
    [2007, 7_720],
    [2010, 5_600],
    [2012, 5_600],
    [2016, 6_600],
  ],
  manufacturing: [
    [2006, 14_200],
    [2008, 13_750],
    [2010, 11_450],
    [2016, 12_330],
  ],
  trade_transportation_utilties: [
    [2006, 26_100],
    [2008, 26_700],
    [2010, 24_500],
    [2016, 27_000],
  ],
  information: [
    [2006, 3_050],
    [2008, 3_020],
    [2010, 2_720],
    [2016, 2_780],
  ],
  financial_activities: [
    [2006, 8_280],
    [2007, 8_390],
    [2010.5, 7_680],
    [2016, 8_200],
  ],
  professional_and_business_services: [
    [2006, 17_300],
    [2008, 18_050],
    [2010, 16_550],
    [2016, 19_900],
  ],
  education_and_health_services: [
    [2006, 18_000],
    [2010, 19_850],
    [2016, 22_400],
  ],
  leisure_and_hospitality: [
    [2006, 12_950],
    [2008, 13_530],
    [2010, 12_980],
    [2016, 15_400],
  ],
  other_services: [
    [2006, 5_420],
    [2008, 5_520],
    [2010, 5_320],
    [2016, 5_650],
  ],
  government: [
    [2006, 21_850],
    [2008.5, 22_500],
    [2010.3, 22_600],
    [2013, 21_850],
    [2016, 22_100],
  ],
};
const employmentMonths = monthsFrom(2006, 1, 120);
/** For each month, how many people work in each industry. */
const makeEmployed = (chance: Chance): ReadonlyMap<string, readonly number[]> =>
  new Map(
    Object.keys(industries).map((name) => {
      const wander = createWander(chance, 0.0012, 0.15);
      return [
        name,
        employmentMonths.map(
          (month) =>
            Math.round(along(employed[name] ?? [], yearOf(month)) * Math.exp(wander())) * 1_000,
        ),
      ];
    }),
  );

const makeEmployment = (chance: Chance): Row[] => {
  const byIndustry = makeEmployed(chance);
  const sum = (index: number, names: readonly string[] = [...byIndustry.keys()]): number =>
    names.reduce((total, name) => total + (byIndustry.get(name)?.[index] ?? 0), 0);
  return employmentMonths.map((month, index): Row => {
    const [all, government, goods] = [
      sum(index),
      sum(index, ["government"]),
      sum(index, ["mining_and_logging", "construction", "manufacturing"]),
    ];
    return [
      toDate(month),
      all,
      all - government,
      government,
      goods,
      all - goods,
      index === 0 ? 250_000 : all - sum(index - 1),
    ];
  });
};

const makeEmploymentByIndustry = (chance: Chance): Row[] => {
  const byIndustry = makeEmployed(chance);
  return employmentMonths.flatMap((month, index) =>
    Object.entries(industries).map(([name, industry]): Row => {
      const now = byIndustry.get(name)?.[index] ?? 0;
      const before = byIndustry.get(name)?.[index - 12];
      return [
        toDate(month),
        industry,
        now,
        before === undefined ? null : now - before,
        before === undefined ? null : percentChange(now, before),
      ];
    }),
  );
};

/** Of each industry: its unemployment rate in good times and at the end, how much winters add, and thousands of people in it. */
const unemployment: readonly (readonly [
  industry: string,
  usual: number,
  worst: number,
  winter: number,
  people: number,
])[] = [
  ["Agriculture", 8, 18, 5, 1_500],
  ["Business services", 5, 11, 0.8, 13_000],
  ["Construction", 6.5, 24, 5, 9_000],
  ["Education and Health", 2.8, 5.6, 0.3, 18_000],
  ["Finance", 2.6, 6.6, 0.2, 9_000],
  ["Government", 2.2, 4.2, 0.2, 20_000],
  ["Information", 4.8, 10, 0.3, 3_300],
  ["Leisure and hospitality", 7.4, 13, 1.4, 11_500],
  ["Manufacturing", 4.6, 12.8, 0.5, 16_500],
  ["Mining and Extraction", 4, 10, 1, 600],
  ["Other", 4.4, 9, 0.5, 6_000],
  ["Self-employed", 2.6, 6, 0.6, 9_500],
  ["Transportation and Utilities", 4.2, 10.5, 0.8, 5_600],
  ["Wholesale and Retail Trade", 5, 10.2, 0.7, 19_500],
];
const makeUnemployment = (chance: Chance): Row[] =>
  unemployment.flatMap(([industry, usual, worst, winter, people]) => {
    const wander = createWander(chance, 0.03, 0.2);
    const course = [
      [2000, usual * 0.8],
      [2003.4, usual * 1.35],
      [2007, usual],
      [2008, usual * 1.05],
      [2010.2, worst],
    ] as const;
    return monthsFrom(2000, 1, 122).map((month): Row => {
      const season = winter * Math.cos(((new Date(month).getUTCMonth() - 0.5) / 6) * Math.PI);
      const rate = round(
        Math.max(0.6, along(course, yearOf(month)) * Math.exp(wander()) + season),
        1,
      );
      return [toDate(month), industry, Math.round((people * rate) / 100) * 1_000, rate];
    });
  });

/** From -1 in January to 1 in July. */
const seasonOf = (at: number): number =>
  -Math.cos(((at - Date.UTC(new Date(at).getUTCFullYear(), 0, 15)) / (365.25 * day)) * 2 * Math.PI);

const makeWeather = (chance: Chance): Row[] => {
  const wander = createWander(chance, 1.9, 0.3);
  let wet = true;
  return Array.from({ length: 1_461 }, (_, index): Row => {
    const at = Date.UTC(2012, 0, 1) + index * day;
    const season = seasonOf(at);
    // Rain brings rain, more so in winter.
    wet = chance.next() < (wet ? 0.68 : 0.24) - season * 0.2;
    const usual = 12 + season * 7.8 + wander();
    const high = round(usual + (wet ? 2 : 5.5) + season * 2, 1);
    const low = round(usual - 3.5 - (wet ? 0 : 1.2), 1);
    const rain = wet ? round(-Math.log(1 - chance.next()) * (8 - season * 3) + 0.3, 1) : 0;
    const weather = wet
      ? low < -2
        ? "snow"
        : "rain"
      : chance.next() < 0.14 - season * 0.05
        ? "fog"
        : chance.next() < 0.06
          ? "drizzle"
          : "sun";
    return [
      toDate(at),
      rain,
      high,
      low,
      round(Math.abs(2.6 + chance.normal() * 1.1 + (wet ? 0.9 : 0)) + 0.4, 1),
      weather,
    ];
  });
};

const makeWeatherNormals = (chance: Chance): Row[] =>
  fullMonths.flatMap((month, index) =>
    [5, 15, 25].flatMap((on) =>
      Array.from({ length: 24 }, (_, hour): Row => {
        const season = seasonOf(Date.UTC(2010, index, on));
        const warmth = -Math.cos(((hour - 4) / 24) * 2 * Math.PI);
        return [
          month,
          index + 1,
          `${String(hour).padStart(2, "0")}:00`,
          round(11.3 + season * 7 + warmth * (2.2 + season * 1.9) + chance.normal() * 0.15, 1),
          round(3.4 - season * 0.5 + warmth * 0.5, 1),
        ];
      }),
    ),
  );

/** How busy each hour of the day is. */
const traffic = [
  2, 1, 0.5, 0.3, 0.4, 3, 9, 10, 10, 9, 9, 9, 9, 9, 9, 9, 9, 10, 9, 8, 6, 4, 2.5, 1.5,
].map((weight, hour) => ({ hour, weight }));
const hourName = (hour: number): string => `${String(hour).padStart(2, "0")}:00`;
/** Delays add up over the day: from one in twelve in the early morning to one in three at night. */
const delayAt = (chance: Chance, hour: number, more = 0): number => {
  const sinceMorning = ((hour + 19) % 24) / 19;
  const isLate = chance.next() < 0.08 + 0.26 * Math.min(1, sinceMorning) + more;
  return isLate
    ? Math.round(16 - Math.log(1 - chance.next()) * (26 + 22 * sinceMorning))
    : Math.round(-4 + chance.normal() * 7.5 + sinceMorning * 4);
};
const isLate = (delay: number): number => (delay > lateMinutes ? 1 : 0);

const makeFlights = (chance: Chance): Row[] =>
  Array.from({ length: 5_000 }, (): Row => {
    const { hour } = chance.pickWeighted(traffic);
    const distance = Math.max(60, Math.round(Math.exp(6.3 + chance.normal() * 0.72)));
    const delay = delayAt(chance, hour, distance > 1_500 ? 0.03 : 0);
    return [
      hourName(hour),
      delay,
      isLate(delay),
      distance,
      distanceClasses.find(([below]) => distance < below)?.[1] ?? null,
    ];
  });

const airports = (
  [
    ["Chicago (ORD)", 9, 41.98, -87.9],
    ["Dallas-Fort Worth (DFW)", 8.6, 32.9, -97.04],
    ["Atlanta (ATL)", 7.8, 33.64, -84.43],
    ["Los Angeles (LAX)", 6.2, 33.94, -118.41],
    ["Phoenix (PHX)", 5.4, 33.43, -112.01],
    ["St Louis (STL)", 4.8, 38.75, -90.37],
    ["Detroit (DTW)", 4.4, 42.21, -83.35],
    ["Minneapolis (MSP)", 4.2, 44.88, -93.22],
    ["Las Vegas (LAS)", 4, 36.08, -115.15],
    ["Denver (DEN)", 3.9, 39.86, -104.67],
    ["San Francisco (SFO)", 3.6, 37.62, -122.37],
    ["Newark (EWR)", 3.2, 40.69, -74.17],
    ["Houston (IAH)", 3.1, 29.98, -95.34],
    ["Seattle (SEA)", 2.8, 47.45, -122.31],
    ["Boston (BOS)", 2.5, 42.36, -71.01],
    ["New York (LGA)", 2.4, 40.78, -73.87],
    ["Orlando (MCO)", 2.2, 28.43, -81.32],
    ["San Diego (SAN)", 1.8, 32.73, -117.19],
    ["Portland (PDX)", 1.5, 45.59, -122.6],
    ["Austin (AUS)", 1.2, 30.19, -97.67],
  ] as const
).map(([name, weight, latitude, longitude]) => ({ name, weight, latitude, longitude }));
const milesBetween = (one: (typeof airports)[number], other: (typeof airports)[number]): number => {
  const [a, b] = [one.latitude, other.latitude].map((degrees) => (degrees / 180) * Math.PI) as [
    number,
    number,
  ];
  const angle = Math.acos(
    Math.min(
      1,
      Math.sin(a) * Math.sin(b) +
        Math.cos(a) * Math.cos(b) * Math.cos(((one.longitude - other.longitude) / 180) * Math.PI),
    ),
  );
  return Math.round(angle * 3_959);
};
/** How much later flights are on each day of the week, Sunday first. */
const lateByWeekday = [0.02, 0.02, 0.01, 0.02, 0.05, 0.06, -0.07];

const makeFlightsByAirport = (chance: Chance): Row[] => {
  const found: { readonly at: number; readonly row: Row }[] = [];
  for (let date = Date.UTC(2001, 0, 1); date < Date.UTC(2001, 3, 1); date += day) {
    const on = new Date(date).getUTCDay();
    const storm = on !== 6 && chance.next() < 0.08 ? 0.2 : 0;
    const count = Math.round((on === 6 ? 40 : on === 0 ? 46 : 51) + chance.normal() * 2);
    for (let flight = 0; flight < count; flight += 1) {
      const origin = chance.pickWeighted(airports);
      const destination = chance.pickWeighted(airports.filter(({ name }) => name !== origin.name));
      const { hour } = chance.pickWeighted(traffic);
      const at = date + hour * 3_600_000 + chance.between(0, 59) * 60_000;
      const delay = delayAt(chance, hour, (lateByWeekday[on] ?? 0) + storm);
      found.push({
        at,
        row: [
          at,
          weekdays[on] ?? null,
          on === 0 ? 7 : on,
          origin.name,
          destination.name,
          delay,
          isLate(delay),
          milesBetween(origin, destination),
        ],
      });
    }
  }
  return found.sort((one, other) => one.at - other.at).map(({ row }) => row);
};

/** Of each genre: how many films, their budget in millions, and how many times their budget they earn; what viewers and critics say. */
const genres = (
  [
    ["Drama", 30, 17, 1.6, 6.8, 58],
    ["Comedy", 26, 24, 2.1, 6, 46],
    ["Action", 16, 55, 2.1, 6.1, 44],
    ["Thriller/Suspense", 9, 30, 2, 6.4, 50],
    ["Adventure", 11, 85, 2.7, 6.3, 55],
    ["Horror", 8, 16, 2.6, 5.7, 35],
    ["Romantic Comedy", 6, 27, 2.4, 5.9, 44],
    ["Musical", 2, 32, 2.2, 6.4, 58],
    ["Documentary", 2, 3, 2.4, 7, 78],
    ["Western", 1.5, 38, 1.5, 6.7, 58],
    ["Black Comedy", 1.5, 19, 1.5, 6.7, 58],
    ["Concert/Performance", 0.5, 5, 1.8, 5.8, 60],
  ] as const
).map(([name, weight, budget, times, imdb, critics]) => ({
  name,
  weight,
  budget,
  times,
  imdb,
  critics,
}));
const ratings = [
  { name: "R", weight: 44 },
  { name: "PG-13", weight: 33 },
  { name: "PG", weight: 15 },
  { name: "G", weight: 4 },
  { name: "Not Rated", weight: 3 },
  { name: "NC-17", weight: 0.4 },
];
const distributors = [
  "Harbour Pictures",
  "Northlight",
  "Meridian Films",
  "Old Mill Studios",
  "Blue Door",
  "Parade",
  "Cinder & Sons",
  "Longview",
];
const firstNames = [
  "Ana",
  "Ben",
  "Carla",
  "Dmitri",
  "Ella",
  "Farid",
  "Greta",
  "Hugo",
  "Ines",
  "Jonas",
  "Keiko",
  "Lior",
  "Mara",
  "Nils",
  "Olga",
  "Pablo",
];
const lastNames = [
  "Abara",
  "Brandt",
  "Castell",
  "Dufour",
  "Eriksen",
  "Fontana",
  "Greaves",
  "Holm",
  "Ivanova",
  "Jansen",
  "Kato",
  "Lindgren",
  "Moreau",
  "Novak",
];
const adjectives = [
  "Silent",
  "Last",
  "Golden",
  "Broken",
  "Hidden",
  "Distant",
  "Crimson",
  "Second",
  "Quiet",
  "Winter",
  "Paper",
  "Burning",
  "Lost",
  "Empty",
  "Northern",
  "Wild",
  "Little",
  "Final",
  "Glass",
  "Borrowed",
];
const things = [
  "River",
  "Promise",
  "Garden",
  "Harbour",
  "Letter",
  "Stranger",
  "Kingdom",
  "Summer",
  "Mirror",
  "Road",
  "Orchestra",
  "Island",
  "Witness",
  "Bridge",
  "Season",
  "Detective",
  "Lighthouse",
  "Sister",
  "Market",
  "Horizon",
];
const places = [
  "Lisbon",
  "the North",
  "Maple Street",
  "the Valley",
  "Cairo",
  "the Sea",
  "Room 9",
  "the Hills",
  "Trieste",
  "Midnight",
];

const titleOf = (chance: Chance, taken: Set<string>): string => {
  for (;;) {
    const [adjective, thing, place] = [
      chance.pick(adjectives),
      chance.pick(things),
      chance.pick(places),
    ];
    const wanted = chance.pick([
      `The ${adjective} ${thing}`,
      `${adjective} ${thing}`,
      `The ${thing} of ${place}`,
      `A ${thing} in ${place}`,
      `${adjective} ${thing} of ${place}`,
      `Beyond the ${adjective} ${thing}`,
    ]);
    const part = [wanted, `${wanted} II`, `${wanted} III`].find((title) => !taken.has(title));
    if (part === undefined) continue;
    taken.add(part);
    return part;
  }
};

const makeMovies = (chance: Chance): Row[] => {
  const taken = new Set<string>();
  const films = Array.from({ length: 1_600 }, (): Row => {
    const year =
      chance.next() < 0.1
        ? chance.between(1975, 1989)
        : 2010 - Math.floor(20.7 * chance.next() ** 1.05);
    // In the last year, the first months alone.
    const released = toDate(
      Date.UTC(
        year,
        year === 2010 ? chance.between(0, 7) : chance.between(0, 11),
        chance.between(1, 28),
      ),
    );
    const genre = chance.pickWeighted(genres);
    const budget =
      Math.round(
        Math.min(260, genre.budget * Math.exp(chance.normal() * 0.75 + (year - 2003) * 0.025)) /
          0.1,
      ) * 100_000;
    const liking = chance.normal();
    const worldwide = Math.round(
      budget *
        genre.times *
        Math.exp(chance.normal() * 0.65 + liking * 0.25 - Math.max(0, budget - 1e8) / 2e8) *
        0.85,
    );
    const known = <T>(value: T, often: number): T | null => (chance.next() < often ? value : null);
    const imdb = round(Math.min(9.2, Math.max(1.6, genre.imdb + liking * 0.85)), 1);
    return [
      titleOf(chance, taken),
      released,
      known(genre.name, 0.93),
      known(chance.pickWeighted(ratings).name, 0.85),
      known(`${chance.pick(firstNames)} ${chance.pick(lastNames)}`, 0.65),
      chance.pick(distributors),
      known(budget, 0.97),
      Math.round(worldwide * (0.38 + chance.next() * 0.25)),
      worldwide,
      known(imdb, 0.93),
      Math.round(Math.exp(9.6 + chance.normal() * 1.1 + liking * 0.4)),
      known(
        Math.round(Math.min(100, Math.max(1, genre.critics + liking * 19 + chance.normal() * 10))),
        0.75,
      ),
    ];
  });
  return films;
};

/** Of each country: its region, its population in millions, years of life and children per woman in 1955, and all three in 2005. */
const countries: readonly (readonly [
  name: string,
  region: number,
  millions: number,
  years: number,
  children: number,
  laterMillions: number,
  laterYears: number,
  laterChildren: number,
])[] = [
  ["Afghanistan", 0, 8.9, 30, 7.7, 29.9, 44, 7.1],
  ["Argentina", 3, 18.9, 64, 3.1, 39.5, 75, 2.3],
  ["Aruba", 3, 0.1, 64, 5.2, 0.1, 74, 1.9],
  ["Australia", 4, 9.3, 70, 3.4, 20.1, 81, 1.8],
  ["Austria", 1, 6.9, 67, 2.5, 8.2, 80, 1.4],
  ["Bahamas", 3, 0.1, 62, 4.3, 0.3, 73, 2],
  ["Bangladesh", 0, 49.6, 39, 6.7, 144.3, 64, 2.8],
  ["Barbados", 3, 0.2, 63, 4.7, 0.3, 77, 1.5],
  ["Belgium", 1, 8.9, 69, 2.5, 10.4, 79, 1.7],
  ["Bolivia", 3, 3.1, 42, 6.8, 8.9, 66, 3.5],
  ["Brazil", 3, 61.8, 53, 6.2, 186, 72, 2.2],
  ["Canada", 3, 16, 70, 3.9, 32.3, 81, 1.5],
  ["Chile", 3, 6.7, 56, 5.5, 16.3, 79, 1.9],
  ["China", 4, 609, 51, 5.6, 1_303, 73, 1.7],
  ["Colombia", 3, 13.6, 55, 6.8, 43, 73, 2.5],
  ["Costa Rica", 3, 1.1, 60, 7.1, 4.1, 79, 2.1],
  ["Croatia", 1, 4, 65, 2.4, 4.5, 76, 1.4],
  ["Cuba", 3, 6.4, 62, 3.7, 11.3, 78, 1.5],
  ["Dominican Republic", 3, 2.7, 50, 7.6, 9.2, 72, 2.8],
  ["Ecuador", 3, 3.8, 51, 6.7, 13.4, 75, 2.6],
  ["Egypt", 5, 23.9, 44, 6.9, 77.2, 71, 2.9],
  ["El Salvador", 3, 2.2, 48, 6.8, 6.7, 72, 2.7],
  ["Finland", 1, 4.2, 67, 2.8, 5.2, 79, 1.8],
  ["France", 1, 43.4, 69, 2.7, 61, 81, 1.9],
  ["Georgia", 1, 3.8, 61, 2.9, 4.7, 71, 1.6],
  ["Germany", 1, 70.2, 69, 2.3, 82.5, 79, 1.4],
  ["Ghana", 2, 5.8, 44, 6.7, 21.8, 60, 4.3],
  ["Greece", 1, 8, 68, 2.3, 11.1, 79, 1.3],
  ["Grenada", 3, 0.1, 63, 6.7, 0.1, 69, 2.3],
  ["Haiti", 3, 3.5, 40, 6.3, 9.3, 61, 3.5],
  ["Hong Kong", 4, 2.5, 65, 4.7, 6.8, 82, 1],
  ["Iceland", 1, 0.2, 73, 4, 0.3, 82, 2.1],
  ["India", 0, 393, 40, 5.9, 1_080, 65, 2.8],
  ["Indonesia", 4, 86.8, 40, 5.7, 219, 71, 2.2],
  ["Iran", 5, 19.1, 45, 7, 70.3, 71, 2],
  ["Iraq", 5, 6.1, 45, 7.3, 26.1, 60, 4.9],
  ["Ireland", 1, 2.9, 69, 3.7, 4, 79, 2],
  ["Israel", 5, 1.8, 68, 3.9, 6.7, 81, 2.8],
  ["Italy", 1, 48.6, 68, 2.4, 58.1, 81, 1.4],
  ["Jamaica", 3, 1.6, 63, 5.1, 2.7, 72, 2.6],
  ["Japan", 4, 89, 65, 2.1, 127.5, 83, 1.3],
  ["Kenya", 2, 7, 45, 7.8, 33.8, 54, 5],
  ["Lebanon", 5, 1.6, 59, 5.7, 3.9, 72, 2.2],
  ["Mauritius", 2, 0.6, 58, 5.9, 1.2, 73, 1.9],
  ["Mexico", 3, 31.3, 55, 6.8, 106, 76, 2.2],
  ["Netherlands", 1, 10.7, 73, 3.1, 16.3, 80, 1.7],
  ["New Zealand", 4, 2.1, 70, 4, 4, 80, 2.1],
  ["Nigeria", 2, 39.4, 38, 6.9, 129, 47, 5.3],
  ["North Korea", 4, 8.8, 54, 3.8, 22.9, 67, 1.9],
  ["Norway", 1, 3.4, 73, 2.8, 4.6, 80, 1.9],
  ["Pakistan", 0, 44.4, 45, 6.6, 162, 65, 4],
  ["Peru", 3, 8.7, 46, 6.9, 27.9, 71, 2.5],
  ["Philippines", 4, 24.6, 51, 7.1, 87.9, 71, 3.2],
  ["Poland", 1, 27.2, 66, 3.3, 38.6, 75, 1.2],
  ["Rwanda", 2, 2.7, 41, 8, 9, 46, 5.9],
  ["South Africa", 2, 16.2, 48, 6.3, 44.4, 49, 2.6],
  ["South Korea", 4, 21.6, 52, 6.3, 48.3, 79, 1.2],
  ["Spain", 1, 29.1, 67, 2.8, 43, 81, 1.4],
  ["Switzerland", 1, 5, 71, 2.3, 7.4, 82, 1.4],
  ["Turkey", 1, 24.1, 48, 6.6, 73, 72, 2.1],
  ["United Kingdom", 1, 50.9, 70, 2.5, 60.4, 79, 1.8],
  ["United States", 3, 166, 70, 3.7, 296, 78, 2.1],
];
/** Years of life that were lost in catastrophes of which the section's words tell. */
const losses: Readonly<Record<string, Readonly<Record<number, number>>>> = {
  China: { 1960: 22 },
  Rwanda: { 1990: 12, 1995: 24, 2000: 8 },
  "South Africa": { 1995: 3, 2000: 7, 2005: 5 },
};
const gapYears = Array.from({ length: 11 }, (_, index) => 1955 + index * 5);

const makeGapminder = (chance: Chance): Row[] =>
  countries.flatMap(
    ([country, region, millions, years, children, laterMillions, laterYears, laterChildren]) => {
      const wander = createWander(chance, 0.3, 0.3);
      return gapYears.map((year): Row => {
        const part = (year - 1955) / 50;
        const lost = losses[country]?.[year] ?? 0;
        // Without its losses, a country that has lost at the end would have been further on.
        const usual = years + (laterYears + (losses[country]?.[2005] ?? 0) - years) * part ** 0.8;
        return [
          `${year}-01-01`,
          String(year),
          country,
          regions[region] ?? null,
          Math.round(
            millions * (laterMillions / millions) ** part * 1e6 * (1 + chance.normal() * 0.002),
          ),
          round(usual - lost + wander(), 1),
          round(
            Math.max(
              0.9,
              children + (laterChildren - children) * part ** 1.1 + chance.normal() * 0.05,
            ),
          ),
        ];
      });
    },
  );

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

/** The rows of a dataset of the sample, as a table stores them, in the order of its columns: the same for the same seed. None for any other dataset. */
export const seededRows = (seed: number, dataset: string): readonly Row[] => {
  const maker = Object.hasOwn(makers, dataset) ? makers[dataset] : undefined;
  if (maker === undefined) return [];
  const key = `${seed} ${dataset}`;
  const rows = made.get(key) ?? maker[1](createChance(seed, maker[0]));
  made.set(key, rows);
  return rows;
};
