/**
 * The words that stand in the columns of the sample's datasets, in the order in which people know
 * them.
 */

/** By their symbols. */
export const companies: Readonly<Record<string, string>> = {
  AAPL: "Apple",
  AMZN: "Amazon",
  GOOG: "Google",
  IBM: "IBM",
  MSFT: "Microsoft",
};

/**
 * The supersectors of the statistics: together they are all who are employed. Spelt as in the file.
 */
export const industries: Readonly<Record<string, string>> = {
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

/** What the airlines' own statistics call late. */
export const lateMinutes = 15;

export const distanceClasses = [
  [250, "< 250 mi"],
  [500, "250–500 mi"],
  [1_000, "500–1,000 mi"],
  [1_500, "1,000–1,500 mi"],
  [2_000, "1,500–2,000 mi"],
  [Number.POSITIVE_INFINITY, "> 2,000 mi"],
] as const;

/** As `Date.getUTCDay` counts them. */
export const weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

export const fullMonths = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

/** As the catalogue explains the column `cluster`. */
export const regions = [
  "South Asia",
  "Europe and Central Asia",
  "Sub-Saharan Africa",
  "Americas",
  "East Asia and Pacific",
  "Middle East, North Africa",
];
