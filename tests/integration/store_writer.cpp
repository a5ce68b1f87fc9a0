// Writes messages to a SQLite store as fast as it can until it is killed, and notes in a file the
// id of each one that was acknowledged. Usage: store_writer STORE ACKNOWLEDGED FIRST_ID

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <semaphore>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/store/audit_store.h"
#include "gateway/store/inbox_store.h"
#include "gateway/store/open.h"
#include "gateway/store/sha256.h"

namespace {

using namespace cpis;
using namespace cpis::store;

constexpr std::ptrdiff_t in_flight_max = 64;

Status keep_with_audit(Session& session, std::int64_t id) {
  const std::string name = std::to_string(id);
  const std::string body = "message " + name;
  const Sha256 hash = sha256(body);
  const auto kept = InboxStore{}.keep(
      session, {id, "adt", "TEST", name, bytes_of(hash), Time{}, body, std::nullopt, std::nullopt});
  if (!kept) return kept.error();
  const auto traced =
      AuditStore{}.append(session, {Time{}, name, "", "", "", "", "", "receive", name, "kept", ""});
  if (!traced) return traced.error();
  return done;
}

bool write_all(int descriptor, const void* bytes, std::size_t count) {
  return write(descriptor, bytes, count) == static_cast<ssize_t>(count);
}

int run(const std::string& path, const std::string& acknowledged, std::int64_t first_id) {
  std::counting_semaphore<in_flight_max> room{in_flight_max};
  auto database = open_database(path);
  const int acks = open(acknowledged.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (!database || acks < 0) return 1;
  constexpr std::string_view ready = "ready\n";
  if (!write_all(STDOUT_FILENO, ready.data(), ready.size())) return 1;
  for (std::int64_t id = first_id;; ++id) {
    room.acquire();
    const bool queued =
        (*database)->submit([id](Session& session) { return keep_with_audit(session, id); },
                            [&room, acks, id](Status status) {
                              if (status && !write_all(acks, &id, sizeof id)) _exit(1);
                              room.release();
                            });
    if (!queued) return 1;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const std::string_view number = argv[3];
  std::int64_t first_id = 0;
  std::from_chars(number.data(), number.data() + number.size(), first_id);
  return run(argv[1], argv[2], first_id);
}
