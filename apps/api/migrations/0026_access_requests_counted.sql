-- Of what was asked for that there is not, no list tells.
INSERT INTO list_changes (list) VALUES ('accessRequests');
--> statement-breakpoint
CREATE TRIGGER list_access_requests_added AFTER INSERT ON access_requests WHEN NEW.section_id IS NOT NULL BEGIN
  UPDATE list_changes SET version = version + 1, changed_at = CAST(unixepoch('subsec') * 1000 AS INTEGER) WHERE list = 'accessRequests';
END;
--> statement-breakpoint
CREATE TRIGGER list_access_requests_changed AFTER UPDATE ON access_requests WHEN NEW.section_id IS NOT NULL BEGIN
  UPDATE list_changes SET version = version + 1, changed_at = CAST(unixepoch('subsec') * 1000 AS INTEGER) WHERE list = 'accessRequests';
END;
--> statement-breakpoint
CREATE TRIGGER list_access_requests_removed AFTER DELETE ON access_requests WHEN OLD.section_id IS NOT NULL BEGIN
  UPDATE list_changes SET version = version + 1, changed_at = CAST(unixepoch('subsec') * 1000 AS INTEGER) WHERE list = 'accessRequests';
END;
