#include "fhir/definitions/package.h"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "fhir/definitions/definitions.h"
#include "tests/fhir/definitions/archive_builder.h"
#include "tests/support/scratch_folder.h"

using namespace cpis::fhir;
using cpis::test::gzip;
using cpis::test::tar_end;
using cpis::test::tar_entry;

namespace {

constexpr std::string_view set_json = R"({"resourceType":"ValueSet",
  "url":"http://example.org/ValueSet/colours","version":"2","status":"active",
  "compose":{"include":[{"system":"http://example.org/colours","concept":[{"code":"red"}]}]}})";

constexpr std::string_view system_xml = R"(<CodeSystem xmlns="http://hl7.org/fhir">
  <url value="http://example.org/colours"/><status value="active"/><content value="complete"/>
  <concept><code value="red"/><display value="Red"/>
    <concept><code value="crimson"/><property><code value="notSelectable"/>
      <valueBoolean value="true"/></property></concept></concept>
</CodeSystem>)";

constexpr std::string_view parameter_json = R"({"resourceType":"SearchParameter",
  "url":"http://example.org/flag-colour","name":"colour","status":"active","code":"colour",
  "base":["Flag"],"type":"token","expression":"Flag.code","modifier":["not","text"]})";

std::string manifest() { return R"({"name":"example.colours","version":"1.2.3"})"; }

std::optional<Package> load(const std::string& tar, Issues& issues) {
  return Package::from_archive(gzip(tar + tar_end()), issues);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(package_tests)

BOOST_AUTO_TEST_CASE(an_npm_package_is_read) {
  Issues issues;
  const auto package = load(tar_entry("package/package.json", manifest()) +
                                tar_entry("package/ValueSet-colours.json", set_json) +
                                tar_entry("package/CodeSystem-colours.xml", system_xml) +
                                tar_entry("package/SearchParameter-colour.json", parameter_json) +
                                tar_entry("package/.index.json", "{") +
                                tar_entry("package/example/ValueSet-x.json", set_json) +
                                tar_entry("other/ValueSet-x.json", set_json),
                            issues);
  BOOST_REQUIRE(package.has_value());
  BOOST_TEST(issues.empty());
  BOOST_TEST(package->name() == "example.colours");
  BOOST_TEST(package->version() == "1.2.3");
  BOOST_TEST(package->value_sets().size() == 1U);
  BOOST_REQUIRE_EQUAL(package->code_systems().size(), 1U);
  const CodeSystem& system = package->code_systems().front();
  BOOST_REQUIRE_EQUAL(system.concepts.size(), 2U);
  BOOST_TEST(system.concepts[1].abstract);
  BOOST_TEST(system.concepts[1].parents.front() == 0U);
  BOOST_TEST(package->search_parameters().front().allows(SearchModifier::text));
  BOOST_TEST(!package->search_parameters().front().allows(SearchModifier::exact));
}

BOOST_AUTO_TEST_CASE(a_file_that_is_no_resource_is_a_warning) {
  Issues issues;
  const auto package =
      load(tar_entry("package/odd.json", "{\"name\":1}") + tar_entry("package/broken.xml", "<a>") +
               tar_entry("package/ValueSet-colours.json", set_json),
           issues);
  BOOST_REQUIRE(package.has_value());
  BOOST_TEST(package->value_sets().size() == 1U);
  BOOST_TEST(issues.size() == 2U);
  BOOST_TEST(issues.errors() == 0U);
}

BOOST_AUTO_TEST_CASE(codes_that_fhir_does_not_know_are_reported) {
  Issues issues;
  Package package;
  package.add_file("a.json",
                   R"({"resourceType":"SearchParameter","url":"http://e","code":"a","type":"colour",
    "modifier":["loud"],"comparator":["about"]})",
                   issues);
  BOOST_TEST(issues.size() == 3U);
  BOOST_TEST((package.search_parameters().front().type == SearchType::special));
}

BOOST_AUTO_TEST_CASE(a_definition_nobody_could_ask_for_is_reported_and_not_loaded) {
  Issues issues;
  Package package;
  package.add_file("a.json", R"({"resourceType":"ValueSet","name":"A"})", issues);
  package.add_file("b.json", R"({"resourceType":"ValueSet","url":"http://e|1"})", issues);
  BOOST_TEST(issues.size() == 2U);
  BOOST_TEST(package.value_sets().empty());
}

BOOST_AUTO_TEST_CASE(a_folder_is_read_with_its_subfolders) {
  const cpis::test::ScratchFolder scratch;
  const std::filesystem::path folder = scratch.path();
  std::filesystem::create_directories(folder / "deep");
  std::ofstream{folder / "a.json"} << set_json;
  std::ofstream{folder / "deep" / "b.xml"} << system_xml;
  std::ofstream{folder / "notes.txt"} << "not read";
  Issues issues;
  const auto package = Package::load(folder, issues);
  BOOST_REQUIRE(package.has_value());
  BOOST_TEST(issues.empty());
  BOOST_TEST(package->value_sets().size() == 1U);
  BOOST_TEST(package->code_systems().size() == 1U);
}

BOOST_AUTO_TEST_CASE(what_is_not_there_is_fatal) {
  Issues issues;
  BOOST_TEST(!Package::load("/no/such/package.tgz", issues).has_value());
  BOOST_REQUIRE_EQUAL(issues.size(), 1U);
  BOOST_TEST((issues.list().front().severity == Severity::fatal));
}

BOOST_AUTO_TEST_CASE(definitions_show_what_packages_bring) {
  Issues issues;
  std::vector<Package> packages;
  packages.push_back(*load(tar_entry("package/ValueSet-colours.json", set_json) +
                               tar_entry("package/SearchParameter-c.json", parameter_json),
                           issues));
  const Definitions definitions{std::move(packages), issues};
  BOOST_TEST(issues.empty());
  BOOST_TEST(definitions.value_set("http://example.org/ValueSet/colours|2") != nullptr);
  BOOST_TEST(definitions.value_set("http://example.org/ValueSet/colours|3")->version == "2");
  BOOST_TEST(definitions.value_set("http://hl7.org/fhir/ValueSet/flag-status") != nullptr);
  BOOST_TEST(definitions.search_parameter("Flag", "colour") != nullptr);
  BOOST_TEST(definitions.search_parameter("Flag", "subject") != nullptr);
  BOOST_TEST(Definitions::r4().search_parameter("Flag", "colour") == nullptr);
}

BOOST_AUTO_TEST_CASE(a_later_package_goes_first_and_a_version_can_be_asked_for) {
  Issues issues;
  std::vector<Package> packages(2);
  const auto set = [](std::string_view version) {
    return R"({"resourceType":"ValueSet","url":"http://example.org/v","version":")" +
           std::string{version} + "\"}";
  };
  packages[0].add_file("a.json", set("1"), issues);
  packages[1].add_file("b.json", set("2"), issues);
  const Definitions definitions{std::move(packages), issues};
  BOOST_TEST(definitions.value_set("http://example.org/v")->version == "2");
  BOOST_TEST(definitions.value_set("http://example.org/v|1")->version == "1");
}

BOOST_AUTO_TEST_CASE(the_types_of_fhir_cannot_be_replaced) {
  Issues issues;
  std::vector<Package> packages(1);
  packages[0].add_file("a.json", R"({"resourceType":"StructureDefinition","type":"Flag",
    "url":"http://hl7.org/fhir/StructureDefinition/Flag","version":"9","kind":"resource",
    "snapshot":{"element":[{"path":"Flag"}]}})",
                       issues);
  const Definitions definitions{std::move(packages), issues};
  BOOST_TEST(definitions.structure("http://hl7.org/fhir/StructureDefinition/Flag")->version ==
             "4.0.1");
}

BOOST_AUTO_TEST_SUITE_END()
