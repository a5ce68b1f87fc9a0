#pragma once

#include <string>

#include "gateway/store/audit_store.h"

namespace cpis::fhir_api {

/// One row of the audit trail as a FHIR AuditEvent on one line, in the shape of IHE Basic Audit Log
/// Patterns: rest, the interaction, client, server and user as agents, the patient, the search in
/// its normal form, each resource that was returned, and the correlation id as entities. The row's
/// chain, number and hash make the id and an identifier, so that it can be found again.
///
/// The line holds personal data.
std::string audit_event_line(const store::AuditRow& row);

/// The names of the columns of `audit_csv_line`, and one row, each ending in CR LF (RFC 4180). A
/// value that a spreadsheet would take for a formula gets an apostrophe in front.
std::string audit_csv_header();
std::string audit_csv_line(const store::AuditRow& row);

}  // namespace cpis::fhir_api
