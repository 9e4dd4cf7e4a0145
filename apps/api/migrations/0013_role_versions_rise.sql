-- What is written in a role has changed: raise its version, so that nobody carries out what was decided on what it was.
-- The database does it, so that a change made by hand in SQL counts as well.
CREATE TRIGGER role_version_changed AFTER UPDATE OF name, description ON roles
WHEN OLD.name IS NOT NEW.name OR OLD.description IS NOT NEW.description BEGIN
  UPDATE roles SET version = version + 1 WHERE id = NEW.id;
END;
--> statement-breakpoint
CREATE TRIGGER role_version_permission_added AFTER INSERT ON role_permissions BEGIN
  UPDATE roles SET version = version + 1 WHERE id = NEW.role_id;
END;
--> statement-breakpoint
CREATE TRIGGER role_version_permission_changed AFTER UPDATE ON role_permissions BEGIN
  UPDATE roles SET version = version + 1 WHERE id IN (OLD.role_id, NEW.role_id);
END;
--> statement-breakpoint
CREATE TRIGGER role_version_permission_removed AFTER DELETE ON role_permissions BEGIN
  UPDATE roles SET version = version + 1 WHERE id = OLD.role_id;
END;
