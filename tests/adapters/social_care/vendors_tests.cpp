#include "adapters/social_care/vendors.h"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "profiles/social_care/mapping_profiles.h"
#include "tests/adapters/social_care/render.h"
#include "tests/support/golden.h"

namespace sc = cpis::social_care;
namespace fs = std::filesystem;
using cpis::test::check_golden_cases;
using cpis::test::shipped_profile;

namespace {

// A folder of golden cases is read with the profile of its first line, `profile <name>`.
std::string import_case(const std::string& input) {
  const std::size_t end = input.find('\n');
  BOOST_REQUIRE(input.starts_with("profile ") && end != std::string::npos);
  auto files = cpis::test::split_files(input.substr(end + 1));
  return cpis::test::render_import(shipped_profile(input.substr(8, end - 8)), files);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(vendors_tests)

// Each vendor needs an ordinary export, wrong rows, an empty file and a wrong encoding.
BOOST_AUTO_TEST_CASE(every_vendor_has_golden_cases_and_they_hold) {
  BOOST_REQUIRE(!sc::vendors().empty());
  for (const sc::Vendor& vendor : sc::vendors()) {
    BOOST_TEST_CONTEXT(vendor.name) {
      check_golden_cases("social_care/" + std::string{vendor.name}, 4, import_case);
    }
  }
}

// The file that makes statutory returns usable, beside a return.
BOOST_AUTO_TEST_CASE(the_identity_crosswalk_has_golden_cases_and_they_hold) {
  check_golden_cases("social_care/crosswalk", 4, import_case);
  BOOST_TEST(!fs::is_empty(fs::path{CPIS_SOURCE} / "tests/fuzz/corpus/crosswalk"));
}

BOOST_AUTO_TEST_CASE(every_vendor_has_a_page_a_fuzz_target_and_a_profile) {
  const fs::path root{CPIS_SOURCE};
  for (const sc::Vendor& vendor : sc::vendors()) {
    const std::string name{vendor.name};
    BOOST_TEST_CONTEXT(name) {
      BOOST_TEST(fs::exists(root / "adapters/social_care" / name / "README.md"));
      BOOST_TEST(fs::exists(root / "tests/fuzz/social_care" / ("fuzz_" + name + ".cpp")));
      BOOST_TEST(!fs::is_empty(root / "tests/fuzz/corpus" / name));
      bool used = false;
      for (const auto& shipped : cpis::profiles::mapping_profiles()) {
        used = used || sc::vendor_of(shipped_profile(shipped.name)) == &vendor;
      }
      BOOST_TEST(used);
    }
  }
}

BOOST_AUTO_TEST_CASE(every_shipped_profile_is_read_and_has_a_reader) {
  BOOST_REQUIRE_GE(cpis::profiles::mapping_profiles().size(), 2U);
  for (const auto& shipped : cpis::profiles::mapping_profiles()) {
    const auto profile = shipped_profile(shipped.name);
    BOOST_TEST(profile.name == shipped.name);
    BOOST_TEST(sc::vendor_of(profile) != nullptr);
  }
}

BOOST_AUTO_TEST_CASE(an_export_without_files_is_refused) {
  sc::ExportSet none;
  sc::CollectingSink sink;
  const auto counts = sc::read_export(*sc::find_vendor("cohort_csv"), shipped_profile("cohort"),
                                      none, cpis::test::social_care_today, sink);
  BOOST_TEST(counts.refused);
  BOOST_REQUIRE_EQUAL(sink.findings.size(), 1U);
  BOOST_TEST(sink.findings[0].rule == "F01");
  BOOST_TEST(sink.records.empty());
}

BOOST_AUTO_TEST_CASE(an_unknown_vendor_is_not_found) {
  BOOST_TEST(sc::find_vendor("nobody") == nullptr);
}

BOOST_AUTO_TEST_SUITE_END()
