-- INSERT OR REPLACE and UPDATE OR REPLACE take away the rows in their way and fire no trigger of deletion for them.
-- So those whom such a row concerns are told before it goes.
CREATE TRIGGER epoch_grant_replaced BEFORE INSERT ON grants WHEN EXISTS (SELECT 1 FROM grants WHERE id = NEW.id) BEGIN
  UPDATE users SET epoch = epoch + 1
  WHERE id = (SELECT user_id FROM grants WHERE id = NEW.id)
     OR id IN (SELECT user_roles.user_id FROM grants JOIN user_roles ON user_roles.role_id = grants.role_id WHERE grants.id = NEW.id);
END;
--> statement-breakpoint
CREATE TRIGGER epoch_grant_overwritten BEFORE UPDATE OF id ON grants WHEN NEW.id IS NOT OLD.id BEGIN
  UPDATE users SET epoch = epoch + 1
  WHERE id = (SELECT user_id FROM grants WHERE id = NEW.id)
     OR id IN (SELECT user_roles.user_id FROM grants JOIN user_roles ON user_roles.role_id = grants.role_id WHERE grants.id = NEW.id);
END;
--> statement-breakpoint
CREATE TRIGGER epoch_section_replaced BEFORE INSERT ON sections WHEN EXISTS (SELECT 1 FROM sections WHERE id = NEW.id AND slug IS NOT NEW.slug) BEGIN
  UPDATE users SET epoch = epoch + 1
  WHERE id IN (SELECT user_id FROM grants WHERE section_id = NEW.id)
     OR id IN (SELECT user_roles.user_id FROM grants JOIN user_roles ON user_roles.role_id = grants.role_id WHERE grants.section_id = NEW.id);
END;
--> statement-breakpoint
-- Users, roles and sections are what other rows name by id. One never takes the place of another, which would leave
-- rights behind that nobody gave, or bring back an epoch that old tokens carry.
CREATE TRIGGER users_are_not_replaced BEFORE INSERT ON users
WHEN EXISTS (SELECT 1 FROM users WHERE id = NEW.id OR username_key = NEW.username_key OR email_key = NEW.email_key) BEGIN
  SELECT RAISE(ABORT, 'change a user by UPDATE: there is one of this id, name or address');
END;
--> statement-breakpoint
CREATE TRIGGER users_do_not_replace BEFORE UPDATE OF username_key, email_key ON users
WHEN EXISTS (SELECT 1 FROM users WHERE (username_key = NEW.username_key OR email_key = NEW.email_key) AND id IS NOT OLD.id) BEGIN
  SELECT RAISE(ABORT, 'another user has this name or address');
END;
--> statement-breakpoint
CREATE TRIGGER users_keep_their_id BEFORE UPDATE OF id ON users WHEN NEW.id IS NOT OLD.id BEGIN
  SELECT RAISE(ABORT, 'ids do not change');
END;
--> statement-breakpoint
CREATE TRIGGER epochs_only_rise BEFORE UPDATE OF epoch ON users WHEN NEW.epoch < OLD.epoch BEGIN
  SELECT RAISE(ABORT, 'an epoch only rises');
END;
--> statement-breakpoint
CREATE TRIGGER roles_are_not_replaced BEFORE INSERT ON roles WHEN EXISTS (SELECT 1 FROM roles WHERE name = NEW.name AND id IS NOT NEW.id) BEGIN
  SELECT RAISE(ABORT, 'another role has this name');
END;
--> statement-breakpoint
CREATE TRIGGER roles_do_not_replace BEFORE UPDATE OF name ON roles WHEN EXISTS (SELECT 1 FROM roles WHERE name = NEW.name AND id IS NOT OLD.id) BEGIN
  SELECT RAISE(ABORT, 'another role has this name');
END;
--> statement-breakpoint
CREATE TRIGGER roles_keep_their_id BEFORE UPDATE OF id ON roles WHEN NEW.id IS NOT OLD.id BEGIN
  SELECT RAISE(ABORT, 'ids do not change');
END;
--> statement-breakpoint
CREATE TRIGGER sections_are_not_replaced BEFORE INSERT ON sections WHEN EXISTS (SELECT 1 FROM sections WHERE slug = NEW.slug AND id IS NOT NEW.id) BEGIN
  SELECT RAISE(ABORT, 'another section has this address');
END;
--> statement-breakpoint
CREATE TRIGGER sections_do_not_replace BEFORE UPDATE OF slug ON sections WHEN EXISTS (SELECT 1 FROM sections WHERE slug = NEW.slug AND id IS NOT OLD.id) BEGIN
  SELECT RAISE(ABORT, 'another section has this address');
END;
--> statement-breakpoint
CREATE TRIGGER sections_keep_their_id BEFORE UPDATE OF id ON sections WHEN NEW.id IS NOT OLD.id BEGIN
  SELECT RAISE(ABORT, 'ids do not change');
END;
