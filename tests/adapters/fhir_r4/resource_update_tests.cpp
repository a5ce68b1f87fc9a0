#include "adapters/fhir_r4/resource_update.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <string_view>

#include "fhir/json/reader.h"
#include "fhir/json/writer.h"

namespace data = boost::unit_test::data;
using namespace cpis;

BOOST_AUTO_TEST_SUITE(resource_update_tests)

namespace {

struct Case {
  std::string_view why;
  std::string_view type;
  std::string_view old, fresh;  ///< what stands behind the type
  std::string_view want;
  std::vector<std::string> cleared = {};
  bool shielded = false;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.why; }

std::string whole(const Case& c, std::string_view rest) {
  return R"({"resourceType":")" + std::string{c.type} + R"(","id":"1")" + std::string{rest} + "}";
}

const std::vector<Case> cases{
    {"what is left empty stays", "Patient", R"(,"gender":"female","birthDate":"2019-04-01")",
     R"(,"active":true)", R"(,"active":true,"gender":"female","birthDate":"2019-04-01")"},
    {"what is sent replaces", "Patient", R"(,"name":[{"family":"OAK"},{"family":"ELM"}])",
     R"(,"name":[{"family":"ASH"}])", R"(,"name":[{"family":"ASH"}])"},
    {"what is deleted goes",
     "Patient",
     R"(,"address":[{"city":"MALTON"}],"gender":"male")",
     "",
     R"(,"gender":"male")",
     {"PID-11"}},
    {"a sex that is not said is not unknown", "Patient", R"(,"gender":"female")",
     R"(,"gender":"unknown")", R"(,"gender":"female")"},
    {"a sex that is deleted is unknown",
     "Patient",
     R"(,"gender":"female")",
     R"(,"gender":"unknown")",
     R"(,"gender":"unknown")",
     {"PID-8"}},
    {"one form of a choice replaces the other", "Patient", R"(,"deceasedBoolean":true)",
     R"(,"deceasedDateTime":"2026-01-05")", R"(,"deceasedDateTime":"2026-01-05")"},
    {"of a shielded person no place is kept",
     "Patient",
     R"(,"telecom":[{"value":"1"}],"address":[{"city":"MALTON"}],"contact":[{"gender":"male"}],)"
     R"("generalPractitioner":[{"reference":"Organization/1"}],"photo":[{"title":"p"}])",
     "",
     R"(,"photo":[{"title":"p"}])",
     {},
     true},
    {"shielding is lifted by the newer one", "Patient",
     R"(,"meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality",)"
     R"("code":"R"}],"tag":[{"code":"t"}]})",
     "", R"(,"meta":{"tag":[{"code":"t"}]})"},
    {"numbers of other hospitals stay, a corrected one does not", "Patient",
     R"(,"identifier":[{"value":"A1","assigner":{"display":"A"}},)"
     R"({"value":"B1","assigner":{"display":"B"}}])",
     R"(,"identifier":[{"value":"A2","assigner":{"display":"A"}}])",
     R"(,"identifier":[{"value":"A2","assigner":{"display":"A"}},)"
     R"({"value":"B1","assigner":{"display":"B"}}])"},
    {"extensions go by their url", "Patient",
     R"(,"extension":[{"url":"u:1","valueCode":"a"},{"url":"u:2","valueCode":"b"}])",
     R"(,"extension":[{"url":"u:1","valueCode":"c"}])",
     R"(,"extension":[{"url":"u:2","valueCode":"b"},{"url":"u:1","valueCode":"c"}])"},
    {"an end stays while the visit is finished", "Encounter",
     R"(,"status":"finished","period":{"start":"2026-01-05","end":"2026-01-06"})",
     R"(,"status":"finished","period":{"start":"2026-01-05"})",
     R"(,"status":"finished","period":{"start":"2026-01-05","end":"2026-01-06"})"},
    {"a discharge that was cancelled has no end", "Encounter",
     R"(,"status":"finished","period":{"start":"2026-01-05","end":"2026-01-06"})",
     R"(,"status":"in-progress","period":{"start":"2026-01-05"})",
     R"(,"status":"in-progress","period":{"start":"2026-01-05"})"},
    {"an end that is deleted goes",
     "Encounter",
     R"(,"status":"finished","period":{"start":"2026-01-05","end":"2026-01-06"})",
     R"(,"status":"finished")",
     R"(,"status":"finished","period":{"start":"2026-01-05"})",
     {"PV1-45"}},
    {"parts of hospitalization are told one by one", "Encounter",
     R"(,"hospitalization":{"admitSource":{"text":"a"},"dischargeDisposition":{"text":"d"}})",
     R"(,"hospitalization":{"dischargeDisposition":{"text":"e"}})",
     R"(,"hospitalization":{"admitSource":{"text":"a"},"dischargeDisposition":{"text":"e"}})"},
    {"an extension of hospitalization that is not told again stays", "Encounter",
     R"(,"hospitalization":{"extension":[{"url":"u","valueCode":"a"},)"
     R"({"url":"v","valueCode":"b"}]})",
     R"(,"hospitalization":{"extension":[{"url":"v","valueCode":"c"}]})",
     R"(,"hospitalization":{"extension":[{"url":"u","valueCode":"a"},)"
     R"({"url":"v","valueCode":"c"}]})"},
    {"an admission method that is deleted goes",
     "Encounter",
     R"(,"hospitalization":{"extension":[{"url":"https://fhir.hl7.org.uk/StructureDefinition/)"
     R"(Extension-UKCore-AdmissionMethod","valueCode":"21"}]})",
     "",
     "",
     {"PV1-4"}},
    {"a narrative told of the older version", "Patient",
     R"(,"text":{"status":"generated"},"gender":"male")", "", R"(,"gender":"male")"},
};

}  // namespace

BOOST_DATA_TEST_CASE(a_newer_message_leaves, data::make(cases), c) {
  fhir::Document old;
  fhir::Document fresh;
  fhir::Issues issues;
  const std::string old_text = whole(c, c.old);
  const std::string fresh_text = whole(c, c.fresh);
  BOOST_REQUIRE(fhir::json::read_view(old_text, old, issues));
  BOOST_REQUIRE(fhir::json::read_view(fresh_text, fresh, issues));
  fhir::Document merged;
  fhir_r4::update_resource(merged, fresh.root(), old.root(), {c.cleared, c.shielded});
  BOOST_TEST(fhir::json::write(merged.root()) == whole(c, c.want));
}

BOOST_AUTO_TEST_SUITE_END()
