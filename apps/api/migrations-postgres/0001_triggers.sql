-- A grant exists once.
CREATE UNIQUE INDEX grants_once ON grants (coalesce(user_id, ''), coalesce(role_id, ''), coalesce(section_id, '_all_'));
--> statement-breakpoint
-- What a user may do has changed: raise the epoch, so that older access tokens are stale on their next request.
-- The database does it, so that a change made by hand in SQL bites as well.
CREATE FUNCTION raise_epochs_of_grant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    UPDATE users SET epoch = epoch + 1 WHERE id = OLD.user_id OR id IN (SELECT user_id FROM user_roles WHERE role_id = OLD.role_id);
  END IF;
  IF TG_OP <> 'DELETE' THEN
    UPDATE users SET epoch = epoch + 1 WHERE id = NEW.user_id OR id IN (SELECT user_id FROM user_roles WHERE role_id = NEW.role_id);
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER epoch_grant AFTER INSERT OR UPDATE OR DELETE ON grants FOR EACH ROW EXECUTE FUNCTION raise_epochs_of_grant();
--> statement-breakpoint
CREATE FUNCTION raise_epochs_of_user_role() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    UPDATE users SET epoch = epoch + 1 WHERE id = OLD.user_id;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    UPDATE users SET epoch = epoch + 1 WHERE id = NEW.user_id;
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER epoch_user_role AFTER INSERT OR UPDATE OR DELETE ON user_roles FOR EACH ROW EXECUTE FUNCTION raise_epochs_of_user_role();
--> statement-breakpoint
-- A role's permissions are written in it: what was decided on what they were is not carried out.
CREATE FUNCTION raise_epochs_of_permission() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    UPDATE roles SET version = version + 1 WHERE id = OLD.role_id;
    UPDATE users SET epoch = epoch + 1 WHERE id IN (SELECT user_id FROM user_roles WHERE role_id = OLD.role_id);
  END IF;
  IF TG_OP <> 'DELETE' THEN
    UPDATE roles SET version = version + 1 WHERE id = NEW.role_id;
    UPDATE users SET epoch = epoch + 1 WHERE id IN (SELECT user_id FROM user_roles WHERE role_id = NEW.role_id);
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER epoch_permission AFTER INSERT OR UPDATE OR DELETE ON role_permissions FOR EACH ROW EXECUTE FUNCTION raise_epochs_of_permission();
--> statement-breakpoint
CREATE FUNCTION raise_version_of_role() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.id <> OLD.id THEN RAISE EXCEPTION 'ids do not change'; END IF;
  IF NEW.version < OLD.version THEN RAISE EXCEPTION 'a version only rises'; END IF;
  IF (NEW.name, NEW.description) IS DISTINCT FROM (OLD.name, OLD.description) THEN
    NEW.version := greatest(NEW.version, OLD.version + 1);
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER role_changed BEFORE UPDATE ON roles FOR EACH ROW EXECUTE FUNCTION raise_version_of_role();
--> statement-breakpoint
-- What joins users and roles is gone by the time a cascade reaches the grants, so the role's users are found before.
CREATE FUNCTION raise_epochs_of_role() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE users SET epoch = epoch + 1 WHERE id IN (SELECT user_id FROM user_roles WHERE role_id = OLD.id);
  RETURN OLD;
END $$;
--> statement-breakpoint
CREATE TRIGGER epoch_role_deleted BEFORE DELETE ON roles FOR EACH ROW EXECUTE FUNCTION raise_epochs_of_role();
--> statement-breakpoint
CREATE FUNCTION raise_epoch_of_user() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.id <> OLD.id THEN RAISE EXCEPTION 'ids do not change'; END IF;
  IF NEW.epoch < OLD.epoch THEN RAISE EXCEPTION 'an epoch only rises'; END IF;
  IF (NEW.active, NEW.password_hash) IS DISTINCT FROM (OLD.active, OLD.password_hash) THEN
    NEW.epoch := greatest(NEW.epoch, OLD.epoch + 1);
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER user_changed BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION raise_epoch_of_user();
--> statement-breakpoint
-- Deactivation ends every session for good: activating the user again revives none. Whoever could have signed in with an
-- old password must not be let by the limits of sign-in as somebody known; whoever stores a better hash of the same
-- password puts the devices back.
CREATE FUNCTION follow_change_of_user() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.active AND NOT NEW.active THEN
    UPDATE sessions SET ended_at = (extract(epoch FROM clock_timestamp()) * 1000)::bigint, end_reason = 'deactivated' WHERE user_id = NEW.id AND ended_at IS NULL;
  END IF;
  IF OLD.password_hash IS DISTINCT FROM NEW.password_hash THEN
    DELETE FROM known_devices WHERE user_id = NEW.id;
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER user_has_changed AFTER UPDATE OF active, password_hash ON users FOR EACH ROW EXECUTE FUNCTION follow_change_of_user();
--> statement-breakpoint
-- Access tokens name sections by slug: one that now means another section must not open it.
CREATE FUNCTION raise_epochs_of_section() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.id <> OLD.id THEN RAISE EXCEPTION 'ids do not change'; END IF;
  IF NEW.slug <> OLD.slug THEN
    UPDATE users SET epoch = epoch + 1
    WHERE id IN (SELECT user_id FROM grants WHERE section_id = OLD.id)
       OR id IN (SELECT user_roles.user_id FROM grants JOIN user_roles ON user_roles.role_id = grants.role_id WHERE grants.section_id = OLD.id);
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER epoch_section_renamed BEFORE UPDATE OF id, slug ON sections FOR EACH ROW EXECUTE FUNCTION raise_epochs_of_section();
--> statement-breakpoint
-- Audit events go when their time is over, and only the job that sees to it deletes them: it says before when, in the
-- same transaction. To anybody else who deletes, nothing is old enough.
CREATE FUNCTION keep_audit_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF OLD.at < coalesce(nullif(current_setting('sallyport.audit_retention', true), ''), '-9007199254740991')::bigint THEN
      RETURN OLD;
    END IF;
  END IF;
  RAISE EXCEPTION 'audit events are append-only but for their retention';
END $$;
--> statement-breakpoint
CREATE TRIGGER audit_events_are_kept BEFORE UPDATE OR DELETE ON audit_events FOR EACH ROW EXECUTE FUNCTION keep_audit_event();
--> statement-breakpoint
CREATE FUNCTION refuse_truncation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit events are append-only but for their retention';
END $$;
--> statement-breakpoint
CREATE TRIGGER audit_events_are_not_truncated BEFORE TRUNCATE ON audit_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncation();
