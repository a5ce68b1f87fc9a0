-- Each question to the national service is two commits. Nearly all are neither open nor late by the
-- second, and a commit writes every page it touches.

CREATE INDEX spine_exchange_unresolved ON spine_exchange (state, deadline_at) {only:state < 3};
DROP INDEX spine_exchange_open {on:spine_exchange};

CREATE INDEX spine_exchange_told_late ON spine_exchange (is_late, answered_at) {only:is_late = 1};
DROP INDEX spine_exchange_late {on:spine_exchange};
