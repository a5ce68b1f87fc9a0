#include "conformance/peers/county/county.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <map>
#include <set>

#include "adapters/social_care/upload_records.h"
#include "adapters/social_care/vendors.h"
#include "profiles/social_care/mapping_profiles.h"

namespace sc = cpis::social_care;
using cpis::county::CountyFile;
using cpis::county::MemoryCounty;

namespace {

constexpr cpis::Date today{std::chrono::year{2026}, std::chrono::month{6}, std::chrono::day{15}};

MemoryCounty county_of(std::size_t children, bool with_flaws, std::uint64_t seed = 7) {
  MemoryCounty county;
  generate_county({seed, children, today, "999", with_flaws}, county);
  return county;
}

sc::CollectingSink import(std::string_view profile_name, const MemoryCounty& county,
                          std::initializer_list<CountyFile> files) {
  auto profile = sc::read_profile(cpis::profiles::find_mapping_profile(profile_name)->json);
  BOOST_REQUIRE(profile);
  sc::set_authority(*profile, "999", {"X99", "TESTSHIRE", "01632960001", "01632960002"});
  sc::ExportSet set;
  for (const CountyFile file : files) set.add(std::string{name_of(file)}, county.text(file));
  sc::CollectingSink sink;
  const auto counts = read_export(*sc::vendor_of(*profile), *profile, set, today, sink);
  BOOST_TEST(!counts.refused);
  return sink;
}

sc::CollectingSink import_lcs(const MemoryCounty& county) {
  return import("lcs", county,
                {CountyFile::ssd_person, CountyFile::ssd_cp_plans, CountyFile::ssd_legal_status,
                 CountyFile::ssd_mother});
}

// Whom, what kind and when: what CP-IS would be told.
std::multiset<std::string> sendable(const sc::CollectingSink& sink) {
  std::multiset<std::string> out;
  for (const auto& record : sink.records) {
    if (!sc::may_be_sent(record)) continue;
    out.insert(std::string{record.subject->nhs_number.digits()} + " " +
               std::string{words_of(record.type).code} + " " + cpis::to_iso(record.start) + " " +
               (record.end ? cpis::to_iso(*record.end) : ""));
  }
  return out;
}

std::size_t people_sent(const sc::CollectingSink& sink) {
  sc::UploadBuilder builder;
  for (sc::CanonicalRecord record : sink.records) builder.add(std::move(record));
  return builder.draft().records.size();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(county_tests)

BOOST_AUTO_TEST_CASE(the_same_seed_gives_the_same_bytes_and_another_seed_does_not) {
  BOOST_TEST((county_of(200, true).files == county_of(200, true).files));
  BOOST_TEST((county_of(200, true).files != county_of(200, true, 8).files));
}

BOOST_AUTO_TEST_CASE(every_number_is_a_test_number_and_used_once) {
  const auto county = county_of(3000, true);
  std::set<cpis::NhsNumber> seen;
  for (const auto& person : county.people) {
    BOOST_TEST(person.nhs_number.is_test_number());
    BOOST_TEST(seen.insert(person.nhs_number).second);
  }
  BOOST_TEST(seen.size() > 3000U);
}

BOOST_AUTO_TEST_CASE(a_county_without_flaws_loads_without_a_held_record) {
  const auto sink = import_lcs(county_of(2000, false));
  for (const auto& record : sink.records) {
    BOOST_TEST_CONTEXT(record.person_key) { BOOST_TEST((record.state != sc::RecordState::held)); }
  }
  BOOST_TEST(people_sent(sink) > 1500U);
}

BOOST_AUTO_TEST_CASE(a_county_with_flaws_loads_mostly_and_says_what_it_holds) {
  const auto sink = import_lcs(county_of(2000, true));
  std::map<std::string, std::size_t> rules;
  for (const auto& finding : sink.findings) ++rules[finding.rule];
  for (const std::string rule : {"P02", "L01", "U03"}) {
    BOOST_TEST_CONTEXT(rule) { BOOST_TEST(rules[rule] > 0U); }
  }
  BOOST_TEST(people_sent(sink) > 1500U);
}

BOOST_AUTO_TEST_CASE(the_ssd_tables_and_the_cohort_file_say_the_same) {
  const auto county = county_of(2000, true);
  const auto from_ssd = sendable(import_lcs(county));
  const auto from_cohort = sendable(import("cohort", county, {CountyFile::cohort}));
  BOOST_TEST(from_ssd.size() > 1500U);
  BOOST_TEST((from_ssd == from_cohort));
}

// What the generator says about a person is what the import finds.
BOOST_AUTO_TEST_CASE(who_is_on_a_plan_can_be_sent_and_nobody_else_has_an_open_plan) {
  const auto county = county_of(2000, true);
  std::set<cpis::NhsNumber> open;
  for (const auto& record : import_lcs(county).records) {
    if (sc::may_be_sent(record) && record.open) open.insert(record.subject->nhs_number);
  }
  for (const auto& person : county.people) {
    BOOST_TEST_CONTEXT(person.local_id) {
      BOOST_TEST(open.contains(person.nhs_number) == person.on_plan);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
