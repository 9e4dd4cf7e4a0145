INSERT INTO list_changes (list) VALUES ('displayLinks');
--> statement-breakpoint
CREATE TRIGGER list_display_links_added AFTER INSERT ON display_links BEGIN
  UPDATE list_changes SET version = version + 1, changed_at = CAST(unixepoch('subsec') * 1000 AS INTEGER) WHERE list = 'displayLinks';
END;
--> statement-breakpoint
-- That a screen has asked is no change of a list.
CREATE TRIGGER list_display_links_changed AFTER UPDATE OF name, section_id, made_by, expires_at ON display_links BEGIN
  UPDATE list_changes SET version = version + 1, changed_at = CAST(unixepoch('subsec') * 1000 AS INTEGER) WHERE list = 'displayLinks';
END;
--> statement-breakpoint
CREATE TRIGGER list_display_links_removed AFTER DELETE ON display_links BEGIN
  UPDATE list_changes SET version = version + 1, changed_at = CAST(unixepoch('subsec') * 1000 AS INTEGER) WHERE list = 'displayLinks';
END;
