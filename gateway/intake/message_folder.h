#pragma once

#include <string>
#include <vector>

#include "adapters/core/ports/clock.h"
#include "adapters/core/result.h"
#include "adapters/hl7v2/feed_settings.h"
#include "gateway/usecases/receive_message.h"

namespace cpis::intake {

/// Takes HL7 v2 messages out of a folder, to catch up after an outage or to load a day: each file
/// is one message, any number of them, a batch (FHS, BHS), or what a sender wrote to the wire with
/// its MLLP framing.
///
/// A file must appear whole: written under a name that begins with a dot or ends in `.part`, then
/// renamed. Its messages are kept as those of the feed are, in their order; then it moves to
/// `done/` with its acknowledgements beside it (`.ack`). A file without a message, or above
/// `file_bytes_max`, moves to `refused/`; nothing is deleted. When the store does not take a
/// message the file stays; what was kept of it is known as a duplicate at the next pass. One
/// thread.
class MessageFolder {
 public:
  static constexpr std::size_t file_bytes_max = std::size_t{256} * 1024 * 1024;

  MessageFolder(std::string folder, hl7v2::FeedSettings feed, usecases::ReceiveMessage& receive,
                const Clock& clock);

  /// One pass; gives how many files were taken or refused. An error leaves the file where it is.
  Result<std::size_t> step();

 private:
  struct Outcome {
    std::size_t messages = 0;
    std::size_t refused = 0;  ///< of them: quarantined, since they can never be used
    bool whole = true;        ///< nothing stood outside of messages
    std::string acknowledgements;
  };

  Status take(const std::string& name);
  Result<Outcome> keep(const std::string& bytes);
  Status keep_some(std::vector<std::string> messages, Outcome& outcome);
  Status move(const std::string& name, const Outcome& outcome);

  const std::string folder_;
  const hl7v2::FeedSettings feed_;
  usecases::ReceiveMessage& receive_;
  const Clock& clock_;
};

}  // namespace cpis::intake
