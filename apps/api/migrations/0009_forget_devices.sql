-- Whoever could have signed in with the old password must not be let by the limits of sign-in as somebody known. The
-- database does it, so that a password changed by hand in SQL counts as well. Only a better hash of the same password
-- keeps the devices: whoever stores one puts them back.
CREATE TRIGGER password_forgets_devices AFTER UPDATE OF password_hash ON users WHEN OLD.password_hash IS NOT NEW.password_hash BEGIN
  DELETE FROM known_devices WHERE user_id = NEW.id;
END;
--> statement-breakpoint
-- For tools that do not enforce foreign keys.
CREATE TRIGGER user_takes_devices_along AFTER DELETE ON users BEGIN
  DELETE FROM known_devices WHERE user_id = OLD.id;
END;
