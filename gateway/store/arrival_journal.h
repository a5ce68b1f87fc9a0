#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "adapters/core/result.h"
#include "adapters/core/time.h"
#include "gateway/store/database.h"
#include "gateway/store/inbox_store.h"
#include "gateway/store/journal_block.h"
#include "gateway/store/journal_disk.h"

namespace cpis::store {

/// Where messages become durable while they come faster than the database takes them in: a file
/// beside a SQLite store that one flush of a few kilobytes makes safe, where a commit of the
/// database writes many pages. They are brought into the inbox a little later, in order, and each
/// once: how far that has come is committed together with the messages that were brought in.
///
/// While few arrive it does nothing and they go to the database. From the first one that it takes
/// until all of its messages are in the inbox it takes every one, so that none overtakes another.
///
/// After a crash `open` brings in what is left before anything else happens. Decision 0012.
///
/// Thread-safe, unless it is said otherwise.
class ArrivalJournal {
 public:
  struct Settings {
    /// The file grows to this at most. When it is full those who wait for it wait until all of it
    /// is in the inbox.
    std::uint64_t bytes_max = std::uint64_t{256} << 20;
    /// This many that wait to be kept at once are worth a journal.
    std::size_t busy_from = 8;
    /// Messages in one commit when all of it is brought in.
    std::size_t brought_at_once = 1024;
  };
  /// Told after the commit that brought a message in, and whether it was held already. The message
  /// lives for the call.
  using Brought = std::function<void(const NewMessage&, bool duplicate)>;
  /// As much of one feed as is durable here and not in the inbox.
  struct Waiting {
    std::string feed;
    std::int64_t messages = 0;
    Time oldest{};  ///< not younger than the oldest of them
  };

  /// Brings in what an earlier run left, and starts. `conflict` when the file holds messages of
  /// another store; then nothing was changed. The database outlives it.
  static Result<std::unique_ptr<ArrivalJournal>> open(Database& database,
                                                      std::unique_ptr<JournalDisk> disk,
                                                      const Settings& settings);
  ~ArrivalJournal();
  ArrivalJournal(const ArrivalJournal&) = delete;
  ArrivalJournal& operator=(const ArrivalJournal&) = delete;

  /// How many messages of `database` are in this file and not in the inbox, for who looks at a
  /// store from outside. 0 for the file of another store.
  static Result<std::size_t> left_in(const JournalDisk& disk, Database& database);

  /// Before the first message. Of `around` see Database::around_answers.
  void on_brought(Brought brought) { told_ = std::move(brought); }
  void around_answers(Around around) { around_ = std::move(around); }

  /// Whether messages that come now belong here, when this many wait to be kept.
  bool takes(std::size_t arriving) const;
  /// Makes messages durable, all of them or none; then `done` is called, on the journal's thread.
  /// The messages (views) live until then. False when it is closed or one of them has no place in
  /// a block (`fits_block`): nothing was taken.
  [[nodiscard]] bool submit(std::vector<NewMessage> messages, Done done);

  /// How many messages are durable here and not in the inbox.
  std::size_t waiting() const { return waiting_; }
  std::vector<Waiting> waiting_by_feed() const;
  /// Brings at least the next `at_least` messages into the inbox, or all there are, in one commit.
  /// Blocks; not from the writer's thread.
  Status bring(std::size_t at_least);

  /// The disk failed: nothing is taken any more until a restart.
  bool failed() const { return failed_; }

  /// Makes durable what was taken, brings everything in, empties the file and ends. Safe to call
  /// twice. What cannot be brought in stays in the file for the next start.
  void close();

 private:
  struct Submitted {
    std::vector<NewMessage> messages;
    Done done;
  };
  struct Block {
    std::uint64_t at;
    BlockHead head;
    Time oldest;
    std::map<std::string, std::int64_t, std::less<>> feeds;
  };
  using Blocks = std::deque<Block>;

  ArrivalJournal(Database& database, std::unique_ptr<JournalDisk> disk, const Settings& settings);

  static Result<Blocks> whole_blocks(const JournalDisk& disk);
  Status begin();
  Status find_left();
  Status bring_all();

  void run();
  bool take(std::vector<Submitted>& frames);
  Status keep(const std::vector<Submitted>& frames);
  Status make_room(std::uint64_t bytes);
  void tell(std::vector<Submitted>& frames, const Status& kept);

  std::vector<Block> front(std::size_t at_least) const;
  Result<std::string> read(const Block& block) const;
  void forget(std::size_t blocks);

  Database& database_;
  const std::unique_ptr<JournalDisk> disk_;
  const Settings settings_;
  const InboxStore inbox_;
  Brought told_;
  Around around_;
  std::uint64_t store_ = 0;  // which store this is; from its beginning on

  // Of whoever writes blocks: `open`, then the thread.
  JournalPages pages_;
  std::uint64_t end_ = 0;   // of the last block
  std::uint64_t next_ = 1;  // number of the next message

  std::mutex bring_mutex_;  // one brings at a time; taken before mutex_

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Submitted> queue_;
  std::size_t unsettled_ = 0;  // frames that were submitted and not told
  Blocks blocks_;              // durable and not all in the inbox, in order
  std::atomic<std::size_t> waiting_{0};
  std::atomic<bool> failed_{false};
  bool closing_ = false;

  std::mutex close_mutex_;
  std::thread thread_;
};

}  // namespace cpis::store
