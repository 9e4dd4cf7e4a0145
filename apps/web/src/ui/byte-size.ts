import { numberFormat } from "./reader.ts";
const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** A number of bytes as people say it. */
export const formatBytes = (bytes: number): string => {
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return numberFormat(undefined, {
    style: "unit",
    unit: units[step] as string,
    unitDisplay: step === 0 ? "long" : "short",
    maximumFractionDigits: 1,
  }).format(bytes / 1000 ** step);
};
