#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/app/gateway.h"
#include "gateway/observe/clock.h"
#include "tests/support/scratch_folder.h"

namespace cpis::test {

/// A configuration for tests: loopback, free ports, everything in `folder`.
std::string gateway_config(const std::string& folder, int http_port = 0, int mllp_port = 0,
                           std::string_view more = "");

/// A child with a child protection plan and a mother with an unborn child's plan, in the register
/// of Testshire County Council.
inline constexpr std::string_view child_on_plan = "9990123454";
inline constexpr std::string_view mother_of_unborn = "9990000018";
inline constexpr std::string_view child_without_record = "9990000026";
void upload_people(registry::Register& registry);

/// The real gateway in this process.
struct RunningGateway {
  explicit RunningGateway(std::string_view more = "");
  ~RunningGateway();
  /// Ends it in order and starts it again on the same store.
  void restart();

  /// Body of a GET, with the status in front: `200 {...}`.
  std::string get(const std::string& path, const std::string& headers = "") const;
  std::string request(const std::string& method, const std::string& path,
                      const std::string& headers, const std::string& body) const;
  /// Sends one message over MLLP; the acknowledgement, or empty when closed without one.
  std::string send(const std::string& message) const;
  /// Waits until nothing of the inbox is left to process.
  void settle() const;

  ScratchFolder folder;
  observe::SystemClock clock;
  std::string more_config;
  std::unique_ptr<app::Gateway> gateway;
};

/// ADT in the UK dialect. `extra` is appended as it is (whole segments with CR).
std::string adt(std::string_view event, std::string_view nhs_number, std::string_view born,
                std::string_view patient_class, std::string_view visit, std::string_view control_id,
                std::string_view extra = "");

}  // namespace cpis::test
