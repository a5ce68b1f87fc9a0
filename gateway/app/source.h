#pragma once

#include <memory>
#include <string>

#include "adapters/core/ports/clock.h"
#include "adapters/core/ports/protection_source.h"
#include "adapters/core/result.h"
#include "gateway/config/settings.h"
#include "gateway/http/reply.h"
#include "gateway/register/register.h"
#include "gateway/store/database.h"

namespace cpis::app {

/// Who is asked whether a record is held, put together from the configuration: the embedded
/// register, Spine, or the CP-IS FHIR API.
class Source {
 public:
  /// `bad_input` names a certificate or key file that cannot be used. The other parts must outlive
  /// the source. Exchanges with Spine that were open when the program ended are resolved here.
  static Result<std::unique_ptr<Source>> open(const config::Settings& settings,
                                              store::Database& database,
                                              registry::Register& registry, const Clock& clock);
  virtual ~Source() = default;

  virtual ProtectionSource& asked() = 0;
  /// The embedded register when it is the source, else null.
  virtual registry::Register* local() { return nullptr; }
  /// Whether a question may be put again with the same id: it then gets its first outcome.
  virtual bool questions_can_be_repeated() const = 0;
  /// What is spoken at the listener that Spine brings answers to; null when there is none.
  virtual http::HttpHandler* inbound() { return nullptr; }
  /// Prometheus lines about the way out; empty for the register.
  virtual std::string metrics() const { return {}; }
  /// Ends what is under way: whoever still waits is told that nothing is known. Asks nobody any
  /// more; call it once nothing asks and the listeners are closed. Safe to call twice.
  virtual void close() {}
};

/// Whether a listener for answers is to be opened.
bool wants_inbound(const config::Settings& settings);

}  // namespace cpis::app
