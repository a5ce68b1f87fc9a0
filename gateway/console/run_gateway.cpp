#include <pthread.h>
#include <signal.h>

#include <iostream>

#include "gateway/app/feed_mappings.h"
#include "gateway/app/gateway.h"
#include "gateway/app/severity_policy.h"
#include "gateway/app/validation_packages.h"
#include "gateway/config/setting_rows.h"
#include "gateway/console/commands.h"
#include "gateway/console/console.h"
#include "gateway/console/stop_signal.h"
#include "gateway/observe/clock.h"
#include "gateway/observe/log.h"

namespace cpis::console {
namespace {

observe::Level level_of(const std::string& name) {
  if (name == "debug") return observe::Level::debug;
  if (name == "warning") return observe::Level::warning;
  return name == "error" ? observe::Level::error : observe::Level::info;
}

}  // namespace

int run_gateway(const std::string& config) {
  const auto settings = load_settings(config);
  if (!settings) return exit_config;
  if (const auto mappings = app::load_feed_mappings(*settings); !mappings) {
    std::cerr << "the gateway cannot start: " << mappings.error().message << '\n';
    return exit_config;
  }
  observe::configure_log({level_of(settings->log_level), settings->log_format == "json"});
  StopSignal stop{StopSignal::Hangup::is_waited_for};  // before any thread starts: they all inherit
                                                       // the blocked signals
  const observe::SystemClock clock;
  const auto gateway = app::Gateway::open(*settings, clock);
  if (!gateway) {
    std::cerr << "the gateway cannot start: " << gateway.error().message << '\n';
    return exit_store;
  }
  if (const Status started = (*gateway)->start(); !started) {
    std::cerr << "the gateway cannot start: " << started.error().message << '\n';
    return exit_failed;
  }
  while (stop.wait() == SIGHUP) (*gateway)->reload();
  (*gateway)->stop();
  return exit_ok;
}

int check_config(const std::string& config, bool example) {
  if (example) {
    std::cout << config::example_config();
    return exit_ok;
  }
  const auto settings = load_settings(config);
  if (!settings) return exit_config;
  if (const auto policy = app::severity_policy_of(settings->validate_policy); !policy) {
    std::cerr << config << ": " << policy.error().message << '\n';
    return exit_config;
  }
  const auto packages = app::load_validation_packages(settings->validate_packages);
  if (!packages) {
    std::cerr << config << ": " << packages.error().message << '\n';
    return exit_config;
  }
  if (const auto mappings = app::load_feed_mappings(*settings); !mappings) {
    std::cerr << config << ": " << mappings.error().message << '\n';
    return exit_config;
  }
  for (const fhir::Issue& finding : packages->findings) {
    std::cout << config << ": validate.packages: " << finding.path
              << (finding.path.empty() ? "" : ": ") << finding.diagnostics << '\n';
  }
  std::cout << config << ": good\n";
  return exit_ok;
}

}  // namespace cpis::console
