// Measures the store's group commit: works kept in flight by one client thread, as event loops
// would keep them, against a floor of bare inserts. Usage: bench_store [SECONDS] [URL]
// Prints one line for each case: name, works in flight, works a second, p50 and p99 in us, and the
// processor time of the whole program for one work, which is the steadier figure on a busy machine.

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <semaphore>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/store/audit_store.h"
#include "gateway/store/inbox_store.h"
#include "gateway/store/open.h"
#include "gateway/store/outbox_store.h"
#include "gateway/store/row_ids.h"
#include "gateway/store/sha256.h"
#include "tests/support/scratch_folder.h"

namespace {

using namespace cpis;
using namespace cpis::store;
using Clock = std::chrono::steady_clock;

constexpr std::size_t message_bytes = 1035;  // an ordinary ADT^A01
constexpr std::size_t in_flight_max = 256;

using Insert = std::function<Status(Session&, std::int64_t id)>;

const std::string message(message_bytes, 'x');

Status bare_row(Session& session, std::int64_t id) {
  const auto added =
      session.execute("INSERT INTO bench (id, body) VALUES (?, ?)", {id, Value::blob(message)});
  if (!added) return added.error();
  return done;
}

Status three_bare_rows(Session& session, std::int64_t id) {
  for (const std::int64_t part : {0, 1, 2}) {
    if (Status added = bare_row(session, id + part); !added) return added;
  }
  return done;
}

Status inbox_row(Session& session, std::int64_t id) {
  const std::string control_id = std::to_string(id);
  const Sha256 hash = sha256(control_id);
  const auto kept = InboxStore{}.keep(
      session, {id, "adt", "PAS|TRUST", control_id, bytes_of(hash), RowIds::time_of(id), message,
                std::string_view{control_id}.substr(4), std::nullopt});
  if (!kept) return kept.error();
  return done;
}

Status audit_row(Session& session, std::int64_t id) {
  const std::string subject = std::to_string(id % 150'000);
  const auto traced =
      AuditStore{}.append(session, {RowIds::time_of(id), "corr", "nurse-1", "A. Nurse", "R8001",
                                    "RX1", "ehr", "check", subject, "records", "{}"});
  if (!traced) return traced.error();
  return done;
}

Status outbox_row(Session& session, std::int64_t id) {
  return OutboxStore{}.append(
      session, {id, "notice", "council/E09000001", "child", "corr", "application/json",
                std::string_view{message}.substr(500), RowIds::time_of(id)});
}

// The rows of one checked attendance: the message or access, its audit row, the notice owed.
Status three_rows(Session& session, std::int64_t id) {
  if (Status kept = inbox_row(session, id); !kept) return kept;
  if (Status traced = audit_row(session, id); !traced) return traced;
  return outbox_row(session, id);
}

struct Figures {
  double works_per_second = 0;
  std::int64_t p50_us = 0;
  std::int64_t p99_us = 0;
  std::int64_t failures = 0;
  double cpu_us = 0;
};

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

Figures run(Database& database, const Insert& insert, std::size_t in_flight,
            std::chrono::milliseconds length) {
  static RowIds ids{0};
  std::counting_semaphore<in_flight_max> room{static_cast<std::ptrdiff_t>(in_flight)};
  std::vector<std::int64_t> latencies;  // writer thread only, until all is told
  std::int64_t failures = 0;            // likewise
  std::size_t submitted = 0;
  const double cpu_before = cpu_seconds();
  const auto start = Clock::now();
  const Time epoch = from_micros(1'767'000'000'000'000);
  while (Clock::now() - start < length) {
    room.acquire();
    const auto sent = Clock::now();
    const auto id = ids.next(epoch + std::chrono::duration_cast<Duration>(sent.time_since_epoch()));
    ++submitted;
    const bool queued = database.submit(
        [&insert, id](Session& session) { return insert(session, id); },
        [&, sent](const Status& status) {
          if (!status) ++failures;
          latencies.push_back(std::chrono::duration_cast<Duration>(Clock::now() - sent).count());
          room.release();
        });
    if (!queued) return {};
  }
  for (std::size_t i = 0; i < in_flight; ++i) room.acquire();
  const std::chrono::duration<double> elapsed = Clock::now() - start;
  std::sort(latencies.begin(), latencies.end());
  return {static_cast<double>(submitted) / elapsed.count(), latencies[latencies.size() / 2],
          latencies[latencies.size() * 99 / 100], failures,
          (cpu_seconds() - cpu_before) * 1e6 / static_cast<double>(submitted)};
}

struct Case {
  const char* name;
  Insert insert;
  std::size_t in_flight;
};

int measure(Database& database, std::chrono::milliseconds length) {
  const Status made = database.write([](Session& session) -> Status {
    const auto table = session.execute(
        "CREATE TABLE IF NOT EXISTS bench (id {int_key}, body {blob} NOT NULL) {table}");
    if (!table) return table.error();
    return done;
  });
  if (!made) {
    std::fprintf(stderr, "%s\n", made.error().message.c_str());
    return 1;
  }
  const Case cases[] = {
      {"floor: 1 bare row", bare_row, 1},
      {"floor: 1 bare row", bare_row, 16},
      {"floor: 1 bare row", bare_row, 64},
      {"floor: 3 bare rows", three_bare_rows, 64},
      {"inbox message", inbox_row, 1},
      {"inbox message", inbox_row, 16},
      {"inbox message", inbox_row, 64},
      {"inbox message", inbox_row, 256},
      {"audit row", audit_row, 64},
      {"message+audit+notice", three_rows, 64},
      {"message+audit+notice", three_rows, 256},
  };
  std::printf("%-24s %9s %12s %8s %8s %8s\n", "case", "in flight", "works/s", "p50 us", "p99 us",
              "cpu us");
  for (const Case& c : cases) {
    const Figures figures = run(database, c.insert, c.in_flight, length);
    std::printf("%-24s %9zu %12.0f %8lld %8lld %8.1f\n", c.name, c.in_flight,
                figures.works_per_second, static_cast<long long>(figures.p50_us),
                static_cast<long long>(figures.p99_us), figures.cpu_us);
    if (figures.failures != 0) return 1;
  }
  const DatabaseMetrics metrics = database.metrics();
  std::printf("%llu works in %llu batches, log %llu bytes\n",
              static_cast<unsigned long long>(metrics.works),
              static_cast<unsigned long long>(metrics.batches),
              static_cast<unsigned long long>(metrics.log_bytes));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  double seconds = 2;
  if (argc > 1) {
    const std::string_view text = argv[1];
    std::from_chars(text.data(), text.data() + text.size(), seconds);
  }
  const cpis::test::ScratchFolder folder;
  auto database = open_database(argc > 2 ? argv[2] : folder.file("bench.db"));
  if (!database) {
    std::fprintf(stderr, "%s\n", database.error().message.c_str());
    return 1;
  }
  return measure(**database, std::chrono::milliseconds{static_cast<std::int64_t>(seconds * 1000)});
}
