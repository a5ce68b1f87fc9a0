#include "gateway/register/upload_turn.h"

#include "gateway/edge/ids.h"
#include "gateway/store/counters.h"

namespace cpis::registry {
namespace {

constexpr std::chrono::seconds lease_time{20};
constexpr std::size_t code_max = 64;

}  // namespace

UploadTurn::UploadTurn(store::Database& database, const Clock& clock, std::string_view council)
    : database_{database},
      clock_{clock},
      lease_{"upload." + std::string{council.substr(0, code_max)}},
      holder_{random_hex_id()},
      shared_{!database.is_exclusive()} {}

UploadTurn::~UploadTurn() {
  if (fence_ == 0) return;
  static_cast<void>(database_.write(
      [this](store::Session& session) { return store::return_lease(session, lease_, holder_); }));
}

Status UploadTurn::begin() {
  if (!shared_) return done;
  const auto fence = store::ask_for_lease(database_, lease_, holder_, clock_.now(), lease_time);
  if (!fence) return fence.error();
  fence_ = fence->value_or(0);
  if (*fence) return done;
  return Error{ErrorKind::busy, "another process is taking an upload of this council"};
}

Status UploadTurn::hold(store::Session& session) const {
  if (!shared_) return done;
  return store::hold_lease(session, lease_, holder_, fence_, clock_.now(), lease_time,
                           store::Prolong::always);
}

}  // namespace cpis::registry
