#include "gateway/store/arrival_journal.h"

#include <algorithm>
#include <exception>
#include <random>
#include <utility>

#include "gateway/observe/thread_name.h"
#include "gateway/store/settle.h"

namespace cpis::store {
namespace {

// Frames of one block; more would keep the first of them waiting for the rest.
constexpr std::size_t block_bytes_wanted = std::size_t{1} << 20;

constexpr std::string_view store_counter = "arrivals.store";
constexpr std::string_view brought_counter = "arrivals.brought";

Result<std::int64_t> read_counter(Session& session, std::string_view name) {
  std::int64_t value = 0;
  const Status read = session.query("SELECT value FROM counter WHERE name = ?", {name},
                                    [&value](const Row& row) -> Status {
                                      value = row.integer(0);
                                      return done;
                                    });
  if (!read) return read.error();
  return value;
}

Status write_counter(Session& session, std::string_view name, std::int64_t value) {
  return any_rows(session.execute(
      "INSERT INTO counter (name, value) VALUES (?, ?) {upsert:name} value = {new:value}",
      {name, value}));
}

std::int64_t random_number() {
  std::random_device device;
  return std::uniform_int_distribution<std::int64_t>{1, INT64_MAX}(device);
}

std::size_t bytes_of(const std::vector<NewMessage>& messages) {
  std::size_t bytes = 0;
  for (const NewMessage& message : messages) bytes += journal_bytes(message);
  return bytes;
}

Time oldest_of(const std::vector<NewMessage>& messages) {
  return std::ranges::min_element(messages, {}, &NewMessage::received_at)->received_at;
}

}  // namespace

ArrivalJournal::ArrivalJournal(Database& database, std::unique_ptr<JournalDisk> disk,
                               const Settings& settings)
    : database_{database}, disk_{std::move(disk)}, settings_{settings} {}

ArrivalJournal::~ArrivalJournal() { close(); }

Result<std::unique_ptr<ArrivalJournal>> ArrivalJournal::open(Database& database,
                                                             std::unique_ptr<JournalDisk> disk,
                                                             const Settings& settings) {
  std::unique_ptr<ArrivalJournal> journal{new ArrivalJournal{database, std::move(disk), settings}};
  if (const Status begun = journal->begin(); !begun) {
    journal->closing_ = true;  // there is no thread, and the file stays as it is
    return begun.error();
  }
  journal->thread_ = std::thread{[journal = journal.get()] { journal->run(); }};
  return journal;
}

Status ArrivalJournal::begin() {
  std::int64_t store = 0;
  std::int64_t brought = 0;
  const std::int64_t fresh = random_number();
  const Status known = database_.write([&](Session& session) -> Status {
    const auto before = read_counter(session, store_counter);
    if (!before) return before.error();
    store = *before != 0 ? *before : fresh;
    if (*before == 0) {
      if (const Status kept = write_counter(session, store_counter, store); !kept) return kept;
    }
    const auto mark = read_counter(session, brought_counter);
    if (mark) brought = *mark;
    return mark ? Status{done} : mark.error();
  });
  if (!known) return known;
  store_ = static_cast<std::uint64_t>(store);
  next_ = static_cast<std::uint64_t>(brought) + 1;
  if (const Status found = find_left(); !found) return found;
  if (const Status all = bring_all(); !all) return all;
  return disk_->cut();
}

// Blocks were written one after the other, each once the one before was durable: what follows the
// first that is not whole, or not the next one, was never acknowledged.
Result<ArrivalJournal::Blocks> ArrivalJournal::whole_blocks(const JournalDisk& disk) {
  Blocks blocks;
  for (std::uint64_t at = 0;;) {
    const auto page = disk.read(at, journal_page);
    if (!page) return page.error();
    const auto head = read_block_head(*page);
    if (!head) return blocks;
    const bool goes_on =
        blocks.empty() || head->first == blocks.back().head.first + blocks.back().head.messages;
    if (!goes_on) return blocks;
    const auto bytes = disk.read(at, head->bytes);
    if (!bytes) return bytes.error();
    const auto messages = read_block(*bytes);
    if (!messages) return blocks;
    blocks.push_back({at, *head, oldest_of(*messages), {}});
    at += head->padded();
  }
}

Status ArrivalJournal::find_left() {
  auto blocks = whole_blocks(*disk_);
  if (!blocks) return blocks.error();
  for (Block& block : *blocks) {
    if (block.head.store != store_) {
      return Error{ErrorKind::conflict,
                   "the journal of arrivals beside the store belongs to another store; "
                   "move it away, or start with the store it belongs to"};
    }
    const std::uint64_t next = block.head.first + block.head.messages;
    if (next <= next_) continue;  // all of it was brought in
    next_ = next;
    waiting_ += block.head.messages;
    blocks_.push_back(std::move(block));
  }
  return done;
}

Result<std::size_t> ArrivalJournal::left_in(const JournalDisk& disk, Database& database) {
  std::int64_t store = 0;
  std::int64_t brought = 0;
  const Status known = database.read([&](Session& session) -> Status {
    const auto id = read_counter(session, store_counter);
    if (!id) return id.error();
    const auto mark = read_counter(session, brought_counter);
    if (!mark) return mark.error();
    store = *id;
    brought = *mark;
    return done;
  });
  if (!known) return known.error();
  const auto blocks = whole_blocks(disk);
  if (!blocks) return blocks.error();
  std::size_t left = 0;
  for (const Block& block : *blocks) {
    if (block.head.store != static_cast<std::uint64_t>(store)) return std::size_t{0};
    if (block.head.first > static_cast<std::uint64_t>(brought)) left += block.head.messages;
  }
  return left;
}

Status ArrivalJournal::bring_all() {
  while (waiting_ > 0) {
    if (const Status brought = bring(settings_.brought_at_once); !brought) return brought;
  }
  return done;
}

bool ArrivalJournal::takes(std::size_t arriving) const {
  const std::lock_guard lock{mutex_};
  if (closing_) return false;
  return arriving >= settings_.busy_from || unsettled_ > 0 || !blocks_.empty();
}

bool ArrivalJournal::submit(std::vector<NewMessage> messages, Done done) {
  if (messages.empty() || !std::ranges::all_of(messages, fits_block) ||
      bytes_of(messages) > block_bytes_max / 2) {
    return false;
  }
  bool wake = false;
  {
    const std::lock_guard lock{mutex_};
    if (closing_) return false;
    wake = queue_.empty();
    queue_.push_back({std::move(messages), std::move(done)});
    ++unsettled_;
  }
  if (wake) changed_.notify_one();
  return true;
}

std::vector<ArrivalJournal::Waiting> ArrivalJournal::waiting_by_feed() const {
  std::map<std::string, Waiting, std::less<>> feeds;
  const std::lock_guard lock{mutex_};
  for (const Block& block : blocks_) {
    for (const auto& [feed, messages] : block.feeds) {
      Waiting& one = feeds.try_emplace(feed, Waiting{feed, 0, block.oldest}).first->second;
      one.messages += messages;
    }
  }
  std::vector<Waiting> all;
  for (auto& [feed, waiting] : feeds) all.push_back(std::move(waiting));
  return all;
}

void ArrivalJournal::close() {
  const std::lock_guard one_closer{close_mutex_};
  {
    const std::lock_guard lock{mutex_};
    closing_ = true;
  }
  changed_.notify_all();
  if (!thread_.joinable()) return;
  thread_.join();
  if (!failed_ && bring_all()) static_cast<void>(disk_->cut());
}

void ArrivalJournal::run() {
  observe::name_thread("arrivals");
  std::vector<Submitted> frames;
  while (take(frames)) {
    const Status kept = keep(frames);
    tell(frames, kept);
  }
}

// The frames that make one block.
bool ArrivalJournal::take(std::vector<Submitted>& frames) {
  frames.clear();
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return closing_ || !queue_.empty(); });
  // Who is about to hand something in shares the flush: on a busy processor he is next.
  lock.unlock();
  std::this_thread::yield();
  lock.lock();
  std::size_t bytes = 0;
  std::size_t count = 0;
  while (count < queue_.size() && bytes < block_bytes_wanted) {
    bytes += bytes_of(queue_[count++].messages);
  }
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(count);
  frames.assign(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
  queue_.erase(queue_.begin(), end);
  return !frames.empty();
}

Status ArrivalJournal::keep(const std::vector<Submitted>& frames) {
  if (failed_) return Error{ErrorKind::unavailable, "the disk of the arrivals' journal failed"};
  std::vector<const NewMessage*> messages;
  Block block{};
  for (const Submitted& frame : frames) {
    for (const NewMessage& message : frame.messages) {
      messages.push_back(&message);
      const auto feed = block.feeds.find(message.feed);
      if (feed != block.feeds.end())
        ++feed->second;
      else
        block.feeds.emplace(message.feed, 1);
    }
  }
  block.oldest = (*std::ranges::min_element(messages, {}, &NewMessage::received_at))->received_at;
  const std::string_view pages = write_block(pages_, store_, next_, messages);
  block.head = *read_block_head(pages);
  if (const Status room = make_room(pages.size()); !room) return room;
  block.at = end_;
  if (const Status written = disk_->write(block.at, pages); !written) return written;
  if (const Status flushed = disk_->flush(); !flushed) {
    // Nobody knows what the disk holds; a later success would prove nothing.
    failed_ = true;
    return flushed;
  }
  end_ += pages.size();
  next_ += messages.size();
  const std::lock_guard lock{mutex_};
  waiting_ += messages.size();
  blocks_.push_back(std::move(block));
  return done;
}

// Blocks go one behind the other; from the beginning again whenever nothing waits.
Status ArrivalJournal::make_room(std::uint64_t bytes) {
  bool full = false;
  {
    const std::lock_guard lock{mutex_};
    if (blocks_.empty()) end_ = 0;
    full = end_ > 0 && end_ + bytes > settings_.bytes_max;
  }
  if (!full) return done;
  if (const Status all = bring_all(); !all) return all;
  end_ = 0;
  return done;
}

void ArrivalJournal::tell(std::vector<Submitted>& frames, const Status& kept) {
  const auto all = [&] {
    for (Submitted& frame : frames) {
      try {
        frame.done(kept);
      } catch (const std::exception&) {
        // A bug in whoever waited: what is durable stays durable, and the others are told.
      }
    }
  };
  if (around_)
    around_(all);
  else
    all();
  const std::lock_guard lock{mutex_};
  unsettled_ -= frames.size();
}

std::vector<ArrivalJournal::Block> ArrivalJournal::front(std::size_t at_least) const {
  std::vector<Block> blocks;
  const std::lock_guard lock{mutex_};
  std::size_t messages = 0;
  for (const Block& block : blocks_) {
    if (messages >= at_least) break;
    messages += block.head.messages;
    blocks.push_back(block);
  }
  return blocks;
}

Result<std::string> ArrivalJournal::read(const Block& block) const {
  return disk_->read(block.at, block.head.bytes);
}

Status ArrivalJournal::bring(std::size_t at_least) {
  const std::lock_guard one_at_a_time{bring_mutex_};
  const std::vector<Block> blocks = front(at_least);
  if (blocks.empty()) return done;
  std::vector<std::string> bytes;
  std::vector<NewMessage> messages;
  for (const Block& block : blocks) {
    auto read_back = read(block);
    if (!read_back) return read_back.error();
    bytes.push_back(*std::move(read_back));
  }
  for (const std::string& block : bytes) {
    const auto whole = read_block(block);
    if (!whole) {
      return Error{ErrorKind::unavailable, "the arrivals' journal cannot be read back"};
    }
    messages.insert(messages.end(), whole->begin(), whole->end());
  }
  const BlockHead& last = blocks.back().head;
  const auto mark = static_cast<std::int64_t>(last.first + last.messages - 1);
  std::vector<bool> duplicates;
  const Status kept = database_.write([&](Session& session) -> Status {
    duplicates.clear();
    for (const NewMessage& message : messages) {
      const auto one = inbox_.keep(session, message);
      if (!one) return one.error();
      duplicates.push_back(one->duplicate);
    }
    return write_counter(session, brought_counter, mark);
  });
  if (!kept) return kept;
  forget(blocks.size());
  if (!told_) return done;
  for (std::size_t i = 0; i < messages.size(); ++i) told_(messages[i], duplicates[i]);
  return done;
}

void ArrivalJournal::forget(std::size_t blocks) {
  const std::lock_guard lock{mutex_};
  for (std::size_t i = 0; i < blocks; ++i) {
    waiting_ -= blocks_.front().head.messages;
    blocks_.pop_front();
  }
}

}  // namespace cpis::store
