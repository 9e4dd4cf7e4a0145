-- Open pages are told when their section has changed. The database says so, so that a panel changed by hand in SQL shows as well.
CREATE TRIGGER panel_added_changes_section AFTER INSERT ON panels BEGIN
  UPDATE sections SET updated_at = max(updated_at + 1, CAST(unixepoch('subsec') * 1000 AS INTEGER)) WHERE id = NEW.section_id;
END;
--> statement-breakpoint
CREATE TRIGGER panel_changed_changes_section AFTER UPDATE ON panels BEGIN
  UPDATE sections SET updated_at = max(updated_at + 1, CAST(unixepoch('subsec') * 1000 AS INTEGER)) WHERE id IN (OLD.section_id, NEW.section_id);
END;
--> statement-breakpoint
CREATE TRIGGER panel_removed_changes_section AFTER DELETE ON panels BEGIN
  UPDATE sections SET updated_at = max(updated_at + 1, CAST(unixepoch('subsec') * 1000 AS INTEGER)) WHERE id = OLD.section_id;
END;
