#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "adapters/core/ports/clock.h"
#include "conformance/peers/mesh/cpis_desk.h"
#include "conformance/peers/mesh/mesh_peer.h"
#include "gateway/net/mesh_client.h"
#include "gateway/register/open_register.h"
#include "tests/support/scratch_folder.h"

namespace cpis::test {

/// A clock that a test sets; safe to read from the simulator's threads.
class SetClock final : public Clock {
 public:
  Time now() const override { return from_micros(at_); }
  void pass(Duration time) { at_ += time.count(); }

 private:
  std::atomic<std::int64_t> at_{to_micros(*parse_iso_time("2026-06-15T02:00:00Z"))};
};

inline constexpr std::string_view council_mailbox = "X26ABC1";
inline constexpr std::string_view cpis_mailbox = "X26CPIS";
inline constexpr std::string_view shared_key = "TestKey";
inline const Council testshire{"999", "Testshire County Council", "01632960001", "01632960002"};

/// The n-th invented child.
NhsNumber child_number(int child);

/// One row of the cohort CSV.
struct CohortRow {
  int child = 0;
  std::string surname = "Sample";
  std::string end = {};
  int number_of = 0;  ///< another child's NHS number; 0: its own
};
std::string cohort_csv(const std::vector<CohortRow>& rows);

/// A simulated MESH over mutual TLS with CP-IS behind it, which knows the invented children.
class MeshDesk {
 public:
  explicit MeshDesk(const Clock& clock, int children = 20);
  ~MeshDesk();

  net::SenderSettings sender_settings() const;
  net::MeshSettings client_settings(std::size_t chunk_bytes = 20'000'000) const;
  /// The lines of a gateway's configuration that make it use this MESH.
  std::string gateway_config(const std::string& intake_folder) const;
  /// An emergency department looks.
  void look(int child, int number);
  /// Lets CP-IS work in a thread of its own until the desk goes.
  void run_by_itself();

  peers::MeshOffice& office() { return *office_; }
  peers::CpisDesk& cpis() { return *cpis_; }
  registry::Register& held() { return *own_.registry; }

 private:
  const Clock& clock_;
  ScratchFolder folder_;
  registry::OwnRegister own_;
  peers::Certificates certificates_;
  std::unique_ptr<peers::MeshOffice> office_;
  std::unique_ptr<peers::CpisDesk> cpis_;
  std::unique_ptr<peers::MeshPeer> peer_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace cpis::test
