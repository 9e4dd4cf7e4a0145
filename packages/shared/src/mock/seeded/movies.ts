import type { Chance } from "../random.ts";
import { type Row, round, toDate } from "./courses.ts";

/**
 * Of each genre: how many films, their budget in millions, and how many times their budget they
 * earn; what viewers and critics say.
 */
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

export const makeMovies = (chance: Chance): Row[] => {
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
