#pragma once

#include <string>
#include <string_view>

#include "adapters/core/ports/clock.h"
#include "gateway/console/demo_receiver.h"
#include "gateway/console/demo_world.h"

namespace cpis::console {

/// How long a step waits for what must come.
inline constexpr int wait_seconds_max = 20;

/// Tells the story on the terminal and remembers whether every step was as it must be.
class Story {
 public:
  void chapter(std::string_view text);
  void tell(std::string_view text);
  bool check(bool good, std::string_view what);
  int wrong() const { return wrong_; }

 private:
  int wrong_ = 0;
};

/// Where a step plays.
struct Stage {
  Story& story;
  DemoWorld& world;
  const DemoCast& cast;
  DemoReceiver& receiver;
  const Clock& clock;
  Time now;
};
using Step = void (*)(Stage& stage);

/// A council's day: an export is dropped, partly refused, corrected and accepted; it is repeated
/// and shortened, and nothing is sent; a child is seen, and the notice is opened.
void council_loop(Stage& stage);

/// The clinician's own system is told: CDS cards, and a Subscription's notification.
void alerts_are_pushed(Stage& stage);

bool contains(std::string_view text, std::string_view part);
/// The body of a page of the gateway; empty when it does not answer 200.
std::string get(const DemoWorld& world, const std::string& path);

}  // namespace cpis::console
