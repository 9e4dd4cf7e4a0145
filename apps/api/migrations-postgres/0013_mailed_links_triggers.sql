-- Whoever has another address has not shown that it reaches them, and what was sent to the one before is no longer good.
CREATE FUNCTION unverify_another_email() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.email IS DISTINCT FROM OLD.email THEN
    NEW.email_verified := false;
    DELETE FROM one_use_tokens WHERE user_id = NEW.id AND purpose IN ('passwordReset', 'emailVerification');
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER users_verify_another_email BEFORE UPDATE OF email ON users FOR EACH ROW EXECUTE FUNCTION unverify_another_email();
