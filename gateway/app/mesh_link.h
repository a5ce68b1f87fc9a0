#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/ports/clock.h"
#include "adapters/core/result.h"
#include "gateway/config/settings.h"
#include "gateway/register/register.h"
#include "gateway/store/database.h"
#include "gateway/usecases/council_transport.h"

namespace cpis::app {

/// The councils whose uploads and notices travel over MESH, each with its mailbox and a thread of
/// its own. Nothing runs when there are none.
class MeshLink {
 public:
  /// `bad_input` names a certificate or key file that cannot be used. The other parts must outlive
  /// the link.
  static Result<std::unique_ptr<MeshLink>> open(const config::Settings& settings,
                                                store::Database& database,
                                                registry::Register& registry, const Clock& clock);
  ~MeshLink();
  MeshLink(const MeshLink&) = delete;
  MeshLink& operator=(const MeshLink&) = delete;

  Status start();
  /// Lets a running call finish; what is left is done after the next start. Safe to call twice.
  void stop();

  /// How uploads of this council leave; null when it does not use MESH.
  usecases::CouncilTransport* transport_of(std::string_view council);
  /// Prometheus lines; empty when no council uses MESH.
  std::string metrics() const;

 private:
  struct Council;
  MeshLink(store::Database& database, registry::Register& registry, const Clock& clock);

  store::Database& database_;
  registry::Register& register_;
  const Clock& clock_;
  std::vector<std::unique_ptr<Council>> councils_;
};

/// Says hello to the mailbox of a council, as `doctor` does: URL, certificate, key and password.
Status greet_mailbox(const config::Settings& settings, const config::CouncilSetting& council,
                     const Clock& clock);

}  // namespace cpis::app
