import type { ReactNode } from "react";
import { sectionIconNames, SectionIcon } from "../../ui/section-icon.tsx";
import { withMember, type SectionSettings } from "./edit/draft.ts";
import classes from "./editor.module.css";
import { DurationMember, NumberMember, SelectMember, TextMember } from "./fields.tsx";
import { GroupIssue } from "./issues-in-view.tsx";

const inWords = (name: string): string =>
  name.replaceAll("-", " ").replace(/^./, (letter) => letter.toUpperCase());

/** What the section says of itself. */
export function SectionForm({
  settings,
  onChange,
}: {
  readonly settings: SectionSettings;
  readonly onChange: (settings: SectionSettings, what: string | null) => void;
}): ReactNode {
  return (
    <div className={classes.members}>
      <TextMember
        label="Title"
        pointer="/title"
        maxLength={100}
        value={settings.title}
        onChange={(title) => onChange({ ...settings, title }, "/title")}
      />
      <TextMember
        label="Description"
        pointer="/description"
        maxLength={500}
        value={settings.description}
        onChange={(description) => onChange({ ...settings, description }, "/description")}
      />
      <div className={classes.row}>
        <SelectMember
          label="Icon"
          pointer="/icon"
          value={settings.icon}
          options={sectionIconNames.map((name) => ({ value: name, title: inWords(name) }))}
          onChange={(icon) => onChange({ ...settings, icon }, null)}
        />
        <span className={classes.iconShown}>
          <SectionIcon name={settings.icon} />
        </span>
      </div>
      <div>
        <SelectMember
          label="Who may see it"
          pointer="/visibility"
          value={settings.visibility}
          options={[
            { value: "restricted", title: "Whoever has a grant" },
            { value: "public", title: "Everybody, without signing in" },
          ]}
          onChange={(visibility) => onChange({ ...settings, visibility }, null)}
        />
        <div role="status">
          {settings.visibility === "public" && (
            <p className={classes.hint}>
              Once it is saved, anybody who knows the address sees the section and what its panels
              show, without an account.
            </p>
          )}
        </div>
      </div>
      <DurationMember
        label="Range of time it opens with"
        pointer="/last"
        value={settings.last}
        onChange={(last) => onChange(withMember(settings, "last", last), "/last")}
      />
      <NumberMember
        label="Ask again every so many seconds"
        pointer="/refreshSeconds"
        value={settings.refreshSeconds}
        least={5}
        most={86_400}
        placeholder="When something changes"
        onChange={(refreshSeconds) =>
          onChange(withMember(settings, "refreshSeconds", refreshSeconds), "/refreshSeconds")
        }
      />
      <GroupIssue pointer="" />
    </div>
  );
}
