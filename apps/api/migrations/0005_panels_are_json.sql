-- A panel whose definition is no JSON would take its whole section with it: refused, whoever writes it.
CREATE TRIGGER panels_are_json_on_insert BEFORE INSERT ON panels WHEN NOT json_valid(NEW.definition)
BEGIN
  SELECT RAISE(ABORT, 'the definition of a panel is JSON');
END;
--> statement-breakpoint
CREATE TRIGGER panels_are_json_on_update BEFORE UPDATE OF definition ON panels WHEN NOT json_valid(NEW.definition)
BEGIN
  SELECT RAISE(ABORT, 'the definition of a panel is JSON');
END;
