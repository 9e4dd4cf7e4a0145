-- A grant exists once. (drizzle-kit cannot write an index on expressions that contain commas.)
CREATE UNIQUE INDEX grants_once ON grants (coalesce(user_id, ''), coalesce(role_id, ''), coalesce(section_id, '_all_'));
--> statement-breakpoint
-- What a user may do has changed: raise the epoch, so that older access tokens are stale on their next request.
-- The database does it, so that a change made by hand in SQL bites as well.
CREATE TRIGGER epoch_grant_added AFTER INSERT ON grants BEGIN
  UPDATE users SET epoch = epoch + 1 WHERE id = NEW.user_id OR id IN (SELECT user_id FROM user_roles WHERE role_id = NEW.role_id);
END;
--> statement-breakpoint
CREATE TRIGGER epoch_grant_changed AFTER UPDATE ON grants BEGIN
  UPDATE users SET epoch = epoch + 1 WHERE id IN (OLD.user_id, NEW.user_id) OR id IN (SELECT user_id FROM user_roles WHERE role_id IN (OLD.role_id, NEW.role_id));
END;
--> statement-breakpoint
CREATE TRIGGER epoch_grant_removed AFTER DELETE ON grants BEGIN
  UPDATE users SET epoch = epoch + 1 WHERE id = OLD.user_id OR id IN (SELECT user_id FROM user_roles WHERE role_id = OLD.role_id);
END;
--> statement-breakpoint
CREATE TRIGGER epoch_role_given AFTER INSERT ON user_roles BEGIN
  UPDATE users SET epoch = epoch + 1 WHERE id = NEW.user_id;
END;
--> statement-breakpoint
CREATE TRIGGER epoch_role_changed AFTER UPDATE ON user_roles BEGIN
  UPDATE users SET epoch = epoch + 1 WHERE id IN (OLD.user_id, NEW.user_id);
END;
--> statement-breakpoint
CREATE TRIGGER epoch_role_taken AFTER DELETE ON user_roles BEGIN
  UPDATE users SET epoch = epoch + 1 WHERE id = OLD.user_id;
END;
--> statement-breakpoint
CREATE TRIGGER epoch_permission_added AFTER INSERT ON role_permissions BEGIN
  UPDATE users SET epoch = epoch + 1 WHERE id IN (SELECT user_id FROM user_roles WHERE role_id = NEW.role_id);
END;
--> statement-breakpoint
CREATE TRIGGER epoch_permission_changed AFTER UPDATE ON role_permissions BEGIN
  UPDATE users SET epoch = epoch + 1 WHERE id IN (SELECT user_id FROM user_roles WHERE role_id IN (OLD.role_id, NEW.role_id));
END;
--> statement-breakpoint
CREATE TRIGGER epoch_permission_removed AFTER DELETE ON role_permissions BEGIN
  UPDATE users SET epoch = epoch + 1 WHERE id IN (SELECT user_id FROM user_roles WHERE role_id = OLD.role_id);
END;
--> statement-breakpoint
-- The rows of the join are gone by the time a cascade reaches them, so the role's users are found before.
CREATE TRIGGER epoch_role_deleted BEFORE DELETE ON roles BEGIN
  UPDATE users SET epoch = epoch + 1 WHERE id IN (SELECT user_id FROM user_roles WHERE role_id = OLD.id);
END;
--> statement-breakpoint
CREATE TRIGGER epoch_user_changed AFTER UPDATE OF active, password_hash ON users
WHEN OLD.active IS NOT NEW.active OR OLD.password_hash IS NOT NEW.password_hash BEGIN
  UPDATE users SET epoch = epoch + 1 WHERE id = NEW.id;
END;
--> statement-breakpoint
-- Access tokens name sections by slug: one that now means another section must not open it.
CREATE TRIGGER epoch_section_renamed AFTER UPDATE OF slug ON sections WHEN OLD.slug IS NOT NEW.slug BEGIN
  UPDATE users SET epoch = epoch + 1
  WHERE id IN (SELECT user_id FROM grants WHERE section_id = NEW.id)
     OR id IN (SELECT user_roles.user_id FROM grants JOIN user_roles ON user_roles.role_id = grants.role_id WHERE grants.section_id = NEW.id);
END;
--> statement-breakpoint
-- Tools that write SQL by hand do not enforce foreign keys unless told to. What hangs on a row that is deleted goes
-- with it all the same, and the triggers above tell whom it concerned.
CREATE TRIGGER role_takes_its_rights_along AFTER DELETE ON roles BEGIN
  DELETE FROM role_permissions WHERE role_id = OLD.id;
  DELETE FROM grants WHERE role_id = OLD.id;
  DELETE FROM user_roles WHERE role_id = OLD.id;
END;
--> statement-breakpoint
CREATE TRIGGER section_takes_its_grants_along AFTER DELETE ON sections BEGIN
  DELETE FROM grants WHERE section_id = OLD.id;
  DELETE FROM panels WHERE section_id = OLD.id;
END;
--> statement-breakpoint
CREATE TRIGGER user_takes_everything_along AFTER DELETE ON users BEGIN
  DELETE FROM sessions WHERE user_id = OLD.id;
  DELETE FROM user_roles WHERE user_id = OLD.id;
  DELETE FROM grants WHERE user_id = OLD.id;
  DELETE FROM notices WHERE user_id = OLD.id;
  DELETE FROM one_use_tokens WHERE user_id = OLD.id;
END;
--> statement-breakpoint
-- Deactivation ends every session for good: activating the user again revives none.
CREATE TRIGGER deactivation_ends_sessions AFTER UPDATE OF active ON users WHEN NEW.active = 0 AND OLD.active IS NOT 0 BEGIN
  UPDATE sessions SET ended_at = CAST(unixepoch('subsec') * 1000 AS INTEGER), end_reason = 'deactivated' WHERE user_id = NEW.id AND ended_at IS NULL;
END;
--> statement-breakpoint
-- INSERT OR REPLACE deletes without firing the trigger against deletion.
CREATE TRIGGER audit_events_are_not_replaced BEFORE INSERT ON audit_events WHEN EXISTS (SELECT 1 FROM audit_events WHERE id = NEW.id) BEGIN
  SELECT RAISE(ABORT, 'audit events are append-only');
END;
--> statement-breakpoint
CREATE TRIGGER audit_events_are_not_changed BEFORE UPDATE ON audit_events BEGIN
  SELECT RAISE(ABORT, 'audit events are append-only');
END;
--> statement-breakpoint
CREATE TRIGGER audit_events_are_not_deleted BEFORE DELETE ON audit_events BEGIN
  SELECT RAISE(ABORT, 'audit events are append-only');
END;
