#include "gateway/fhir_api/target.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string_view>

namespace data = boost::unit_test::data;
using namespace cpis::fhir_api;

BOOST_AUTO_TEST_SUITE(target_tests)

namespace {

struct Case {
  std::string_view method, below, interaction, id, version, allowed;
};
std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.method << ' ' << c.below;
}

constexpr Case cases[] = {
    {"GET", "Patient/1", "read", "1", "", "GET, HEAD, PUT, PATCH, DELETE"},
    {"HEAD", "Patient/1", "read", "1", "", "GET, HEAD, PUT, PATCH, DELETE"},
    {"GET", "Patient/1/", "read", "1", "", "GET, HEAD, PUT, PATCH, DELETE"},
    {"GET", "patient/1", "", "", "", ""},
    {"GET", "Patient/1/_history/3", "vread", "1", "3", "GET, HEAD"},
    {"GET", "Patient/1/_history", "history-instance", "1", "", "GET, HEAD"},
    {"GET", "Patient/_history", "history-type", "", "", "GET, HEAD"},
    {"POST", "Patient/_search", "search-type", "", "", "POST"},
    {"GET", "Patient", "search-type", "", "", "GET, HEAD, POST, PUT, PATCH, DELETE"},
    {"PATCH", "Patient", "patch", "", "", "GET, HEAD, POST, PUT, PATCH, DELETE"},
    {"GET", "Patient/1/Encounter", "search-type", "1", "", "GET, HEAD"},
    {"GET", "Encounter/1/Patient", "", "1", "", ""},
    {"GET", "Patient/1/$everything", "operation", "1", "", "GET, POST"},
    {"DELETE", "Patient/1/$everything", "", "1", "", "GET, POST"},
    {"POST", "", "transaction", "", "", "POST"},
    {"GET", "", "", "", "", "POST"},
    {"HEAD", "Flag/1", "", "1", "", "GET, PUT, PATCH, DELETE"},
    {"PUT", "CareTeam/1", "", "1", "", "GET"},
    {"GET", "Patient/1/2/3/4/5", "", "", "", ""},
    {"GET", "Patient/%zz", "", "", "", ""},
    {"GET", "Observation/1", "", "", "", ""},
};

}  // namespace

BOOST_DATA_TEST_CASE(paths_lead_to_rows, data::make(cases), c) {
  const Target target = target_of(c.method, c.below);
  BOOST_TEST(target.interaction == c.interaction);
  BOOST_TEST((target.route != nullptr) == !c.interaction.empty());
  BOOST_TEST(target.allowed == c.allowed);
  if (target.route == nullptr) return;
  BOOST_TEST(target.id == c.id);
  BOOST_TEST(target.version == c.version);
}

BOOST_AUTO_TEST_CASE(a_compartment_keeps_whose_it_is) {
  const Target target = target_of("GET", "Patient/1/Encounter");
  BOOST_TEST(target.type == "Encounter");
  BOOST_TEST(target.compartment == "Patient");
}

BOOST_AUTO_TEST_SUITE_END()
