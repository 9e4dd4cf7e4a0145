-- Audit events go when their time is over, and only the job that sees to it may delete them: the API's own connection has a
-- function of this name, which tells before when. To every other connection, a hand with SQL included, it is unknown.
DROP TRIGGER audit_events_are_not_deleted;
--> statement-breakpoint
CREATE TRIGGER audit_events_are_not_deleted BEFORE DELETE ON audit_events WHEN OLD.at >= audit_events_are_append_only_but_for_their_retention() BEGIN
  SELECT RAISE(ABORT, 'audit events are append-only but for their retention');
END;
