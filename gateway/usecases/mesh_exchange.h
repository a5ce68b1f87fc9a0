#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "adapters/core/ports/clock.h"
#include "adapters/core/ports/mailbox.h"
#include "gateway/register/register.h"
#include "gateway/store/database.h"
#include "gateway/usecases/mesh_dispatch.h"

namespace cpis::usecases {

struct MeshExchangeSettings {
  MeshDispatchSettings dispatch;
  std::string to;  ///< mailbox of CP-IS
  std::string upload_workflow;
  std::string file_name;  ///< `%` stands for the number of the upload
  std::string subject;
  Duration poll = std::chrono::minutes{5};
  Duration retry = std::chrono::seconds{30};  ///< doubles up to an hour
  Duration track = std::chrono::hours{1};     ///< asking where a sent upload is
};

struct MeshExchangeCounters {
  std::atomic<std::uint64_t> handshakes{0}, polls{0}, received{0}, sent{0}, refused{0}, damaged{0},
      failures{0};
  std::atomic<std::int64_t> last_contact{0};  ///< microseconds of the last call that went well
};

/// One council's exchange with CP-IS over its mailbox: says hello at start and daily, sends what is
/// queued, collects what came. Files are kept before they are acknowledged; an upload whose fate is
/// not known is looked up by its local id before anything is sent again; nothing is given up. One
/// thread.
class MeshExchange {
 public:
  MeshExchange(MeshExchangeSettings settings, store::Database& database,
               registry::Register& registry, const Clock& clock, Mailbox& mailbox);

  /// Does what is due now. An Error: the store or MESH is away; what is left is done next time.
  Status step();
  /// The inbox is looked at in the next step.
  void poll_now() { next_poll_ = Time{}; }

  const MeshExchangeCounters& counters() const { return counters_; }
  const MeshDispatchCounters& dealt_with() const { return dispatch_.counters(); }

 private:
  Status greet();
  Status send();
  Status collect();
  Status take(const std::string& id);
  Status deal();
  Result<std::optional<MeshUpload>> due_upload();
  Status attempt(MeshUpload upload);
  Status look_after(MeshUpload upload);
  Status apply(MeshUpload upload, const PostOutcome& outcome);
  Status keep(const MeshUpload& upload);
  Duration back_off(int attempts) const;
  void note_contact() { counters_.last_contact = to_micros(clock_.now()); }

  const MeshExchangeSettings settings_;
  store::Database& database_;
  const Clock& clock_;
  Mailbox& mailbox_;
  MeshDispatch dispatch_;
  MeshExchangeCounters counters_;
  Time next_greeting_{};
  Time next_poll_{};
  bool greeted_ = false;
};

}  // namespace cpis::usecases
