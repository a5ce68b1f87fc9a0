#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <map>
#include <set>

#include "adapters/social_care/csv/csv_reader.h"
#include "adapters/social_care/vendors.h"
#include "tests/adapters/social_care/render.h"
#include "tests/support/golden.h"

// The sector's public sample of the looked-after return: 5,050 episodes of 2,123 children.

namespace sc = cpis::social_care;
namespace fs = std::filesystem;
using cpis::test::shipped_profile;

namespace {

struct Sample {
  std::string episodes;
  std::string header;
};

std::optional<Sample> sample() {
  const auto folder = fs::path{CPIS_SOURCE} / "../shared/corpora/socialcare/ssda903";
  if (!fs::exists(folder)) {
    BOOST_TEST_MESSAGE("skipped: ../shared is not here");
    return std::nullopt;
  }
  return Sample{cpis::test::read_file((folder / "episodes.csv").string()),
                cpis::test::read_file((folder / "header.csv").string())};
}

std::vector<std::vector<std::string>> rows_of(const std::string& csv) {
  sc::MemorySource source{"x", csv};
  sc::CsvReader reader{source, {}};
  std::vector<std::vector<std::string>> rows;
  while (reader.next() == sc::CsvReader::Step::row) {
    rows.emplace_back(reader.fields().begin(), reader.fields().end());
  }
  return rows;
}

std::string csv_of(const std::vector<std::vector<std::string>>& rows) {
  std::string out;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) out += (i == 0 ? "" : ",") + row[i];
    out += "\n";
  }
  return out;
}

using Intervals = std::set<std::string>;

Intervals intervals_of(const sc::Profile& profile, sc::ExportSet& files) {
  sc::CollectingSink sink;
  const auto counts =
      read_export(*sc::vendor_of(profile), profile, files, cpis::test::social_care_today, sink);
  BOOST_TEST(!counts.refused);
  Intervals out;
  for (const auto& record : sink.records) {
    out.insert(record.person_key + " " + cpis::to_iso(record.start) + " " +
               (record.open ? "open" : cpis::to_iso(*record.end)));
  }
  BOOST_TEST(out.size() == sink.records.size());
  return out;
}

Intervals from_csv(const std::string& episodes, const std::string& header,
                   const sc::Profile& profile = shipped_profile("ssda903")) {
  sc::ExportSet files;
  files.add("a.csv", episodes);
  files.add("b.csv", header);
  return intervals_of(profile, files);
}

void check_counts(const Intervals& intervals, std::size_t all, std::size_t children,
                  std::size_t open) {
  std::set<std::string> people;
  std::size_t still_open = 0;
  for (const auto& one : intervals) {
    people.insert(one.substr(0, one.find(' ')));
    still_open += one.ends_with("open") ? 1U : 0U;
  }
  BOOST_TEST(intervals.size() == all);
  BOOST_TEST(people.size() == children);
  BOOST_TEST(still_open == open);
}

std::string xml_of(const Sample& data) {
  std::map<std::string, std::string> births;
  const auto header = rows_of(data.header);
  for (std::size_t i = 1; i < header.size(); ++i) births[header[i][0]] = header[i][2];
  std::map<std::string, std::string> episodes;
  const auto rows = rows_of(data.episodes);
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const auto& row = rows[i];
    episodes[row[0]] += "<EPISODE><DECOM>" + row[1] + "</DECOM><LS>" + row[3] + "</LS><DEC>" +
                        row[7] + "</DEC><REC>" + row[8] + "</REC></EPISODE>";
  }
  std::string xml = "<EXPSSDA903>";
  for (const auto& [child, text] : episodes) {
    xml += "<CHILD><HEADER><CHILDID>" + child + "</CHILDID><DOB>" + births[child] +
           "</DOB></HEADER>" + text + "</CHILD>";
  }
  return xml + "</EXPSSDA903>";
}

std::string utf16(const std::string& ascii) {
  std::string out = "\xFF\xFE";
  for (const char c : ascii) out.append({c, '\0'});
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(looked_after_tests)

BOOST_AUTO_TEST_CASE(the_public_sample_has_the_published_intervals) {
  const auto data = sample();
  if (!data) return;
  check_counts(from_csv(data->episodes, data->header), 673, 666, 340);
  auto with_placement_orders = shipped_profile("ssda903");
  with_placement_orders.scope.add(sc::LegalStatus::e1);
  check_counts(from_csv(data->episodes, data->header, with_placement_orders), 879, 867, 435);
}

BOOST_AUTO_TEST_CASE(the_same_children_from_xml_give_the_same_intervals) {
  const auto data = sample();
  if (!data) return;
  sc::ExportSet files;
  files.add("903.xml", xml_of(*data));
  BOOST_TEST((intervals_of(shipped_profile("ssda903_xml"), files) ==
              from_csv(data->episodes, data->header)));
}

BOOST_AUTO_TEST_CASE(order_and_encoding_change_nothing) {
  const auto data = sample();
  if (!data) return;
  const auto want = from_csv(data->episodes, data->header);
  auto rows = rows_of(data->episodes);
  std::reverse(rows.begin() + 1, rows.end());
  BOOST_TEST((from_csv(csv_of(rows), data->header) == want));
  for (auto& row : rows) std::reverse(row.begin(), row.end());
  BOOST_TEST((from_csv(csv_of(rows), data->header) == want));
  BOOST_TEST((from_csv("\xEF\xBB\xBF" + data->episodes, data->header) == want));
  BOOST_TEST((from_csv(utf16(data->episodes), utf16(data->header)) == want));
  const auto windows = data->episodes + "XX,01/01/2020,S,V3,N1,\x93quoted\x94,PR1,,,,,,\n";
  BOOST_TEST((from_csv(windows, data->header) == want));
}

// A child id of ten digits must not be taken for an NHS number.
BOOST_AUTO_TEST_CASE(no_child_of_a_return_without_crosswalk_has_a_number) {
  sc::ExportSet files;
  files.add("e.csv", "CHILD,DECOM,RNE,LS,DEC,REC\n9990000018,01/01/2026,S,C2,,\n");
  files.add("h.csv", "CHILD,SEX,DOB,UPN\n9990000018,1,01/01/2015,9990000026\n");
  sc::CollectingSink sink;
  const auto profile = shipped_profile("ssda903");
  const auto counts =
      read_export(*sc::vendor_of(profile), profile, files, cpis::test::social_care_today, sink);
  BOOST_REQUIRE_EQUAL(sink.records.size(), 1U);
  BOOST_TEST(!sink.records[0].subject);
  BOOST_TEST(counts.in(sc::RecordState::held) == 1U);
  BOOST_TEST(sink.records[0].rules.has(sc::Rule::p02));
}

BOOST_AUTO_TEST_CASE(every_other_file_of_the_corpus_is_read_or_refused_with_a_place) {
  const auto folder = fs::path{CPIS_SOURCE} / "../shared/corpora/socialcare";
  if (!fs::exists(folder)) {
    BOOST_TEST_MESSAGE("skipped: ../shared is not here");
    return;
  }
  std::size_t files_read = 0;
  for (const auto& entry : fs::recursive_directory_iterator{folder}) {
    if (!entry.is_regular_file()) continue;
    const std::string bytes = cpis::test::read_file(entry.path().string());
    for (const sc::Vendor& vendor : sc::vendors()) {
      auto profile = shipped_profile(vendor.name == "ssd"          ? "lcs"
                                     : vendor.name == "cohort_csv" ? "cohort"
                                                                   : vendor.name);
      profile.la_dfe = "201";
      sc::ExportSet files;
      files.add(entry.path().filename().string(), bytes);
      sc::CollectingSink sink;
      const auto counts = read_export(vendor, profile, files, cpis::test::social_care_today, sink);
      BOOST_TEST_CONTEXT(vendor.name << " " << entry.path().filename()) {
        BOOST_TEST((!counts.refused || !sink.findings.empty()));
        BOOST_TEST((!counts.refused || sink.records.empty()));
      }
      ++files_read;
    }
  }
  BOOST_TEST(files_read > 50U);
}

BOOST_AUTO_TEST_SUITE_END()
