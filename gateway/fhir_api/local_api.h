#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/fhir_api/exchange.h"
#include "gateway/fhir_api/services.h"

// Resources that live here: Patient, Encounter and the Flags of this place. Reading them is no look
// at the national record. Each is one row of local_rows.cpp for each type.

namespace cpis::fhir_api {

void read_local(const Services& services, Exchange&& exchange);   // local_read.cpp
void vread_local(const Services& services, Exchange&& exchange);  // local_history.cpp
void history_of_instance(const Services& services, Exchange&& exchange);
void history_of_type(const Services& services, Exchange&& exchange);
void search_local_type(const Services& services, Exchange&& exchange);  // local_read.cpp
void create_local(const Services& services, Exchange&& exchange);       // local_write.cpp
void update_local(const Services& services, Exchange&& exchange);
void patch_local(const Services& services, Exchange&& exchange);
void delete_local(const Services& services, Exchange&& exchange);
void meta_of_instance(const Services& services, Exchange&& exchange);  // local_read.cpp
void process_bundle(const Services& services, Exchange&& exchange);    // bundle_api.cpp

/// Local flags beside those of the national record; a read or search of the latter is a look.
void read_any_flag(const Services& services, Exchange&& exchange);  // flag_api.cpp
void search_any_flags(const Services& services, Exchange&& exchange);
/// Everything about a person, the national record included: a look.
void everything_about(const Services& services, Exchange&& exchange);  // everything_api.cpp
void match_person(const Services& services, Exchange&& exchange);      // match_api.cpp

/// 404 for a resource that does not live here.
http::Response no_such_local(const std::string& type);

/// The answer, when a caller may not search by this condition (of If-None-Exist, a conditional
/// reference, a page link): what it finds, and that it finds, is told to whoever may search only.
std::optional<http::Response> refuse_condition(const Services& services, const Exchange& exchange,
                                               std::string_view type, std::string_view condition);

/// Runs `work` on a worker, or answers 503.
void on_worker(const Services& services, Exchange&& exchange,
               http::Response (*work)(const Services&, Exchange&));

}  // namespace cpis::fhir_api
