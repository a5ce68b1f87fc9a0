-- A commit writes every page it touches. These indexes cost a page, or an entry that is added and
-- taken out again, for rows that are never or almost never looked up by them.

-- The trail of one subject is found by a walk.
DROP INDEX audit_subject {on:audit};

-- Attendances are in memory; what is open among them is known there.
DROP INDEX attendance_open {on:attendance};

-- Messages without a patient key wait for nobody.
CREATE INDEX inbox_of_patient ON inbox (patient_key, id)
  {only:state < 2 AND patient_key IS NOT NULL};
DROP INDEX inbox_patient {on:inbox};
