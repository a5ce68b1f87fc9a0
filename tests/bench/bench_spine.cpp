// How long the CP-IS messages take to write and to read, one thread, warm.
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

#include "adapters/spine/answer.h"
#include "adapters/spine/query.h"
#include "adapters/spine/upload.h"

namespace {

using namespace cpis;
// Processor time of this process, so that a busy machine does not count.
struct Processor {
  static double seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }
};

constexpr std::size_t upload_records = 150'000;

NhsNumber number_after(std::uint64_t value) {
  for (;; ++value) {
    if (const auto number = NhsNumber::from_value(value)) return *number;
  }
}

Caller nurse() {
  Caller caller;
  caller.organisation_code = "RZ9";
  caller.organisation_name = "WREN HOSPITALS NHS TRUST";
  caller.role_code = "R0260";
  caller.role_name = "General Medical Practitioner";
  caller.person_name = "Dr Kit Marlowe";
  caller.user_id = "555000000011";
  caller.role_profile_id = "555000000012";
  return caller;
}

template <class Work>
double best_micros(std::size_t rounds, const Work& work) {
  double best = 1e9;
  for (int attempt = 0; attempt < 5; ++attempt) {
    const double start = Processor::seconds();
    for (std::size_t i = 0; i < rounds; ++i) work();
    const double spent = Processor::seconds() - start;
    best = std::min(best, spent * 1e6 / static_cast<double>(rounds));
  }
  return best;
}

const std::string id = "AAAAAAAA-0000-4000-8000-000000000001";
const Council council{"961", "Wrenshire County Council", "01632960110", "01632960119"};

AccessEvent look() { return {id, Time{}, number_after(9991000000), nurse()}; }

std::string answer_of_25() {
  ProtectionRecord record{number_after(9991000000), {}, {}};
  const Date day = *parse_iso_date("2025-01-15");
  const PlanSubject subject{record.person, "", "", {"Robin", "Lark"}, day, false};
  record.plans.push_back({Plan{PlanType::cpp, {day, 0}, {}, {}}, council, subject, Time{}, ""});
  record.accesses.assign(25, look());
  return spine::write_records({}, id, Time{}, record);
}

void bench_upload() {
  const Date day = *parse_iso_date("2025-01-15");
  std::size_t bytes = 0;
  const double start = Processor::seconds();
  spine::UploadWriter writer{{1, Time{}, council, upload_records},
                             [&](std::string_view piece) -> Status {
                               bytes += piece.size();
                               return done;
                             }};
  UploadRecord record{
      {number_after(9991000000), "LCS-1", "961:WRENSHIRE", {"Robin", "Lark"}, day, false},
      {Plan{PlanType::cpp, {day, 0}, {}, {}}}};
  for (std::size_t i = 0; i < upload_records; ++i) {
    if (!writer.add(record)) return;
  }
  if (!writer.finish()) return;
  const double spent = Processor::seconds() - start;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("upload of %zu records   %6.2f s  (%zu MB, peak memory %ld MB)\n", upload_records,
              spent, bytes / 1'000'000, usage.ru_maxrss / 1024);
}

}  // namespace

int main() {
  bench_upload();
  const spine::Query query{id, Time{}, "928000000001", "555000000099", look()};
  const auto build = [&] {
    if (!spine::write_query(query, spine::ScheduledMarker::not_configured)) std::abort();
  };
  std::printf("build a query            %6.2f us\n", best_micros(20'000, build));
  const std::string answer = answer_of_25();
  const auto read = [&] {
    if (!spine::read_answer(answer).value) std::abort();
  };
  std::printf("read 25 looks (%zu bytes) %6.2f us\n", answer.size(), best_micros(2'000, read));
  return 0;
}
