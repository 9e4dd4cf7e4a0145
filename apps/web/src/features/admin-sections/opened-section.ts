import type { SectionDefinition } from "@sallyport/shared/contract";

/** A section as it was read: what is saved over it has to name it. */
export interface OpenedSection {
  readonly definition: SectionDefinition;
  readonly etag: string;
}
