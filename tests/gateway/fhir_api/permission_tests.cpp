#include "gateway/fhir_api/permission.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <string_view>

namespace data = boost::unit_test::data;
using namespace cpis;
using namespace cpis::fhir_api;

BOOST_AUTO_TEST_SUITE(permission_tests)

namespace {

struct Case {
  std::string_view method;
  std::string_view below;
  std::string_view query;
  std::string_view needs;  ///< `Type.action` in order
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.why; }

constexpr Case cases[] = {
    {"GET", "metadata", "", "", "what the server can do is open"},
    {"GET", "Flag", "patient=1", "Flag.s", "a search"},
    {"POST", "Flag/_search", "", "Flag.s", "a search by POST"},
    {"GET", "Flag/x", "", "Flag.r", "a read"},
    {"HEAD", "Patient/x", "", "Patient.r", "a HEAD is a read"},
    {"GET", "Patient/x/_history", "", "Patient.r", "the history of one"},
    {"GET", "Patient/x/_history/2", "", "Patient.r", "a version"},
    {"GET", "Patient/_history", "", "Patient.s", "the history of a type"},
    {"GET", "_history", "", "*.s", "the history of everything"},
    {"GET", "", "_type=Flag", "*.s", "a search over everything"},
    {"POST", "Patient", "", "Patient.c", "a create"},
    {"PUT", "Patient/x", "", "Patient.u", "an update"},
    {"PUT", "Patient", "identifier=1", "Patient.u Patient.s",
     "a conditional update says whether there is somebody"},
    {"PATCH", "Patient/x", "", "Patient.u Patient.r", "a patch shows what stands there"},
    {"PATCH", "Patient", "_id=1", "Patient.u Patient.r Patient.s", "a conditional patch"},
    {"DELETE", "Patient/x", "", "Patient.d", "a delete"},
    {"DELETE", "Patient", "identifier=1", "Patient.d Patient.s", "a conditional delete"},
    {"POST", "", "", "", "each entry of a Bundle is asked about on its own"},
    {"POST", "$validate", "", "", "validation touches no record"},
    {"GET", "Basic", "code=SubscriptionTopic", "", "topics of subscriptions are about nobody"},
    {"POST", "Flag/$validate", "", "", "validation of a type"},
    {"POST", "Patient/$match", "", "Patient.s", "a match is a search"},
    {"GET", "Patient/x/$everything", "",
     "Patient.r Encounter.r Flag.r CarePlan.r CareTeam.r AuditEvent.r Organization.r",
     "everything about a person"},
    {"POST", "$unheard-of", "", "*.r *.u", "an operation nobody knows"},
    {"POST", "Patient/x/$unheard-of", "", "*.r *.u", "the same on one resource"},
    {"GET", "Patient/x/Encounter", "", "Patient.r Encounter.s", "a compartment"},
    {"GET", "PatientFlag", "code=x", "Flag.s", "the Patient Flag form"},
    {"GET", "Flag", "_include=Flag:detail", "CarePlan.r CareTeam.r Flag.s", "an include"},
    {"GET", "Flag", "_include:iterate=CarePlan:care-team", "CareTeam.r Flag.s",
     "an include that goes on"},
    {"GET", "Encounter", "_include=Encounter:patient:Patient", "Patient.r Encounter.s",
     "an include that names its type"},
    {"GET", "Encounter", "_include=*", "*.r Encounter.s", "an include of all"},
    {"GET", "Encounter", "_include=Encounter:unheard-of", "*.r Encounter.s",
     "an include nobody knows"},
    {"GET", "Patient", "_revinclude=Flag:patient", "Flag.r Patient.s", "an include backwards"},
    {"GET", "Encounter", "patient.identifier=1", "Encounter.s",
     "a chain to what the reference says"},
    {"GET", "Encounter", "patient.family=x", "Encounter.s Patient.s",
     "a chain searches its target"},
    {"GET", "Encounter", "subject:Patient.family=x", "Encounter.s Patient.s", "a typed chain"},
    {"GET", "Encounter", "part-of.patient.birthdate=2015", "Encounter.s Patient.s", "a long chain"},
    {"GET", "Patient", "_has:Encounter:patient:status=x", "Patient.s Encounter.s",
     "_has searches the other type"},
    {"GET", "Patient", "_has:Encounter:patient:_has:Provenance:target:agent=x",
     "Patient.s Encounter.s Provenance.s", "_has in _has"},
    {"DELETE", "Encounter", "patient.family=x", "Encounter.d Encounter.s Patient.s",
     "a condition with a chain"},
    {"GET", "Fl%61g", "", "Fl%61g.s", "a type in disguise is no type"},
};

}  // namespace

BOOST_DATA_TEST_CASE(a_request_needs_what_it_does_and_what_it_brings, data::make(cases), c) {
  const auto query = http::QueryString::parse(c.query);
  BOOST_REQUIRE(query);
  std::string needs;
  for (const Need& need : needs_of(c.method, c.below, *query)) {
    if (!needs.empty()) needs += ' ';
    needs += need.type + '.' + auth::letter_of(need.action);
  }
  BOOST_TEST(needs == c.needs);
}

BOOST_AUTO_TEST_CASE(what_is_missing_is_named_as_a_scope) {
  auth::Identity who;
  who.caller.kind = Caller::Kind::system;
  who.may.grant("Flag", auth::actions_of("s"));
  const auto query = http::QueryString::parse("");
  BOOST_TEST(!refuse_by_scope(who, "GET", "Flag", *query).has_value());
  const auto refused = refuse_by_scope(who, "GET", "Flag/x", *query);
  BOOST_REQUIRE(refused.has_value());
  BOOST_TEST(refused->status == 403);
  BOOST_TEST(refused->scope == "system/Flag.r");
  // What the client wrote is not sent back to it.
  BOOST_TEST(refuse_by_scope(who, "GET", "\"<x>/1", *query)->scope == "");
}

BOOST_AUTO_TEST_SUITE_END()
