// What a hospital's messages leave beside Patient and Encounter (usecases/arrival_resources.h). It
// is read and searched; writing it is the hospital's feed's.

#include <array>

#include "gateway/fhir_api/local_api.h"
#include "gateway/fhir_api/local_search.h"
#include "gateway/fhir_api/rows.h"

namespace cpis::fhir_api {
namespace {

struct Companion {
  std::string_view type;
  std::string_view one;  ///< in words, for the read
  std::string_view many;
  std::string_view includes;
};
constexpr Companion companions[] = {
    {"Coverage", "Who pays for a person's care", "Coverages of a person",
     "Coverage:patient Coverage:beneficiary"},
    {"EpisodeOfCare", "One episode of care", "Episodes of care of a person",
     "EpisodeOfCare:patient"},
    {"Location", "A site, ward, room or bed", "Places of hospitals",
     "Location:partof Location:organization"},
    {"Practitioner", "Somebody who cares for people", "Hospital staff and general practitioners",
     ""},
    {"PractitionerRole", "What somebody does for whom", "Roles of practitioners",
     "PractitionerRole:practitioner PractitionerRole:organization"},
    {"Provenance", "Which stored message a visit or a person was last told by",
     "From which messages resources come", "Provenance:target Provenance:patient"},
    {"RelatedPerson", "One of a person's next of kin", "A person's next of kin",
     "RelatedPerson:patient"},
};

Route row(std::string_view type, std::string_view interaction, Handler handle,
          std::string_view documentation) {
  return {
      .type = type, .interaction = interaction, .handle = handle, .documentation = documentation};
}

std::vector<Route> make_rows() {
  std::vector<Route> rows;
  for (const Companion& each : companions) {
    rows.push_back(row(each.type, "read", read_local, each.one));
    Route search = row(each.type, "search-type", search_local_type, each.many);
    search.params = defined_params(each.type);
    search.includes = each.includes;
    rows.push_back(search);
    rows.push_back(row(each.type, "vread", vread_local, "One version of it"));
    rows.push_back(
        row(each.type, "history-instance", history_of_instance, "Its versions, newest first"));
  }
  return rows;
}

}  // namespace

std::span<const Route> companion_rows() {
  static const std::vector<Route> rows = make_rows();
  return rows;
}

}  // namespace cpis::fhir_api
