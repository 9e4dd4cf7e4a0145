-- A slug that a section had leads to it until another section takes it. The database sees to it, so that a section
-- renamed by hand in SQL is found by its old links as well.
CREATE TRIGGER slug_of_before_leads_on AFTER UPDATE OF slug ON sections WHEN OLD.slug IS NOT NEW.slug BEGIN
  DELETE FROM section_slugs WHERE slug IN (OLD.slug, NEW.slug);
  INSERT INTO section_slugs (slug, section_id) VALUES (OLD.slug, NEW.id);
END;
--> statement-breakpoint
CREATE TRIGGER slug_of_before_is_taken AFTER INSERT ON sections BEGIN
  DELETE FROM section_slugs WHERE slug = NEW.slug;
END;
--> statement-breakpoint
-- Tools that write SQL by hand do not enforce foreign keys unless told to.
CREATE TRIGGER section_takes_its_slugs_along AFTER DELETE ON sections BEGIN
  DELETE FROM section_slugs WHERE section_id = OLD.id;
END;
--> statement-breakpoint
-- The version rises with every edit: the store writes the next one itself, anybody else leaves it to this.
CREATE TRIGGER section_version_rises AFTER UPDATE OF slug, title, description, icon, position, visibility, refresh_seconds, last ON sections
WHEN OLD.version IS NEW.version AND (OLD.slug IS NOT NEW.slug OR OLD.title IS NOT NEW.title OR OLD.description IS NOT NEW.description
  OR OLD.icon IS NOT NEW.icon OR OLD.position IS NOT NEW.position OR OLD.visibility IS NOT NEW.visibility
  OR OLD.refresh_seconds IS NOT NEW.refresh_seconds OR OLD.last IS NOT NEW.last) BEGIN
  UPDATE sections SET version = OLD.version + 1 WHERE id = NEW.id;
END;
--> statement-breakpoint
DROP TRIGGER panel_added_changes_section;
--> statement-breakpoint
CREATE TRIGGER panel_added_changes_section AFTER INSERT ON panels BEGIN
  UPDATE sections SET version = version + 1, updated_at = max(updated_at + 1, CAST(unixepoch('subsec') * 1000 AS INTEGER)) WHERE id = NEW.section_id;
END;
--> statement-breakpoint
DROP TRIGGER panel_changed_changes_section;
--> statement-breakpoint
CREATE TRIGGER panel_changed_changes_section AFTER UPDATE ON panels BEGIN
  UPDATE sections SET version = version + 1, updated_at = max(updated_at + 1, CAST(unixepoch('subsec') * 1000 AS INTEGER)) WHERE id IN (OLD.section_id, NEW.section_id);
END;
--> statement-breakpoint
DROP TRIGGER panel_removed_changes_section;
--> statement-breakpoint
CREATE TRIGGER panel_removed_changes_section AFTER DELETE ON panels BEGIN
  UPDATE sections SET version = version + 1, updated_at = max(updated_at + 1, CAST(unixepoch('subsec') * 1000 AS INTEGER)) WHERE id = OLD.section_id;
END;
