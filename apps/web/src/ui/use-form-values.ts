import { useState, type ChangeEvent } from "react";

/** What a form of texts holds, and what a field of it needs. */
export const useFormValues = <Values extends object>(
  initial: Values,
): {
  readonly values: Values;
  /** Whether anything in it differs from what it began with. */
  readonly isChanged: boolean;
  readonly set: <Name extends keyof Values>(name: Name, value: Values[Name]) => void;
  /** For a `TextField` or a `SelectField` of this name. */
  readonly field: (name: keyof Values & string) => {
    readonly name: string;
    readonly value: string;
    readonly onChange: (event: ChangeEvent<HTMLInputElement | HTMLSelectElement>) => void;
  };
} => {
  const [begun] = useState(initial);
  const [values, setValues] = useState(initial);
  return {
    values,
    isChanged: JSON.stringify(values) !== JSON.stringify(begun),
    set: (name, value) => setValues((before) => ({ ...before, [name]: value })),
    field: (name) => ({
      name,
      value: String(values[name]),
      onChange: (event) => {
        const { value } = event.currentTarget;
        setValues((before) => ({ ...before, [name]: value }));
      },
    }),
  };
};
