#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/core/nhs_number.h"
#include "adapters/core/person.h"
#include "gateway/app/gateway.h"
#include "gateway/console/commands.h"
#include "gateway/console/demo_spine.h"
#include "gateway/usecases/import_export.h"

namespace cpis::console {

/// The invented county that the demo plays in: its files, a configuration, a gateway on them.
struct DemoWorld {
  std::filesystem::path folder;
  config::Settings settings;
  // With Spine as the source: what the national service holds, and the service itself.
  std::unique_ptr<store::Database> county_store;
  std::unique_ptr<registry::Register> county;
  std::unique_ptr<DemoSpine> spine;
  std::unique_ptr<app::Gateway> gateway;
  std::vector<registry::IndexedPerson> people;
  usecases::ImportOutcome imported;
  std::string base;  ///< http://127.0.0.1:PORT

  /// Where the county's plans are held.
  const registry::Register& held() const;
};

/// Makes the county (cpis-peers), loads it through the LCS profile and starts the gateway. Tells
/// on the terminal what it does; an error says what to do.
Result<DemoWorld> build_demo_world(const DemoOptions& options, const std::string& webhook_url,
                                   const Clock& clock);

/// Imports the county's export into the gateway, as it lies in the folder.
Result<usecases::ImportOutcome> import_county(DemoWorld& world, const Clock& clock);

/// Who plays a part in the story.
struct DemoCast {
  registry::IndexedPerson child_on_plan;
  registry::IndexedPerson mother_of_unborn;
  registry::IndexedPerson child_without_record;
  registry::IndexedPerson adult;
};
std::optional<DemoCast> cast_for(const DemoWorld& world, Date today);

/// An ED message in the UK dialect. `event` is A04 and so on.
std::string demo_message(std::string_view event, const registry::IndexedPerson& person,
                         std::string_view visit, std::string_view control_id, bool expectant,
                         Time now);

/// Sends one message over MLLP and gives the acknowledgement.
Result<std::string> send_mllp(std::uint16_t port, const std::string& message);

}  // namespace cpis::console
