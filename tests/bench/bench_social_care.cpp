// Speed and memory of the council side, as a table. Not a test: run it from a release build.

#include <sys/resource.h>

#include <chrono>
#include <ctime>
#include <iostream>
#include <string>

#include "adapters/social_care/csv/csv_reader.h"
#include "adapters/social_care/difference.h"
#include "adapters/social_care/upload_records.h"
#include "adapters/social_care/vendors.h"
#include "conformance/peers/county/county.h"
#include "profiles/social_care/mapping_profiles.h"

namespace {

namespace sc = cpis::social_care;

constexpr cpis::Date today{std::chrono::year{2026}, std::chrono::month{6}, std::chrono::day{15}};
constexpr std::size_t episodes = 1'000'000;
constexpr std::size_t children = 150'000;

// Processor time of this one-threaded program: what the wall clock shows on a quiet machine.
double seconds_since(std::clock_t start) {
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

long peak_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

void row(const std::string& what, double amount, const std::string& unit) {
  std::cout << what << std::string(what.size() < 52 ? 52 - what.size() : 1, ' ')
            << static_cast<long>(amount) << ' ' << unit << "   (peak " << peak_mib() << " MiB)\n";
}

// An episodes file made line by line, so that its size does not count as memory.
class EpisodeSource final : public sc::Source {
 public:
  const std::string& name() const override { return name_; }
  cpis::Result<std::size_t> read(std::span<char> into) override {
    if (at_ == line_.size()) {
      if (next_ > episodes) return std::size_t{0};
      at_ = 0;
      line_ = next_ == 0 ? "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,URN\n" : episode();
      ++next_;
    }
    const std::size_t n = std::min(into.size(), line_.size() - at_);
    std::copy_n(line_.data() + at_, n, into.data());
    at_ += n;
    bytes += n;
    return n;
  }
  std::size_t bytes = 0;

 private:
  std::string episode() const {
    const std::size_t child = next_ / 5;
    const std::size_t year = 2019 + next_ % 5;
    const bool last = next_ % 5 == 4;
    const std::string start = "01/04/" + std::to_string(year);
    const std::string end = last ? "," : "01/04/" + std::to_string(year + 1) + ",X1";
    return std::to_string(child) + "," + start + ",S," + (next_ % 3 == 0 ? "C1" : "C2") +
           ",N1,U1,PR1," + end + ",1234567\n";
  }
  std::string name_ = "episodes.csv";
  std::string line_;
  std::size_t at_ = 0;
  std::size_t next_ = 0;
};

sc::Profile profile_of(std::string_view name) {
  auto profile = sc::read_profile(cpis::profiles::find_mapping_profile(name)->json);
  sc::set_authority(*profile, "999", {"X99", "TESTSHIRE", "01632960001", "01632960002"});
  return *profile;
}

class CountingSink final : public sc::Sink {
 public:
  void take(sc::CanonicalRecord&&) override { ++records; }
  void take(cpis::Finding&&) override { ++findings; }
  std::size_t records = 0;
  std::size_t findings = 0;
};

void bench_returns() {
  sc::ExportSet files;
  auto source = std::make_unique<EpisodeSource>();
  const EpisodeSource& made = *source;
  files.files.push_back(std::move(source));
  CountingSink sink;
  const auto profile = profile_of("ssda903");
  const auto start = std::clock();
  read_export(*sc::find_vendor("ssda903"), profile, files, today, sink);
  const double took = seconds_since(start);
  row("903 episodes read and merged", static_cast<double>(episodes) / took, "rows/s");
  row("  of that file", static_cast<double>(made.bytes) / took / 1e6, "MB/s");
}

void bench_csv(const std::string& bytes) {
  sc::MemorySource source{"x.csv", bytes};
  const auto start = std::clock();
  sc::CsvReader reader{source, {',', false, "#END"}};
  std::size_t fields = 0;
  for (auto step = reader.next(); step != sc::CsvReader::Step::end; step = reader.next()) {
    if (step == sc::CsvReader::Step::refused) break;
    fields += reader.fields().size();
  }
  row("CSV parsed", static_cast<double>(bytes.size()) / seconds_since(start) / 1e6, "MB/s");
  row("  fields", static_cast<double>(fields), "");
}

void bench_council() {
  cpis::county::MemoryCounty county;
  generate_county({1, children, today, "999", true}, county);
  bench_csv(county.text(cpis::county::CountyFile::cohort));
  sc::ExportSet files;
  files.add("cohort.csv", county.text(cpis::county::CountyFile::cohort));
  county = {};
  sc::CollectingSink sink;
  const auto profile = profile_of("cohort");
  auto start = std::clock();
  read_export(*sc::find_vendor("cohort_csv"), profile, files, today, sink);
  row("150,000 children imported", seconds_since(start) * 1000, "ms");
  start = std::clock();
  const auto first = difference_of(sink.records, {}, {});
  const auto groups = sc::to_upload_records(sink.records);
  row("  differenced and grouped for the first upload", seconds_since(start) * 1000, "ms");
  std::vector<sc::KnownRecord> known;
  for (const auto& change : first.changes) {
    sc::KnownRecord one;
    one.key = key_of(sink.records[change.record]);
    one = after_sending(one, *content_of(sink.records[change.record]), 1, today);
    known.push_back(after_outcome(one, 1, cpis::RecordOutcome::cpr06, today));
  }
  start = std::clock();
  const auto again = difference_of(sink.records, known, {});
  row("  differenced with everything accepted", seconds_since(start) * 1000, "ms");
  row("  changes of that repeat (0 is right)", static_cast<double>(again.changes.size()), "");
  row("  records in the first upload", static_cast<double>(groups.size()), "");
}

}  // namespace

int main() {
  bench_returns();
  bench_council();
}
