-- When the newest description of a person was recorded by its sender, so that a message that comes
-- late, or is taken again, does not put an older one in its place.

ALTER TABLE patient_state ADD COLUMN told_at {int};
