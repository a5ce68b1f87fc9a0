#include "fhir/definitions/archive.h"

#include <boost/test/unit_test.hpp>
#include <map>

#include "tests/fhir/definitions/archive_builder.h"

using namespace cpis::fhir;
using cpis::test::gzip;
using cpis::test::tar_end;
using cpis::test::tar_entry;

namespace {

struct Outcome {
  bool whole = false;
  std::map<std::string, std::string> files;
  Issues issues;
};

Outcome unpack(std::string_view packed, const ArchiveLimits& limits = {}) {
  Outcome outcome;
  outcome.whole = read_archive(
      packed, limits,
      [&](std::string_view name, std::string content) {
        outcome.files.emplace(std::string{name}, std::move(content));
      },
      outcome.issues);
  return outcome;
}

std::string rule_of(const Outcome& outcome) {
  return outcome.issues.empty() ? "" : outcome.issues.list().back().rule;
}

std::string pax_record(std::string_view text) {
  // The length counts its own digits; two of them are enough here.
  return std::to_string(text.size() + 4) + ' ' + std::string{text} + '\n';
}

}  // namespace

BOOST_AUTO_TEST_SUITE(archive_tests)

BOOST_AUTO_TEST_CASE(files_come_out_as_they_went_in) {
  const std::string long_text(1500, 'x');
  const auto outcome = unpack(
      gzip(tar_entry("package/a.json", "{}") + tar_entry("package/", "", '5') +
           tar_entry("package/b.txt", long_text) + tar_entry("package/empty", "") + tar_end()));
  BOOST_TEST(outcome.whole);
  BOOST_TEST(outcome.files.size() == 3U);
  BOOST_TEST(outcome.files.at("package/a.json") == "{}");
  BOOST_TEST(outcome.files.at("package/b.txt") == long_text);
  BOOST_TEST(outcome.files.at("package/empty").empty());
}

BOOST_AUTO_TEST_CASE(long_names_come_from_pax_and_gnu_headers) {
  const std::string name = "package/" + std::string(60, 'n') + ".json";
  const auto outcome =
      unpack(gzip(tar_entry("pax", pax_record("path=" + name), 'x') + tar_entry("short", "1") +
                  tar_entry("././@LongLink", name + "2" + '\0', 'L') + tar_entry("short", "2") +
                  tar_entry("plain", "3") + tar_end()));
  BOOST_TEST(outcome.whole);
  BOOST_TEST(outcome.files.at(name) == "1");
  BOOST_TEST(outcome.files.at(name + "2") == "2");
  BOOST_TEST(outcome.files.at("plain") == "3");
}

BOOST_AUTO_TEST_CASE(links_and_devices_are_passed_over) {
  const auto outcome = unpack(gzip(tar_entry("link", "", '2') + tar_entry("hard", "", '1') +
                                   tar_entry("device", "", '3') + tar_end()));
  BOOST_TEST(outcome.whole);
  BOOST_TEST(outcome.files.empty());
}

BOOST_AUTO_TEST_CASE(what_is_no_archive_is_refused) {
  BOOST_TEST(!unpack("").whole);
  BOOST_TEST(!unpack("PK\x03\x04").whole);
  BOOST_TEST(!unpack(gzip("not a tar, but long enough to be one" + std::string(600, '!'))).whole);
  BOOST_TEST(rule_of(unpack("plain text")) == "package-archive");
}

BOOST_AUTO_TEST_CASE(an_archive_cut_anywhere_is_refused) {
  const std::string packed = gzip(tar_entry("package/a.json", std::string(2000, 'a')) + tar_end());
  for (std::size_t size = 0; size < packed.size(); ++size) {
    BOOST_TEST(!unpack(std::string_view{packed}.substr(0, size)).whole);
  }
}

BOOST_AUTO_TEST_CASE(a_file_that_is_longer_than_the_archive_is_refused) {
  const std::string whole = tar_entry("a", std::string(2000, 'a'));
  const auto outcome = unpack(gzip(whole.substr(0, 1024)));
  BOOST_TEST(!outcome.whole);
  BOOST_TEST(rule_of(outcome) == "package-archive");
}

// A small file that unpacks to a huge one must cost no more than the limit.
BOOST_AUTO_TEST_CASE(a_decompression_bomb_stops_at_the_limit) {
  ArchiveLimits limits;
  limits.unpacked_bytes_max = 100'000;
  const auto outcome = unpack(gzip(tar_entry("a", std::string(10'000'000, '\0'))), limits);
  BOOST_TEST(!outcome.whole);
  BOOST_TEST(rule_of(outcome) == "package-limit");
}

BOOST_AUTO_TEST_CASE(each_limit_holds) {
  const std::string two = gzip(tar_entry("aaaa", "1234") + tar_entry("b", "") + tar_end());
  ArchiveLimits limits;
  limits.files_max = 1;
  BOOST_TEST(rule_of(unpack(two, limits)) == "package-limit");
  limits = {};
  limits.file_bytes_max = 3;
  BOOST_TEST(rule_of(unpack(two, limits)) == "package-limit");
  limits = {};
  limits.name_bytes_max = 3;
  BOOST_TEST(rule_of(unpack(two, limits)) == "package-limit");
  limits = {};
  limits.packed_bytes_max = 10;
  BOOST_TEST(rule_of(unpack(two, limits)) == "package-limit");
}

BOOST_AUTO_TEST_SUITE_END()
