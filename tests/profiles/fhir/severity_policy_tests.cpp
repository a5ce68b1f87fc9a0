// The shipped severity policies: each exception does what it says and no more, and with them every
// published UK Core and NHS England example has a verdict that can be explained.
#include "profiles/fhir/severity_policies.h"

#include <algorithm>
#include <array>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>

#include "fhir/json/reader.h"
#include "fhir/terminology/terminology.h"
#include "fhir/validate/validator.h"
#include "fhir/xml/reader.h"

using namespace cpis;
using namespace cpis::fhir;
namespace fs = std::filesystem;

namespace {

const fs::path shared = fs::path{CPIS_SOURCE} / ".." / "shared";

std::string text_of(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

bool read(const std::string& text, Document& document, Issues& issues) {
  if (text.find('<') > text.find('{')) return json::read(text, document, issues);
  return xml::read(text, document, issues, {.schema = &Definitions::r4().types()});
}

/// Reads and validates with a policy; what the reader found is under it, too.
Issues judge(const std::string& text, Validator& validator, const Policy& policy) {
  Document document;
  Issues issues;
  ValidateOptions options;
  options.policy = policy;
  const bool is_read = read(text, document, issues);
  issues = policy.revise(issues);
  if (is_read) validator.validate(document, issues, options);
  return issues;
}

bool says(const Issues& issues, std::string_view rule, Severity severity) {
  return std::ranges::any_of(
      issues, [&](const Issue& one) { return one.rule == rule && one.severity == severity; });
}

struct Exception {
  const char* rule;
  const char* text;
  const char* why;
  friend std::ostream& operator<<(std::ostream& out, const Exception& e) { return out << e.why; }
};

const Exception exceptions[] = {
    {"bundle-full-url",
     R"({"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"Flag/1",
        "resource":{"resourceType":"Basic","id":"1","code":{"text":"x"}}}]})",
     "a relative fullUrl"},
    {"bundle-search-id",
     R"({"resourceType":"Bundle","type":"searchset","entry":[{"resource":
        {"resourceType":"Basic","code":{"text":"x"}}}]})",
     "a search result without id"},
    {"blank-text", R"({"resourceType":"Patient","address":[{"line":[" "],"city":"x"}]})",
     "a line of an address that is blank"},
    {"coding-code",
     R"({"resourceType":"Encounter","status":"finished","class":{"code":"EMERGENCY","system":
        "http://terminology.hl7.org/CodeSystem/v3-ActCode"}})",
     "a code of one's own under the url of HL7"},
    {"reference-format",
     R"({"resourceType":"Patient","managingOrganization":{"reference":"Organization/http://a"}})",
     "a canonical where an id belongs"},
    {"xml-order",
     R"(<Flag xmlns="http://hl7.org/fhir"><code><text value="x"/></code><status value="active"/>
        <subject><reference value="Patient/1"/></subject></Flag>)",
     "elements out of order"},
};

struct Fixed {
  const char* text;
  const char* rule;
  const char* why;
  friend std::ostream& operator<<(std::ostream& out, const Fixed& f) { return out << f.why; }
};

const Fixed still_refused[] = {
    {R"({"resourceType":"Patient","gender":"none"})", "binding-required", "a code that is none"},
    {R"({"resourceType":"Patient","birthDate":"yesterday"})", "literal", "a date that is none"},
    {R"({"resourceType":"Patient","nhsNumber":"9990000042"})", "unknown-element",
     "an element that does not exist"},
    {R"({"resourceType":"Flag","status":"active","code":{"text":"x"}})", "cardinality-min",
     "a flag about nobody"},
};

/// Examples that are wrong whoever looks.
struct Rejected {
  const char* file;
  const char* rule;
  const char* why;
};
constexpr std::array rejected{
    Rejected{"Extension-UKCore-ConditionEpisode-Example.xml", "cardinality-max",
             "two values in one extension; the XML schema refuses it, too"},
    Rejected{"UKCore-Extension-ConditionEpisode-Example.xml", "cardinality-max",
             "the same example under its older name"},
    Rejected{"UKCore-Bundle-NEWS2Observations-Example.xml", "fixed",
             "vital signs of FHIR fix /min as the unit code; here it is another"},
    Rejected{"UKCore-Observation-VitalSigns-BodyHeight-Example.xml", "binding-required",
             "a body height of FHIR is in cm or [in_i]; here it is in m"},
};

/// Examples of which a part cannot be judged: their profile is published elsewhere.
constexpr std::array<std::string_view, 2> profile_elsewhere{"FLA04 - Flag - Scene Safe.xml",
                                                            "FLA05 - Flag - Scene Safe2.xml"};

}  // namespace

BOOST_AUTO_TEST_SUITE(severity_policy_tests)

BOOST_AUTO_TEST_CASE(only_what_ships_has_a_name) {
  BOOST_TEST(profiles::severity_policy("nhs").has_value());
  BOOST_TEST(!profiles::severity_policy("").has_value());
  BOOST_TEST(!profiles::severity_policy("../nhs").has_value());
}

BOOST_AUTO_TEST_CASE(every_exception_says_why) {
  Document document;
  Issues issues;
  json::ReadOptions options;
  options.fragment = true;
  const auto file = fs::path{CPIS_SOURCE} / "profiles" / "fhir" / "policies" / "nhs.json";
  BOOST_REQUIRE(json::read(text_of(file), document, issues, options));
  BOOST_TEST(document.root().count("rules") >= 8U);
  for (const Element& rule : document.root().children("rules")) {
    BOOST_TEST(!rule.value_of("rule").empty());
    BOOST_TEST(rule.value_of("why").size() > 20U);
  }
}

BOOST_DATA_TEST_CASE(an_exception_lowers_its_finding_to_a_warning, exceptions, sample) {
  const Terminology codes{Definitions::r4()};
  Validator validator{Definitions::r4(), &codes};
  const Policy nhs = *profiles::severity_policy("nhs");
  BOOST_TEST(says(judge(sample.text, validator, {}), sample.rule, Severity::error));
  const Issues lowered = judge(sample.text, validator, nhs);
  BOOST_TEST(says(lowered, sample.rule, Severity::warning));
  BOOST_TEST(lowered.ok());
}

BOOST_DATA_TEST_CASE(what_is_wrong_stays_wrong, still_refused, sample) {
  const Terminology codes{Definitions::r4()};
  Validator validator{Definitions::r4(), &codes};
  const Issues issues = judge(sample.text, validator, *profiles::severity_policy("nhs"));
  BOOST_TEST(says(issues, sample.rule, Severity::error));
}

BOOST_AUTO_TEST_CASE(every_published_uk_example_has_an_explained_verdict) {
  const fs::path corpus = shared / "corpora" / "fhir";
  if (!fs::exists(corpus)) {
    BOOST_TEST_MESSAGE("skipped: ../shared is not here");
    return;
  }
  Issues loading;
  std::vector<Package> packages;
  for (const char* folder : {"ukcore", "nhsengland", "nhsengland-programme"}) {
    packages.push_back(*Package::load(corpus / "uk" / "defs" / folder, loading));
  }
  for (const char* folder : {"uk-core", "nhs-england"}) {
    const fs::path more = shared / "reference" / folder;
    if (fs::exists(more)) packages.push_back(*Package::load(more, loading));
  }
  const Definitions definitions{std::move(packages), loading};
  const Terminology codes{definitions};
  Validator validator{definitions, &codes};
  const Policy nhs = *profiles::severity_policy("nhs");
  std::size_t judged = 0;
  for (const fs::path& folder :
       {corpus / "uk" / "examples", corpus / "pds", shared / "reference" / "uk-core" / "examples",
        shared / "reference" / "nhs-england" / "examples"}) {
    if (!fs::exists(folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator{folder}) {
      const std::string file = entry.path().filename();
      const auto ending = entry.path().extension();
      if ((ending != ".json" && ending != ".xml") || file == "expected.json") continue;
      ++judged;
      const Issues issues = judge(text_of(entry.path()), validator, nhs);
      const auto* const wrong =
          std::ranges::find_if(rejected, [&](const Rejected& one) { return file == one.file; });
      BOOST_TEST_CONTEXT(file) {
        if (wrong != rejected.end()) {
          BOOST_TEST(says(issues, wrong->rule, Severity::error), wrong->why);
          continue;
        }
        for (const Issue& issue : issues) {
          BOOST_TEST((issue.severity > Severity::error),
                     issue.path << ' ' << issue.rule << ' ' << issue.diagnostics);
        }
        const bool elsewhere = std::ranges::count(profile_elsewhere, std::string_view{file}) > 0;
        BOOST_TEST(says(issues, "profile-unknown", Severity::warning) == elsewhere);
      }
    }
  }
  BOOST_TEST_MESSAGE(judged << " published examples, " << rejected.size() << " of them wrong");
  BOOST_TEST(judged > 150U);
}

BOOST_AUTO_TEST_SUITE_END()
