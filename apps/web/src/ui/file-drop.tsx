import { IconFileUpload } from "@tabler/icons-react";
import { useRef, type ReactNode, type RefObject } from "react";
import { DropZone } from "react-aria-components/DropZone";
import { Button } from "./button.tsx";
import classes from "./file-drop.module.css";

/** What opens the browser's choice of a file: `current.click()` does it from anywhere. */
export const FileInput = ({
  ref,
  accept,
  onFile,
}: {
  readonly ref: RefObject<HTMLInputElement | null>;
  /** Endings and media types, as an input of files takes them; others can be dropped as well. */
  readonly accept: string;
  readonly onFile: (file: File) => void;
}): ReactNode => (
  <input
    ref={ref}
    hidden
    type="file"
    accept={accept}
    onChange={(event) => {
      const [file] = event.currentTarget.files ?? [];
      // The same file may be chosen once more, after it has been mended.
      event.currentTarget.value = "";
      if (file !== undefined) onFile(file);
    }}
  />
);

/** Where a file is chosen, or dropped. It is not read here, however large it is. */
export function FileDrop({
  label,
  accept,
  children,
  onFile,
}: {
  /** What the button says. */
  readonly label: string;
  /** As the input takes it. */
  readonly accept: string;
  /** What may be chosen, in words. */
  readonly children: ReactNode;
  readonly onFile: (file: File) => void;
}): ReactNode {
  const input = useRef<HTMLInputElement>(null);
  return (
    <DropZone
      className={classes.zone ?? ""}
      onDrop={({ items }) => {
        const file = items.find((item) => item.kind === "file");
        void file?.getFile().then(onFile);
      }}
    >
      <IconFileUpload size={28} stroke={1.5} aria-hidden="true" />
      <Button variant="default" data-autofocus onClick={() => input.current?.click()}>
        {label}
      </Button>
      <p className={classes.words}>{children}</p>
      <FileInput ref={input} accept={accept} onFile={onFile} />
    </DropZone>
  );
}
