// Speed and memory of the council side, as a table. Not a test: run it from a release build.

#include <sys/resource.h>

#include <chrono>
#include <ctime>
#include <iostream>
#include <string>

#include "adapters/social_care/csv/csv_reader.h"
#include "adapters/social_care/difference.h"
#include "adapters/social_care/known_book.h"
#include "adapters/social_care/upload_records.h"
#include "adapters/social_care/vendors.h"
#include "adapters/social_care/work_list.h"
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

// Everything a run does with an extract but talk to CP-IS and the store.
class RunSink final : public sc::Sink {
 public:
  explicit RunSink(const sc::KnownBook& known)
      : comparison{known, approvals,
                   [this](sc::Change&& change) { builder.add(std::move(change.record)); }} {}
  void take(sc::CanonicalRecord&& record) override {
    ++records;
    items.add(record);
    comparison.take(std::move(record));
  }
  void take(cpis::Finding&&) override { ++findings; }
  std::size_t records = 0;
  std::size_t findings = 0;
  sc::Approvals approvals;
  sc::WorkItems items{today};
  sc::UploadBuilder builder;
  sc::Comparison comparison;
};

// What CP-IS holds after it accepted all of `draft`.
sc::KnownBook accepted(const sc::UploadDraft& draft) {
  sc::KnownBook book;
  for (const sc::SentPlan& plan : draft.plans) {
    sc::KnownRecord& known = book.of(plan.key);
    known = after_sending(std::move(known), draft.content(plan), 1, today);
    known = after_outcome(std::move(known), 1, cpis::RecordOutcome::cpr06, today);
  }
  return book;
}

// A return's children have no NHS number (socialcare.md 1): a crosswalk file gives them one.
class CrosswalkSource final : public sc::Source {
 public:
  const std::string& name() const override { return name_; }
  cpis::Result<std::size_t> read(std::span<char> into) override {
    if (at_ == line_.size()) {
      if (child_ > episodes / 5) return std::size_t{0};
      at_ = 0;
      line_ = header_ ? "la_person_id,nhs_number,surname,given_names,birth_date\n" : child();
      header_ = false;
    }
    const std::size_t n = std::min(into.size(), line_.size() - at_);
    std::copy_n(line_.data() + at_, n, into.data());
    at_ += n;
    return n;
  }

 private:
  std::string child() {
    while (!cpis::NhsNumber::from_value(number_)) ++number_;
    return std::to_string(child_++) + "," + std::to_string(number_++) + ",Sample,Alex,2015-04-12\n";
  }
  std::string name_ = "crosswalk.csv";
  std::string line_;
  bool header_ = true;
  std::size_t at_ = 0;
  std::size_t child_ = 0;
  std::uint64_t number_ = 9990000000U;
};

sc::UploadDraft bench_return(const std::string& what, const sc::KnownBook& known) {
  sc::ExportSet files;
  auto source = std::make_unique<EpisodeSource>();
  const EpisodeSource& made = *source;
  files.files.push_back(std::move(source));
  files.files.push_back(std::make_unique<CrosswalkSource>());
  RunSink sink{known};
  const auto profile = profile_of("ssda903");
  const auto start = std::clock();
  read_export(*sc::find_vendor("ssda903"), profile, files, today, sink);
  const auto difference = sink.comparison.finish();
  const double took = seconds_since(start);
  row("903 episodes read, merged and differenced, " + what, static_cast<double>(episodes) / took,
      "rows/s");
  row("  of that file", static_cast<double>(made.bytes) / took / 1e6, "MB/s");
  row("  records / changes", static_cast<double>(sink.records),
      "/ " + std::to_string(difference.all_changes()));
  return sink.builder.take();
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

sc::UploadDraft bench_council(const std::string& csv, const std::string& what,
                              const sc::KnownBook& known) {
  sc::ExportSet files;
  files.add("cohort.csv", csv);
  RunSink sink{known};
  const auto profile = profile_of("cohort");
  const auto start = std::clock();
  read_export(*sc::find_vendor("cohort_csv"), profile, files, today, sink);
  const auto difference = sink.comparison.finish();
  auto draft = sink.builder.take();
  row("150,000 children read and differenced, " + what, seconds_since(start) * 1000, "ms");
  row("  changes / records of the upload", static_cast<double>(difference.all_changes()),
      "/ " + std::to_string(draft.records.size()));
  return draft;
}

}  // namespace

// Peaks grow from row to row: the first run of each kind is the one to read them from.
int main() {
  {
    const auto first = bench_return("first", {});
    const auto known = accepted(first);
    bench_return("repeat", known);
  }
  cpis::county::MemoryCounty county;
  generate_county({1, children, today, "999", true}, county);
  const std::string csv = county.text(cpis::county::CountyFile::cohort);
  county = {};
  bench_csv(csv);
  const auto first = bench_council(csv, "first", {});
  const auto known = accepted(first);
  bench_council(csv, "repeat", known);
}
