-- The history of a type is read newest first (FHIR R4 3.1.0.10).

CREATE INDEX resource_type_changed ON resource (type, change_id);
CREATE INDEX resource_history_changed ON resource_history (type, change_id);
