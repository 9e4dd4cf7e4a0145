-- Keys are compared and ordered by their bytes, whatever the database is set to.
ALTER TABLE users ALTER COLUMN username_key TYPE text COLLATE "C", ALTER COLUMN email_key TYPE text COLLATE "C", ALTER COLUMN display_name_key TYPE text COLLATE "C";
--> statement-breakpoint
-- One role is built in: whoever is in it has every permission that there is, those of later versions too. It is the one
-- called admin; where there is none, it is made.
INSERT INTO roles (id, name, description)
SELECT 'rol_' || substr(md5(random()::text || clock_timestamp()::text), 1, 22), 'admin', 'May do everything' WHERE NOT EXISTS (SELECT FROM roles WHERE name = 'admin');
--> statement-breakpoint
UPDATE roles SET built_in = true WHERE name = 'admin';
--> statement-breakpoint
-- Whoever had every permission of before by other roles was an admin, and stays one.
INSERT INTO user_roles (user_id, role_id)
SELECT user_roles.user_id, (SELECT id FROM roles WHERE built_in)
FROM user_roles JOIN role_permissions ON role_permissions.role_id = user_roles.role_id
WHERE role_permissions.permission IN ('sections:read', 'sections:write', 'datasets:read', 'datasets:write', 'users:read', 'users:write', 'grants:write', 'audit:read')
GROUP BY user_roles.user_id HAVING count(DISTINCT role_permissions.permission) = 8
ON CONFLICT DO NOTHING;
--> statement-breakpoint
-- What the built-in role gives is written in no row.
DELETE FROM role_permissions WHERE role_id = (SELECT id FROM roles WHERE built_in);
--> statement-breakpoint
-- What a role gives has changed: raise its epoch too, so that nobody carries out what was decided on what it gave.
CREATE OR REPLACE FUNCTION raise_epochs_of_grant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    UPDATE roles SET epoch = epoch + 1 WHERE id = OLD.role_id;
    UPDATE users SET epoch = epoch + 1 WHERE id = OLD.user_id OR id IN (SELECT user_id FROM user_roles WHERE role_id = OLD.role_id);
  END IF;
  IF TG_OP <> 'DELETE' THEN
    UPDATE roles SET epoch = epoch + 1 WHERE id = NEW.role_id;
    UPDATE users SET epoch = epoch + 1 WHERE id = NEW.user_id OR id IN (SELECT user_id FROM user_roles WHERE role_id = NEW.role_id);
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION raise_epochs_of_permission() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    UPDATE roles SET version = version + 1, epoch = epoch + 1 WHERE id = OLD.role_id;
    UPDATE users SET epoch = epoch + 1 WHERE id IN (SELECT user_id FROM user_roles WHERE role_id = OLD.role_id);
  END IF;
  IF TG_OP <> 'DELETE' THEN
    UPDATE roles SET version = version + 1, epoch = epoch + 1 WHERE id = NEW.role_id;
    UPDATE users SET epoch = epoch + 1 WHERE id IN (SELECT user_id FROM user_roles WHERE role_id = NEW.role_id);
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION raise_epochs_of_section() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.id <> OLD.id THEN RAISE EXCEPTION 'ids do not change'; END IF;
  IF NEW.slug <> OLD.slug THEN
    UPDATE roles SET epoch = epoch + 1 WHERE id IN (SELECT role_id FROM grants WHERE section_id = OLD.id);
    UPDATE users SET epoch = epoch + 1
    WHERE id IN (SELECT user_id FROM grants WHERE section_id = OLD.id)
       OR id IN (SELECT user_roles.user_id FROM grants JOIN user_roles ON user_roles.role_id = grants.role_id WHERE grants.section_id = OLD.id);
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION raise_version_of_role() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.id <> OLD.id THEN RAISE EXCEPTION 'ids do not change'; END IF;
  IF NEW.version < OLD.version THEN RAISE EXCEPTION 'a version only rises'; END IF;
  IF NEW.epoch < OLD.epoch THEN RAISE EXCEPTION 'an epoch only rises'; END IF;
  IF (NEW.name, NEW.description, NEW.built_in) IS DISTINCT FROM (OLD.name, OLD.description, OLD.built_in) THEN
    NEW.version := greatest(NEW.version, OLD.version + 1);
  END IF;
  -- Another role is built in, by hand.
  IF NEW.built_in <> OLD.built_in THEN
    NEW.epoch := greatest(NEW.epoch, OLD.epoch + 1);
    UPDATE users SET epoch = epoch + 1 WHERE id IN (SELECT user_id FROM user_roles WHERE role_id = NEW.id);
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
-- What an edit of a user changes: raise the version, so that nobody overwrites what they have not seen.
CREATE OR REPLACE FUNCTION raise_epochs_of_user_role() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    UPDATE users SET epoch = epoch + 1, version = version + 1 WHERE id = OLD.user_id;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    UPDATE users SET epoch = epoch + 1, version = version + 1 WHERE id = NEW.user_id;
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION raise_epoch_of_user() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.id <> OLD.id THEN RAISE EXCEPTION 'ids do not change'; END IF;
  IF NEW.epoch < OLD.epoch THEN RAISE EXCEPTION 'an epoch only rises'; END IF;
  IF NEW.version < OLD.version THEN RAISE EXCEPTION 'a version only rises'; END IF;
  IF (NEW.active, NEW.password_hash) IS DISTINCT FROM (OLD.active, OLD.password_hash) THEN
    NEW.epoch := greatest(NEW.epoch, OLD.epoch + 1);
  END IF;
  IF (NEW.username, NEW.email, NEW.display_name, NEW.active) IS DISTINCT FROM (OLD.username, OLD.email, OLD.display_name, OLD.active) THEN
    NEW.version := greatest(NEW.version, OLD.version + 1);
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
-- When a user was seen last is told by their sessions, and by this once those have been purged. No rotation writes it.
CREATE FUNCTION remember_last_session() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE users SET last_seen_at = greatest(last_seen_at, OLD.last_used_at) WHERE id = OLD.user_id;
  RETURN OLD;
END $$;
--> statement-breakpoint
CREATE TRIGGER user_was_seen BEFORE DELETE ON sessions FOR EACH ROW EXECUTE FUNCTION remember_last_session();
--> statement-breakpoint
-- A name that was somebody's is nobody else's.
CREATE FUNCTION retire_name() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO retired_names (username_key) VALUES (OLD.username_key) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER user_name_retires AFTER DELETE ON users FOR EACH ROW EXECUTE FUNCTION retire_name();
