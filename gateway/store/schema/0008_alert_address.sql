-- Which message announced an attendance that is asked about, for feeds whose engine is told the
-- outcome by HL7 v2: the alert names patient and visit as that message did.

CREATE TABLE alert_address (
  attendance_id {key:64} NOT NULL PRIMARY KEY,
  message_id {int} NOT NULL
) {table_by_key};
CREATE INDEX alert_address_message ON alert_address (message_id);
