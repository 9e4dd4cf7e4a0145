-- Whoever has another address has not shown that it reaches them, and what was sent to the one before is no longer good.
CREATE TRIGGER users_verify_another_email AFTER UPDATE OF email ON users WHEN NEW.email IS NOT OLD.email BEGIN
  UPDATE users SET email_verified = 0 WHERE id = NEW.id AND email_verified;
  DELETE FROM one_use_tokens WHERE user_id = NEW.id AND purpose IN ('passwordReset', 'emailVerification');
END;
