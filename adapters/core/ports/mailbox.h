#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/result.h"

namespace cpis {

/// A file to be sent. No field but the content may say anything about a person.
struct OutgoingParcel {
  std::string to;  ///< mailbox
  std::string workflow;
  std::string local_id;  ///< ours, never used twice
  std::string file_name;
  std::string subject;
  std::string_view content;
};

/// A file that came, or a report about one of ours.
struct IncomingParcel {
  enum class Kind : std::uint8_t { data, report };
  Kind kind = Kind::data;
  std::string id;
  std::string from, workflow, local_id, file_name;
  std::string linked_id;    ///< of a report: the message it is about
  std::string status_code;  ///< of a report: why that was not delivered
  std::string status_text;
  std::string content;  ///< whole and decoded; empty for a report
};

/// What became of an attempt to send. Only `unknown` needs a look before the next attempt.
struct PostOutcome {
  enum class Kind : std::uint8_t {
    accepted,  ///< it is on its way
    refused,   ///< it was not taken, and will not be until somebody mends something
    rejected,  ///< its content is refused for good
    later,     ///< it was not taken: the service is busy or away
    unknown,   ///< it may have been taken
  };
  Kind kind = Kind::later;
  std::string id;    ///< of the service, when known; also with `unknown`
  std::string code;  ///< of the service, when it gave one
  std::string text;  ///< for operators, names no person
};

/// Where a file of ours is.
struct Whereabouts {
  enum class Kind : std::uint8_t { absent, incomplete, delivered, failed };
  Kind kind = Kind::absent;
  std::string id;  ///< unless absent
  std::string code;
};

/// A mailbox of a file exchange. One thread at a time; calls block for a bounded time.
///
/// A file that was listed stays until it is acknowledged: fetch it, keep it durably, then
/// acknowledge.
class Mailbox {
 public:
  virtual ~Mailbox() = default;
  /// Says that we are here; at start and once a day.
  virtual Status handshake() = 0;
  /// Ids of files that wait, oldest first, all pages, at most `most`.
  virtual Result<std::vector<std::string>> waiting(std::size_t most) = 0;
  /// `not_found`: it is no longer there. `bad_input`: it arrived damaged; nothing of it is used.
  virtual Result<IncomingParcel> fetch(const std::string& id) = 0;
  /// Acknowledging again is no error.
  virtual Status acknowledge(const std::string& id) = 0;
  /// With `resume_id`, completes a file whose beginning the service has under that id.
  virtual PostOutcome post(const OutgoingParcel& parcel, const std::string& resume_id) = 0;
  /// An Error: nobody could say.
  virtual Result<Whereabouts> find(const std::string& local_id) = 0;
};

}  // namespace cpis
