-- One role is built in: whoever is in it has every permission that there is, those of later versions too. It is the one
-- called admin; where there is none, it is made.
INSERT INTO roles (id, name, description)
SELECT 'rol_' || lower(hex(randomblob(11))), 'admin', 'May do everything' WHERE NOT EXISTS (SELECT 1 FROM roles WHERE name = 'admin');
--> statement-breakpoint
UPDATE roles SET built_in = 1 WHERE name = 'admin';
--> statement-breakpoint
-- Whoever had every permission of before by other roles was an admin, and stays one.
INSERT OR IGNORE INTO user_roles (user_id, role_id)
SELECT user_roles.user_id, (SELECT id FROM roles WHERE built_in)
FROM user_roles JOIN role_permissions ON role_permissions.role_id = user_roles.role_id
WHERE role_permissions.permission IN ('sections:read', 'sections:write', 'datasets:read', 'datasets:write', 'users:read', 'users:write', 'grants:write', 'audit:read')
GROUP BY user_roles.user_id HAVING count(DISTINCT role_permissions.permission) = 8;
--> statement-breakpoint
-- What the built-in role gives is written in no row.
DELETE FROM role_permissions WHERE role_id = (SELECT id FROM roles WHERE built_in);
--> statement-breakpoint
-- What a role gives has changed: raise its epoch, so that nobody carries out what was decided on what it gave.
CREATE TRIGGER role_epoch_permission_added AFTER INSERT ON role_permissions BEGIN
  UPDATE roles SET epoch = epoch + 1 WHERE id = NEW.role_id;
END;
--> statement-breakpoint
CREATE TRIGGER role_epoch_permission_changed AFTER UPDATE ON role_permissions BEGIN
  UPDATE roles SET epoch = epoch + 1 WHERE id IN (OLD.role_id, NEW.role_id);
END;
--> statement-breakpoint
CREATE TRIGGER role_epoch_permission_removed AFTER DELETE ON role_permissions BEGIN
  UPDATE roles SET epoch = epoch + 1 WHERE id = OLD.role_id;
END;
--> statement-breakpoint
CREATE TRIGGER role_epoch_grant_added AFTER INSERT ON grants WHEN NEW.role_id IS NOT NULL BEGIN
  UPDATE roles SET epoch = epoch + 1 WHERE id = NEW.role_id;
END;
--> statement-breakpoint
CREATE TRIGGER role_epoch_grant_changed AFTER UPDATE ON grants BEGIN
  UPDATE roles SET epoch = epoch + 1 WHERE id IN (OLD.role_id, NEW.role_id);
END;
--> statement-breakpoint
CREATE TRIGGER role_epoch_grant_removed AFTER DELETE ON grants WHEN OLD.role_id IS NOT NULL BEGIN
  UPDATE roles SET epoch = epoch + 1 WHERE id = OLD.role_id;
END;
--> statement-breakpoint
CREATE TRIGGER role_epoch_section_renamed AFTER UPDATE OF slug ON sections WHEN OLD.slug IS NOT NEW.slug BEGIN
  UPDATE roles SET epoch = epoch + 1 WHERE id IN (SELECT role_id FROM grants WHERE section_id = NEW.id);
END;
--> statement-breakpoint
-- Rows that are replaced fire no trigger of deletion, so whom they concern is told before.
CREATE TRIGGER role_epoch_grant_replaced BEFORE INSERT ON grants WHEN EXISTS (SELECT 1 FROM grants WHERE id = NEW.id) BEGIN
  UPDATE roles SET epoch = epoch + 1 WHERE id = (SELECT role_id FROM grants WHERE id = NEW.id);
END;
--> statement-breakpoint
CREATE TRIGGER role_epoch_grant_overwritten BEFORE UPDATE OF id ON grants WHEN NEW.id IS NOT OLD.id BEGIN
  UPDATE roles SET epoch = epoch + 1 WHERE id = (SELECT role_id FROM grants WHERE id = NEW.id);
END;
--> statement-breakpoint
CREATE TRIGGER role_epoch_section_replaced BEFORE INSERT ON sections WHEN EXISTS (SELECT 1 FROM sections WHERE id = NEW.id AND slug IS NOT NEW.slug) BEGIN
  UPDATE roles SET epoch = epoch + 1 WHERE id IN (SELECT role_id FROM grants WHERE section_id = NEW.id);
END;
--> statement-breakpoint
-- A role that took the place of another would bring back an epoch that something was decided on.
DROP TRIGGER roles_are_not_replaced;
--> statement-breakpoint
CREATE TRIGGER roles_are_not_replaced BEFORE INSERT ON roles WHEN EXISTS (SELECT 1 FROM roles WHERE id = NEW.id OR name = NEW.name) BEGIN
  SELECT RAISE(ABORT, 'change a role by UPDATE: there is one of this id or name');
END;
--> statement-breakpoint
CREATE TRIGGER role_epochs_only_rise BEFORE UPDATE OF epoch ON roles WHEN NEW.epoch < OLD.epoch BEGIN
  SELECT RAISE(ABORT, 'an epoch only rises');
END;
--> statement-breakpoint
-- Another role is built in, by hand.
CREATE TRIGGER role_epoch_built_in AFTER UPDATE OF built_in ON roles WHEN OLD.built_in IS NOT NEW.built_in BEGIN
  UPDATE roles SET epoch = epoch + 1, version = version + 1 WHERE id = NEW.id;
  UPDATE users SET epoch = epoch + 1 WHERE id IN (SELECT user_id FROM user_roles WHERE role_id = NEW.id);
END;
--> statement-breakpoint
-- What an edit of a user changes: raise the version, so that nobody overwrites what they have not seen.
CREATE TRIGGER user_version_changed AFTER UPDATE OF username, email, display_name, active ON users
WHEN OLD.username IS NOT NEW.username OR OLD.email IS NOT NEW.email OR OLD.display_name IS NOT NEW.display_name OR OLD.active IS NOT NEW.active BEGIN
  UPDATE users SET version = version + 1 WHERE id = NEW.id;
END;
--> statement-breakpoint
CREATE TRIGGER user_version_role_given AFTER INSERT ON user_roles BEGIN
  UPDATE users SET version = version + 1 WHERE id = NEW.user_id;
END;
--> statement-breakpoint
CREATE TRIGGER user_version_role_changed AFTER UPDATE ON user_roles BEGIN
  UPDATE users SET version = version + 1 WHERE id IN (OLD.user_id, NEW.user_id);
END;
--> statement-breakpoint
CREATE TRIGGER user_version_role_taken AFTER DELETE ON user_roles BEGIN
  UPDATE users SET version = version + 1 WHERE id = OLD.user_id;
END;
--> statement-breakpoint
-- When a user was seen last is told by their sessions, and by this once those have been purged. No rotation writes it.
CREATE TRIGGER user_was_seen BEFORE DELETE ON sessions BEGIN
  UPDATE users SET last_seen_at = max(coalesce(last_seen_at, 0), OLD.last_used_at) WHERE id = OLD.user_id;
END;
--> statement-breakpoint
-- A name that was somebody's is nobody else's.
CREATE TRIGGER user_name_retires AFTER DELETE ON users BEGIN
  INSERT OR IGNORE INTO retired_names (username_key) VALUES (OLD.username_key);
END;
--> statement-breakpoint
CREATE TRIGGER user_takes_links_along AFTER DELETE ON users BEGIN
  DELETE FROM one_use_tokens WHERE made_by = OLD.id;
END;
