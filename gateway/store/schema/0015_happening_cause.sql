-- What made it happen: the question of an arrival or a look, or an upload. Calls to subscribers and
-- their audit rows carry it on.
ALTER TABLE happening ADD COLUMN correlation_id {key:64} NOT NULL DEFAULT '';
