// What validate.packages means: definitions on top of R4, or a fault that names the path.
#include "gateway/app/validation_packages.h"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "tests/support/scratch_folder.h"

using namespace cpis;

BOOST_AUTO_TEST_SUITE(validation_packages_tests)

namespace {

constexpr std::string_view profile_start =
    R"({"resourceType":"StructureDefinition","url":"http://example.org/fhir/p","name":"P",)"
    R"("status":"active","kind":"resource","abstract":false,"type":"Flag","derivation":)"
    R"("constraint","differential":{"element":[{"id":"Flag","path":"Flag"}]},"baseDefinition":)";

void write(const std::string& path, const std::string& text) {
  std::ofstream{path, std::ios::binary} << text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(without_packages_there_is_nothing_to_load) {
  const auto loaded = app::load_validation_packages({});
  BOOST_REQUIRE(static_cast<bool>(loaded));
  BOOST_TEST((loaded->definitions == nullptr));
}

BOOST_AUTO_TEST_CASE(a_folder_brings_its_profiles_beside_our_own) {
  const test::ScratchFolder folder;
  write(folder.file("p.json"),
        std::string{profile_start} + R"("http://hl7.org/fhir/StructureDefinition/Flag"})");
  const std::vector<std::string> paths{folder.path()};
  const auto loaded = app::load_validation_packages(paths);
  BOOST_REQUIRE(static_cast<bool>(loaded));
  BOOST_TEST(loaded->findings.empty());
  BOOST_REQUIRE((loaded->definitions->structure("http://example.org/fhir/p") != nullptr));
  BOOST_TEST(!loaded->definitions->structure("http://example.org/fhir/p")->elements.empty());
  BOOST_TEST((loaded->definitions->structure(
                  "https://cpis-gateway.example/fhir/StructureDefinition/cpis-flag") != nullptr));
}

BOOST_AUTO_TEST_CASE(a_profile_without_its_base_is_told_of) {
  const test::ScratchFolder folder;
  write(folder.file("p.json"), std::string{profile_start} + R"("http://example.org/fhir/none"})");
  const std::vector<std::string> paths{folder.path()};
  const auto loaded = app::load_validation_packages(paths);
  BOOST_REQUIRE(static_cast<bool>(loaded));
  BOOST_TEST(!loaded->findings.ok());
}

BOOST_AUTO_TEST_CASE(what_is_no_package_is_refused_by_name) {
  const test::ScratchFolder folder;
  write(folder.file("broken.tgz"), "not gzip");
  std::filesystem::create_directory(folder.file("empty"));
  write(folder.file("empty/readme.txt"), "nothing");
  for (const std::string& path :
       {std::string{"/nowhere/at/all"}, folder.file("broken.tgz"), folder.file("empty")}) {
    const std::vector<std::string> paths{path};
    const auto loaded = app::load_validation_packages(paths);
    BOOST_REQUIRE(!loaded);
    BOOST_TEST(loaded.error().message.find(path) != std::string::npos);
    BOOST_TEST(loaded.error().message.starts_with("validate.packages: "));
  }
}

BOOST_AUTO_TEST_SUITE_END()
