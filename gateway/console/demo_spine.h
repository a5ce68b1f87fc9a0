#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "adapters/core/result.h"

namespace cpis::console {

/// The program cpis-peers beside this one, if it was built.
std::optional<std::filesystem::path> find_peers();

/// A simulated Spine as a child program (`cpis-peers spine`), with certificates of its own making.
/// It ends with this object, and by itself when this program goes away.
class DemoSpine {
 public:
  struct Files {
    std::filesystem::path certificates;  ///< a folder that exists
    std::filesystem::path people;        ///< CSV, for PDS
    std::filesystem::path plans;         ///< CSV nhs_number,plan_type,start,end
  };
  /// `gateway_port` is where its answers go, over mutual TLS on this machine.
  static Result<std::unique_ptr<DemoSpine>> start(const Files& files, std::uint16_t gateway_port);
  ~DemoSpine();
  DemoSpine(const DemoSpine&) = delete;
  DemoSpine& operator=(const DemoSpine&) = delete;

  /// The lines of a gateway's configuration that make it ask this Spine.
  std::string config() const;

 private:
  struct Child;
  DemoSpine(std::unique_ptr<Child> child, std::string base_url, Files files, std::uint16_t port);

  std::unique_ptr<Child> child_;
  const std::string base_url_;
  const Files files_;
  const std::uint16_t gateway_port_;
};

/// A port that nobody listens on at this moment.
std::uint16_t free_port();

}  // namespace cpis::console
