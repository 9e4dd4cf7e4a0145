-- What was asked for of a section that is deleted, by whatever hand, stays with whoever asked, as of
-- nothing: that it vanishes would tell what there was. Before, since the foreign key takes rows
-- along. Who waits is told so for a week, as of anything (`core/access/waiting-in-vain.ts`).
CREATE FUNCTION leave_requests_of_section() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE access_requests SET section_id = NULL, answered_at = coalesce(answered_at, asked_at + 604800000) WHERE section_id = OLD.id;
  RETURN OLD;
END $$;
--> statement-breakpoint
CREATE TRIGGER section_leaves_its_requests BEFORE DELETE ON sections FOR EACH ROW EXECUTE FUNCTION leave_requests_of_section();
