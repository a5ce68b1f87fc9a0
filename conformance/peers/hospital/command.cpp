#include "conformance/peers/hospital/command.h"

#include <charconv>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <optional>
#include <string_view>
#include <utility>

#include "conformance/peers/hospital/feed_run.h"

namespace cpis::hospital {
namespace {

constexpr int days_back = 30;
// People of an index that turn up again and again; a hospital does not see a whole county.
constexpr std::size_t known_max = 100'000;

int fail(std::string_view text) {
  std::cerr << "cpis-peers: " << text << '\n';
  return EXIT_FAILURE;
}

bool read_target(std::string_view text, FeedRun& run) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  run.host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), run.port);
  return error == std::errc{} && end == digits.data() + digits.size() && run.port != 0;
}

std::string cell(std::string_view line, std::size_t number) {
  for (; number > 0; --number) {
    const std::size_t comma = line.find(',');
    if (comma == std::string_view::npos) return {};
    line.remove_prefix(comma + 1);
  }
  return std::string{line.substr(0, line.find_first_of(",\r"))};
}

// nhs_number,given_names,family_name,birth_date,gender,...
std::vector<FeedPerson> read_people(const std::string& path) {
  std::vector<FeedPerson> people;
  std::ifstream in{path};
  for (std::string line; people.size() < known_max && std::getline(in, line);) {
    FeedPerson person;
    person.nhs_number = NhsNumber::parse(cell(line, 0));
    const auto born = parse_iso_date(cell(line, 3));
    if (!person.nhs_number || !born) continue;
    person.given = cell(line, 1);
    person.family = cell(line, 2);
    person.birth_date = *born;
    person.sex = cell(line, 4) == "1" ? Sex::male : Sex::female;
    people.push_back(std::move(person));
  }
  return people;
}

std::optional<HospitalSettings> settings_of(const HospitalCommand& command) {
  HospitalSettings settings;
  settings.seed = command.seed;
  settings.trust_ods = command.trust;
  settings.site_ods = command.site;
  settings.arrivals_per_day = command.arrivals_per_day;
  settings.share_known = command.share_known;
  if (command.dialects.empty()) return settings;
  settings.dialects.clear();
  for (const std::string& name : command.dialects) {
    const auto dialect = dialect_named(name);
    if (!dialect) return std::nullopt;
    settings.dialects.push_back(*dialect);
  }
  return settings;
}

Time start_of(const HospitalCommand& command) {
  if (const auto day = parse_iso_date(command.start)) return Time{std::chrono::sys_days{*day}};
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()) -
         std::chrono::hours{24 * days_back};
}

int print_feed(HospitalFeed& feed, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    for (const char c : feed.next().text) std::cout << (c == '\r' ? '\n' : c);
    std::cout << '\n';
  }
  return std::cout.good() ? EXIT_SUCCESS : EXIT_FAILURE;
}

int report(const FeedCounts& counts) {
  std::cout << "  " << counts.sent << " messages, " << counts.accepted << " accepted, "
            << counts.refused << " refused, " << counts.given_up << " never answered; "
            << counts.sent_again << " sent again, " << counts.dropped << " connections dropped\n";
  return counts.refused + counts.given_up == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int run_hospital(const HospitalCommand& command) {
  auto settings = settings_of(command);
  if (!settings) return fail("--dialect takes itk, ed-system, epic, pims, ipm or cerner");
  HospitalFeed feed{*std::move(settings), read_people(command.people), start_of(command)};
  if (command.to == "-") {
    if (command.count == 0) return fail("--to - needs --count");
    return print_feed(feed, command.count);
  }
  FeedRun run;
  if (!read_target(command.to, run)) return fail("--to takes HOST:PORT, or - to print");
  run.connections = command.connections;
  run.rate = command.rate;
  run.count = command.count;
  run.duration = std::chrono::milliseconds{static_cast<std::int64_t>(command.seconds * 1000)};
  run.share_disconnected = command.share_disconnected;
  FeedCounts counts;
  const std::atomic<bool> never{false};
  run_feed(run, feed, never, counts);
  return report(counts);
}

}  // namespace cpis::hospital
