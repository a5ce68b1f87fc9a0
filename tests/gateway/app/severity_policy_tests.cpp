// What validate.policy means: a shipped name, a file of the user, or a fault that says where it is.
#include "gateway/app/severity_policy.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <ostream>
#include <string>
#include <string_view>

#include "tests/support/scratch_folder.h"

namespace data = boost::unit_test::data;
using namespace cpis;

BOOST_AUTO_TEST_SUITE(severity_policy_tests)

namespace {

Result<fhir::Policy> policy_in_file(std::string_view text) {
  const test::ScratchFolder folder;
  const std::string path = folder.file("policy.json");
  std::ofstream{path, std::ios::binary} << text;
  return app::severity_policy_of(path);
}

struct Fault {
  std::string_view text;
  std::string_view says;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Fault& f) { return out << f.why; }

constexpr Fault faults[] = {
    {"", "cannot be used", "an empty file"},
    {"{", "cannot be used", "no JSON"},
    {R"({"name":"x"})", "has no rules", "a policy that does nothing"},
    {R"({"rules":[{"severity":"none","why":"w"}]})", "rules[0]: needs one of",
     "a rule that would silence everything"},
    {R"({"rules":[{"rule":"a","severity":"warning","why":"w"},{"rule":"b","why":"w"}]})",
     "rules[1]: severity must be", "no severity"},
    {R"({"rules":[{"rule":"a","severity":"fatal","why":"w"}]})", "severity must be",
     "a severity that readers alone decide"},
    {R"({"rules":[{"rule":"a","severity":"warning"}]})", "must say why", "no reason"},
    {R"({"rules":[{"rule":"a","profil":"b","severity":"warning","why":"w"}]})",
     "unknown key 'profil'", "a misspelt key, which would widen the rule"},
    {R"({"rules":[{"profile":"http://a|1","severity":"warning","why":"w"}]})", "without a version",
     "a profile with a version, which would match nothing"},
};

}  // namespace

BOOST_AUTO_TEST_CASE(nothing_means_the_standard_and_nhs_what_ships) {
  BOOST_TEST(app::severity_policy_of("")->empty());
  BOOST_TEST(!app::severity_policy_of("nhs")->empty());
}

BOOST_AUTO_TEST_CASE(a_file_that_is_not_there_is_named) {
  const auto policy = app::severity_policy_of("/nowhere/policy.json");
  BOOST_REQUIRE(!policy);
  BOOST_TEST(policy.error().message.find("/nowhere/policy.json") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(rules_of_a_file_count_in_their_order) {
  const auto policy = policy_in_file(
      R"({"name":"x","rules":[{"rule":"a","path":"Patient.name","severity":"none","why":"w"},)"
      R"({"rule":"a","severity":"information","why":"w"}]})");
  BOOST_REQUIRE(policy);
  using fhir::Severity;
  BOOST_TEST(!policy->apply({"a", "", ""}, Severity::error, "Patient.name[1].use").has_value());
  BOOST_TEST((policy->apply({"a", "", ""}, Severity::error, "Patient") == Severity::information));
  BOOST_TEST((policy->apply({"b", "", ""}, Severity::error, "Patient") == Severity::error));
}

BOOST_DATA_TEST_CASE(a_fault_says_what_and_where, data::make(faults), f) {
  const auto policy = policy_in_file(f.text);
  BOOST_REQUIRE(!policy);
  BOOST_TEST_CONTEXT(policy.error().message) {
    BOOST_TEST(policy.error().message.find(f.says) != std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()
