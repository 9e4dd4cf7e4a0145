-- What was asked for of a section that is deleted, by whatever hand, stays with whoever asked, as of
-- nothing: that it vanishes would tell what there was. Before, since the foreign key takes rows
-- along. Who waits is told so for a week, as of anything (`core/access/waiting-in-vain.ts`).
CREATE TRIGGER section_leaves_its_requests BEFORE DELETE ON sections BEGIN
  UPDATE access_requests SET section_id = NULL, answered_at = coalesce(answered_at, asked_at + 604800000) WHERE section_id = OLD.id;
  UPDATE list_changes SET version = version + 1, changed_at = CAST(unixepoch('subsec') * 1000 AS INTEGER) WHERE list = 'accessRequests';
END;
