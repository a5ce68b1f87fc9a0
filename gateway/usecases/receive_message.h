#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/ports/clock.h"
#include "adapters/hl7v2/feed_settings.h"
#include "gateway/store/arrival_journal.h"
#include "gateway/store/inbox_store.h"
#include "gateway/store/row_ids.h"

namespace cpis::usecases {

struct ReceiveCounts {
  std::atomic<std::uint64_t> received{0};
  std::atomic<std::uint64_t> kept{0};
  std::atomic<std::uint64_t> duplicates{0};
  std::atomic<std::uint64_t> refused{0};       ///< can never work: answered AE
  std::atomic<std::uint64_t> not_kept{0};      ///< our own trouble: closed without an answer
  std::atomic<std::int64_t> last_received{0};  ///< microseconds
};

/// The same for one feed, as it stands now.
struct FeedReceived {
  std::string feed;
  std::uint64_t received = 0;
  std::uint64_t kept = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t refused = 0;
  std::uint64_t not_kept = 0;
  Time last_received{};
};

/// Keeps one HL7 v2 message, or the messages of one batch (FHS, BHS), durably and says how to
/// answer. A batch is one transaction and gets one batch of acknowledgements.
///
/// Safe to call from many threads; does not block. `answer` is called once, on the store's thread,
/// on that of the journal or at once: with the acknowledgement to send; with an empty text when the
/// sender asked for none (strict enhanced mode); or with nothing when the connection is to be
/// closed without an answer, so that the engine sends again. AA is only ever given after the
/// commit, or in a burst after the flush of the journal (arrival_journal.h). A message that can
/// never be used is kept too (quarantine), answered AE.
class ReceiveMessage {
 public:
  using Answer = std::function<void(std::optional<std::string> acknowledgement)>;

  struct Parts {
    store::Database& database;
    const Clock& clock;
    store::RowIds& ids;
    std::function<void()> message_kept;        ///< wakes whoever processes
    store::ArrivalJournal* journal = nullptr;  ///< for bursts; may be absent
  };
  explicit ReceiveMessage(const Parts& parts);

  void run(const hl7v2::FeedSettings& feed, std::string message, Answer answer);

  const ReceiveCounts& counts() const { return counts_; }
  /// Feeds that anything came in by since the start.
  std::vector<FeedReceived> feeds() const;
  /// The most frames that waited for their commit at one time since this was last asked: how many
  /// wait at one moment says little, since each commit answers nearly all of them.
  std::size_t most_arriving() { return most_arriving_.exchange(arriving_); }

 private:
  struct Arriving;
  struct Frame;
  /// Which of them were held already is found in the inbox.
  enum class Kept { no, in_journal, in_inbox };
  /// Takes one message in, or those of a batch; gives what is to be answered.
  std::string take_in(Arriving& arriving, std::string body, const Frame& frame);
  std::string take_in_batch(Frame& frame, std::string_view bytes);
  void keep(std::shared_ptr<Frame> frame);
  bool keep_in_journal(const std::shared_ptr<Frame>& frame);
  bool keep_in_database(const std::shared_ptr<Frame>& frame);
  void refuse(Frame& frame);
  void note_arriving(std::size_t now);
  void count(Frame& frame, Kept kept);
  void count_brought(std::string_view feed, bool duplicate);

  Parts parts_;
  store::InboxStore inbox_;
  ReceiveCounts counts_;
  std::atomic<std::size_t> arriving_{0};
  std::atomic<std::size_t> most_arriving_{0};
  mutable std::mutex feeds_mutex_;
  std::map<std::string, FeedReceived, std::less<>> feeds_;  // guarded by feeds_mutex_
};

}  // namespace cpis::usecases
