import type { Contract, ResponseBody } from "@sallyport/shared/client";
import { useState, type ReactNode } from "react";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { SelectField } from "../../ui/select-field.tsx";
import { TextField } from "../../ui/text-field.tsx";
import type { ReadingOptions } from "./use-import.ts";
import classes from "./import-page.module.css";

type Detection = ResponseBody<Contract["POST /dataset-detections"]>;

const choices = {
  delimiter: {
    label: "Separated by",
    titles: { comma: "Commas", semicolon: "Semicolons", tab: "Tabs", pipe: "Pipes" },
  },
  decimal: {
    label: "Decimals",
    titles: { point: "1.5, with a point", comma: "1,5, with a comma" },
  },
  header: {
    label: "First line",
    titles: { names: "Names the columns", skip: "Is passed over", absent: "Is a row" },
  },
  encoding: {
    label: "Encoding",
    titles: {
      "utf-8": "UTF-8",
      "utf-16le": "UTF-16 LE",
      "utf-16be": "UTF-16 BE",
      "windows-1252": "Windows-1252",
    },
  },
} as const;
type Choice = keyof typeof choices;

/** How a CSV file is read: as it looks, unless somebody knows better. */
export function ReadingForm({
  detection,
  reading,
  onChange,
}: {
  readonly detection: Detection | undefined;
  readonly reading: ReadingOptions;
  readonly onChange: (reading: ReadingOptions) => void;
}): ReactNode {
  const [markers, setMarkers] = useState(reading.nullMarkers ?? "");
  const withMarkers = (list: string): void => {
    setMarkers(list);
    const { nullMarkers: _, ...rest } = reading;
    onChange(list.trim() === "" ? rest : { ...rest, nullMarkers: list });
  };
  const suggested = detection?.suggestedNullMarkers ?? [];
  return (
    <Card title="How the file is read">
      <div className={classes.readingFields}>
        {(Object.keys(choices) as Choice[]).map((choice) => {
          const { label, titles } = choices[choice];
          const found = detection?.[choice];
          return (
            <SelectField
              key={choice}
              label={label}
              value={reading[choice] ?? ""}
              options={[
                {
                  value: "",
                  title: found
                    ? `${(titles as Record<string, string>)[found]} (found)`
                    : "As it is found",
                },
                ...Object.entries(titles).map(([value, title]) => ({ value, title })),
              ]}
              onChange={(event) => {
                const { [choice]: _, ...rest } = reading;
                const { value } = event.currentTarget;
                onChange(value === "" ? rest : { ...rest, [choice]: value });
              }}
            />
          );
        })}
        <TextField
          label="Count as empty"
          placeholder="Such as NA,n/a,-"
          value={markers}
          maxLength={500}
          spellCheck={false}
          onChange={(event) => setMarkers(event.currentTarget.value)}
          onBlur={() => markers !== (reading.nullMarkers ?? "") && withMarkers(markers)}
        />
      </div>
      {suggested.length > 0 && (
        <p className={classes.suggestion}>
          Some columns are text only because of{" "}
          <bdi>{suggested.map((marker) => JSON.stringify(marker)).join(", ")}</bdi>.{" "}
          <Button
            size="xs"
            variant="default"
            onClick={() =>
              withMarkers(
                [...(reading.nullMarkers ? [reading.nullMarkers] : []), ...suggested].join(","),
              )
            }
          >
            Take {suggested.length === 1 ? "it" : "them"} for empty cells
          </Button>
        </p>
      )}
    </Card>
  );
}
