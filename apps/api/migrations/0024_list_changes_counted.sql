-- How often each list of the admin side has changed, whoever changes it: a look at what is new reads a row for each list.
INSERT INTO list_changes (list) VALUES ('users'), ('roles'), ('grants'), ('sections'), ('datasets'), ('sessions');
--> statement-breakpoint
CREATE TRIGGER list_users_added AFTER INSERT ON users BEGIN
  UPDATE list_changes SET version = version + 1, changed_at = CAST(unixepoch('subsec') * 1000 AS INTEGER) WHERE list = 'users';
END;
--> statement-breakpoint
CREATE TRIGGER list_users_changed AFTER UPDATE OF version, password_hash ON users BEGIN
  UPDATE list_changes SET version = version + 1, changed_at = CAST(unixepoch('subsec') * 1000 AS INTEGER) WHERE list = 'users';
END;
--> statement-breakpoint
CREATE TRIGGER list_users_removed AFTER DELETE ON users BEGIN
  UPDATE list_changes SET version = version + 1, changed_at = CAST(unixepoch('subsec') * 1000 AS INTEGER) WHERE list = 'users';
END;
--> statement-breakpoint
CREATE TRIGGER list_roles_added AFTER INSERT ON roles BEGIN
  UPDATE list_changes SET version = version + 1, changed_at = CAST(unixepoch('subsec') * 1000 AS INTEGER) WHERE list = 'roles';
END;
--> statement-breakpoint
CREATE TRIGGER list_roles_changed AFTER UPDATE OF version, epoch, built_in ON roles BEGIN
  UPDATE list_changes SET version = version + 1, changed_at = CAST(unixepoch('subsec') * 1000 AS INTEGER) WHERE list = 'roles';
END;
--> statement-breakpoint
CREATE TRIGGER list_roles_removed AFTER DELETE ON roles BEGIN
  UPDATE list_changes SET version = version + 1, changed_at = CAST(unixepoch('subsec') * 1000 AS INTEGER) WHERE list = 'roles';
END;
--> statement-breakpoint
CREATE TRIGGER list_user_roles_added AFTER INSERT ON user_roles BEGIN
  UPDATE list_changes SET version = version + 1, changed_at = CAST(unixepoch('subsec') * 1000 AS INTEGER) WHERE list = 'roles';
END;
--> statement-breakpoint
CREATE TRIGGER list_user_roles_changed AFTER UPDATE ON user_roles BEGIN
  UPDATE list_changes SET version = version + 1, changed_at = CAST(unixepoch('subsec') * 1000 AS INTEGER) WHERE list = 'roles';
END;
--> statement-breakpoint
CREATE TRIGGER list_user_roles_removed AFTER DELETE ON user_roles BEGIN
  UPDATE list_changes SET version = version + 1, changed_at = CAST(unixepoch('subsec') * 1000 AS INTEGER) WHERE list = 'roles';
END;
--> statement-breakpoint
CREATE TRIGGER list_grants_added AFTER INSERT ON grants BEGIN
  UPDATE list_changes SET version = version + 1, changed_at = CAST(unixepoch('subsec') * 1000 AS INTEGER) WHERE list = 'grants';
END;
--> statement-breakpoint
CREATE TRIGGER list_grants_changed AFTER UPDATE ON grants BEGIN
  UPDATE list_changes SET version = version + 1, changed_at = CAST(unixepoch('subsec') * 1000 AS INTEGER) WHERE list = 'grants';
END;
--> statement-breakpoint
CREATE TRIGGER list_grants_removed AFTER DELETE ON grants BEGIN
  UPDATE list_changes SET version = version + 1, changed_at = CAST(unixepoch('subsec') * 1000 AS INTEGER) WHERE list = 'grants';
END;
--> statement-breakpoint
CREATE TRIGGER list_sections_added AFTER INSERT ON sections BEGIN
  UPDATE list_changes SET version = version + 1, changed_at = CAST(unixepoch('subsec') * 1000 AS INTEGER) WHERE list = 'sections';
END;
--> statement-breakpoint
CREATE TRIGGER list_sections_changed AFTER UPDATE OF version ON sections BEGIN
  UPDATE list_changes SET version = version + 1, changed_at = CAST(unixepoch('subsec') * 1000 AS INTEGER) WHERE list = 'sections';
END;
--> statement-breakpoint
CREATE TRIGGER list_sections_removed AFTER DELETE ON sections BEGIN
  UPDATE list_changes SET version = version + 1, changed_at = CAST(unixepoch('subsec') * 1000 AS INTEGER) WHERE list = 'sections';
END;
--> statement-breakpoint
CREATE TRIGGER list_datasets_added AFTER INSERT ON datasets BEGIN
  UPDATE list_changes SET version = version + 1, changed_at = CAST(unixepoch('subsec') * 1000 AS INTEGER) WHERE list = 'datasets';
END;
--> statement-breakpoint
CREATE TRIGGER list_datasets_changed AFTER UPDATE ON datasets BEGIN
  UPDATE list_changes SET version = version + 1, changed_at = CAST(unixepoch('subsec') * 1000 AS INTEGER) WHERE list = 'datasets';
END;
--> statement-breakpoint
CREATE TRIGGER list_datasets_removed AFTER DELETE ON datasets BEGIN
  UPDATE list_changes SET version = version + 1, changed_at = CAST(unixepoch('subsec') * 1000 AS INTEGER) WHERE list = 'datasets';
END;
--> statement-breakpoint
-- A session that begins is told by its row. Nothing that a rotation writes is counted.
CREATE TRIGGER list_sessions_ended AFTER UPDATE OF ended_at ON sessions WHEN OLD.ended_at IS NOT NEW.ended_at BEGIN
  UPDATE list_changes SET version = version + 1, changed_at = CAST(unixepoch('subsec') * 1000 AS INTEGER) WHERE list = 'sessions';
END;
--> statement-breakpoint
CREATE TRIGGER list_sessions_removed AFTER DELETE ON sessions WHEN OLD.ended_at IS NULL BEGIN
  UPDATE list_changes SET version = version + 1, changed_at = CAST(unixepoch('subsec') * 1000 AS INTEGER) WHERE list = 'sessions';
END;
