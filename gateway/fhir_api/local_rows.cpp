#include <array>

#include "gateway/fhir_api/local_api.h"
#include "gateway/fhir_api/local_search.h"
#include "gateway/fhir_api/rows.h"

namespace cpis::fhir_api {
namespace {

Route searches(std::string_view type, std::string_view includes, std::string_view documentation) {
  return {.type = type,
          .interaction = "search-type",
          .handle = search_local_type,
          .documentation = documentation,
          .params = defined_params(type),
          .includes = includes};
}

constexpr Route row(std::string_view type, std::string_view interaction, Handler handle,
                    std::string_view documentation) {
  return {
      .type = type, .interaction = interaction, .handle = handle, .documentation = documentation};
}

constexpr Route operation(std::string_view type, std::string_view name, Level level,
                          std::string_view methods, Handler handle,
                          std::string_view documentation) {
  return {.type = type,
          .interaction = "operation",
          .handle = handle,
          .documentation = documentation,
          .operation = name,
          .level = level,
          .methods = methods};
}

bool writes(std::string_view interaction) {
  return interaction == "create" || interaction == "update" || interaction == "patch" ||
         interaction == "delete";
}

void add_common(std::vector<Route>& rows, std::string_view type) {
  const std::size_t first = rows.size();
  rows.push_back(row(type, "vread", vread_local, "One version of a local resource"));
  rows.push_back(row(type, "history-instance", history_of_instance,
                     "The versions of a local resource, newest first"));
  rows.push_back(row(type, "history-type", history_of_type,
                     "The versions of all local resources of the type, newest first"));
  rows.push_back(row(type, "create", create_local,
                     "Makes a resource; with If-None-Exist only when the condition finds none"));
  rows.push_back(row(type, "update", update_local,
                     "Another version, or a resource with this id; by condition below the type"));
  rows.push_back(
      row(type, "patch", patch_local, "JSON Patch or FHIRPath Patch; by condition below the type"));
  rows.push_back(row(type, "delete", delete_local,
                     "Ends a resource, its versions stay; by condition below the type"));
  rows.push_back(operation(type, "meta", Level::instance, "GET POST", meta_of_instance,
                           "Profiles, tags and security labels of a resource"));
  for (std::size_t i = first; i < rows.size(); ++i) {
    // A flag says something about a child's safety; a write may show what was there already.
    rows[i].traced = type == "Flag" || writes(rows[i].interaction);
  }
}

std::vector<Route> make_rows() {
  std::vector<Route> rows;
  Route transaction = row("", "transaction", process_bundle,
                          "All entries or none; references between them are resolved");
  transaction.traced = true;
  rows.push_back(transaction);
  rows.push_back(row("", "batch", process_bundle, "Each entry for itself"));
  rows.push_back(row("Encounter", "read", read_local, "One attendance"));
  rows.push_back(searches("Encounter", "Encounter:patient Encounter:subject", "Attendances"));
  rows.push_back(row("Patient", "read", read_local, "One person"));
  rows.push_back(searches("Patient", "Patient:link", "People, when they are singled out"));
  rows.push_back(row("Patient", "search-compartment", search_local_type,
                     "Other types in the compartment of a person: Patient/ID/Encounter"));
  Route match = operation("Patient", "match", Level::type, "POST", match_person,
                          "People like the one given, with how certain it is");
  match.traced = true;
  rows.push_back(match);
  Route everything =
      operation("Patient", "everything", Level::instance, "GET POST", everything_about,
                "Everything about a person; a look at the national record");
  everything.look = everything.traced = true;
  rows.push_back(everything);
  Route read = row("Flag", "read", read_any_flag,
                   "One flag; of the national record, a look at the person's record");
  read.look = read.traced = true;
  rows.push_back(read);
  Route search = searches("Flag", "Flag:detail Flag:author Flag:patient Flag:subject",
                          "A person's flags; a look at the national record");
  search.handle = search_any_flags;
  search.look = search.traced = true;
  rows.push_back(search);
  for (const std::string_view type : {"Encounter", "Flag", "Patient"}) add_common(rows, type);
  return rows;
}

}  // namespace

std::span<const Route> local_rows() {
  static const std::vector<Route> rows = make_rows();
  return rows;
}

}  // namespace cpis::fhir_api
