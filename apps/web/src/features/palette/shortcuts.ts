/** Every key that does something of ours, for the list that `?` opens. */
export interface ShortcutGroup {
  readonly title: string;
  /** The names of keys to press together, of which there may be several ways, and what they do. */
  readonly shortcuts: readonly (readonly [ways: readonly (readonly string[])[], does: string])[];
}

/** What stands for the key that begins shortcuts: another one on Apple's keyboards. */
export const commandKey = /Mac|iP(?:hone|ad)/.test(globalThis.navigator?.userAgent ?? "")
  ? "⌘"
  : "Ctrl";

export const shortcutGroups: readonly ShortcutGroup[] = [
  {
    title: "Everywhere",
    shortcuts: [
      [[[commandKey, "K"]], "Go to a section, a page or a person"],
      [[["?"]], "This list"],
      [[["Esc"]], "Close what has opened"],
    ],
  },
  {
    title: "Charts",
    shortcuts: [
      [[["←"], ["→"]], "From point to point; ↑ and ↓ where bars lie"],
      [[["Home"], ["End"]], "To the first point, to the last"],
      [[["Esc"]], "Leave the point"],
    ],
  },
  {
    title: "Lists of the administration",
    shortcuts: [
      [[["↑"], ["↓"]], "From row to row"],
      [[["←"], ["→"]], "To what stands in the row"],
      [[["Enter"]], "Open the row"],
      [[["Space"]], "Choose the row"],
      [[[commandKey, "A"]], "Choose every row that is shown"],
    ],
  },
  {
    title: "Editing a section",
    shortcuts: [
      [[[commandKey, "S"]], "Save"],
      [[[commandKey, "Z"]], "Undo"],
      [
        [
          [commandKey, "Y"],
          [commandKey, "Shift", "Z"],
        ],
        "Redo",
      ],
      [[["↑"], ["↓"], ["←"], ["→"]], "On a panel’s handle: move it, or make it wider or narrower"],
    ],
  },
];
