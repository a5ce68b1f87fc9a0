#include "gateway/usecases/receive_message.h"

#include <array>
#include <charconv>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "adapters/hl7v2/ack_writer.h"
#include "adapters/hl7v2/batch.h"
#include "adapters/hl7v2/understanding.h"
#include "gateway/store/sha256.h"

namespace cpis::usecases {
namespace {

// Columns of the inbox.
constexpr std::size_t sender_bytes_max = 128;
constexpr std::size_t control_id_bytes_max = 199;
// Messages of one batch in one frame; a catch-up file of a day has fewer.
constexpr std::size_t batch_messages_max = 20'000;
constexpr std::string_view software = "CPIS-GATEWAY";

using Digits = std::array<char, 20>;

// An id is too long for a string without memory of its own.
std::string_view decimal(std::int64_t number, Digits& digits) {
  const char* const end = std::to_chars(digits.begin(), digits.end(), number).ptr;
  return {digits.data(), static_cast<std::size_t>(end - digits.data())};
}

std::string sender_of(const hl7v2::MessageHeader& header) {
  std::string sender;
  sender.reserve(header.sending_application.size() + 1 + header.sending_facility.size());
  sender += header.sending_application;
  sender += '|';
  sender += header.sending_facility;
  if (sender.size() > sender_bytes_max) sender.resize(sender_bytes_max);
  return sender;
}

bool has_batch_envelope(std::string_view bytes) {
  const std::string_view rest = bytes.substr(hl7v2::start_of_message(bytes));
  return rest.starts_with("FHS") || rest.starts_with("BHS");
}

}  // namespace

/// One message on its way into the inbox.
struct ReceiveMessage::Arriving {
  std::string body;
  std::string sender;
  std::string control_id;
  store::Sha256 hash{};
  std::int64_t id = 0;
  bool refused = false;
  bool duplicate = false;
};

/// Everything that one frame holds: one message, or the messages of a batch.
struct ReceiveMessage::Frame {
  Arriving lone;                // nearly every frame holds one message, and this is it
  std::vector<Arriving> batch;  // else these
  const hl7v2::FeedSettings* feed = nullptr;
  Time now{};
  std::string acknowledged;  // what is answered once everything is kept
  Answer answer;

  std::span<Arriving> messages() { return batch.empty() ? std::span{&lone, 1} : std::span{batch}; }

  // As the inbox keeps it.
  store::NewMessage row_of(const Arriving& one) const {
    return {one.id, feed->name, one.sender,   one.control_id, store::bytes_of(one.hash),
            now,    one.body,   std::nullopt, std::nullopt};
  }
};

ReceiveMessage::ReceiveMessage(const Parts& parts) : parts_{parts} {
  if (parts_.journal == nullptr) return;
  parts_.journal->on_brought([this](const store::NewMessage& message, bool duplicate) {
    count_brought(message.feed, duplicate);
  });
}

// Only what the answer needs is read on this thread: the header, and whether it can be used.
std::string ReceiveMessage::take_in(Arriving& arriving, std::string body, const Frame& frame) {
  arriving.body = std::move(body);
  arriving.id = parts_.ids.next(frame.now);
  arriving.hash = store::sha256(arriving.body);
  ++counts_.received;
  const hl7v2::FeedSettings& feed = *frame.feed;
  const hl7v2::Receipt read = hl7v2::read_receipt(arriving.body, feed);
  arriving.sender = sender_of(read.header);
  arriving.control_id = read.header.control_id.substr(0, control_id_bytes_max);
  arriving.refused = hl7v2::rule_for(read.intake).verdict == hl7v2::Verdict::error;
  const auto code =
      hl7v2::ack_code(read.intake, read.header, feed.ack_mode, feed.reject_unsupported);
  if (!code) return {};
  Digits digits{};
  return hl7v2::write_ack(read.header, *code, read.intake, read.findings,
                          {decimal(arriving.id, digits), frame.now, software});
}

std::string ReceiveMessage::take_in_batch(Frame& frame, std::string_view bytes) {
  Findings findings;
  const hl7v2::Batch batch = hl7v2::split_batch(bytes, findings, batch_messages_max);
  if (batch.messages.empty()) return {};
  frame.batch.reserve(batch.messages.size());
  std::vector<std::string> all;
  for (const std::string_view one : batch.messages) {
    std::string ack = take_in(frame.batch.emplace_back(), std::string{one}, frame);
    if (!ack.empty()) all.push_back(std::move(ack));
  }
  Digits digits{};
  return hl7v2::write_batch_ack(hl7v2::read_header(batch.envelope), all,
                                {decimal(frame.batch.front().id, digits), frame.now, software});
}

void ReceiveMessage::run(const hl7v2::FeedSettings& feed, std::string message, Answer answer) {
  auto frame = std::make_shared<Frame>();
  frame->feed = &feed;
  frame->answer = std::move(answer);
  frame->now = parts_.clock.now();
  counts_.last_received = to_micros(frame->now);
  // Written here, on one of the loops, and not by the one thread that commits for all of them.
  if (has_batch_envelope(message)) frame->acknowledged = take_in_batch(*frame, message);
  // A batch without a message in it is kept and refused as the one message it claims to be.
  if (frame->batch.empty()) {
    frame->acknowledged = take_in(frame->lone, std::move(message), *frame);
  }
  keep(std::move(frame));
}

void ReceiveMessage::count(Frame& frame, Kept kept) {
  FeedReceived now;
  for (const Arriving& one : frame.messages()) {
    ++now.received;
    if (kept == Kept::no) {
      ++now.not_kept;
      continue;
    }
    if (kept == Kept::in_inbox) ++(one.duplicate ? now.duplicates : now.kept);
    if (one.refused) ++now.refused;
  }
  counts_.kept += now.kept;
  counts_.duplicates += now.duplicates;
  counts_.refused += now.refused;
  counts_.not_kept += now.not_kept;
  const std::lock_guard lock{feeds_mutex_};
  FeedReceived& feed = feeds_[frame.feed->name];
  feed.received += now.received;
  feed.kept += now.kept;
  feed.duplicates += now.duplicates;
  feed.refused += now.refused;
  feed.not_kept += now.not_kept;
  feed.last_received = frame.now;
}

// What the journal took is found to be new, or held already, when it comes into the inbox.
void ReceiveMessage::count_brought(std::string_view name, bool duplicate) {
  ++(duplicate ? counts_.duplicates : counts_.kept);
  const std::lock_guard lock{feeds_mutex_};
  const auto feed = feeds_.find(name);
  if (feed != feeds_.end()) ++(duplicate ? feed->second.duplicates : feed->second.kept);
}

std::vector<FeedReceived> ReceiveMessage::feeds() const {
  std::vector<FeedReceived> all;
  const std::lock_guard lock{feeds_mutex_};
  for (const auto& [name, feed] : feeds_) {
    all.push_back(feed);
    all.back().feed = name;
  }
  return all;
}

void ReceiveMessage::note_arriving(std::size_t now) {
  std::size_t most = most_arriving_.load();
  while (most < now && !most_arriving_.compare_exchange_weak(most, now)) {
  }
}

void ReceiveMessage::keep(std::shared_ptr<Frame> frame) {
  const std::size_t arriving = ++arriving_;
  note_arriving(arriving);
  const bool burst = parts_.journal != nullptr && parts_.journal->takes(arriving);
  if (burst && keep_in_journal(frame)) return;
  if (!keep_in_database(frame)) refuse(*frame);
}

void ReceiveMessage::refuse(Frame& frame) {
  --arriving_;
  count(frame, Kept::no);
  frame.answer(std::nullopt);
}

bool ReceiveMessage::keep_in_journal(const std::shared_ptr<Frame>& frame) {
  std::vector<store::NewMessage> messages;
  messages.reserve(frame->messages().size());
  for (const Arriving& one : frame->messages()) messages.push_back(frame->row_of(one));
  return parts_.journal->submit(std::move(messages), [this, frame](const Status& durable) {
    if (!durable) return refuse(*frame);
    --arriving_;
    count(*frame, Kept::in_journal);
    frame->answer(std::move(frame->acknowledged));
    if (parts_.message_kept) parts_.message_kept();
  });
}

bool ReceiveMessage::keep_in_database(const std::shared_ptr<Frame>& frame) {
  return parts_.database.submit(
      [this, frame](store::Session& session) -> Status {
        for (Arriving& one : frame->messages()) {
          const auto kept = inbox_.keep(session, frame->row_of(one));
          if (!kept) return kept.error();
          one.duplicate = kept->duplicate;
        }
        return done;
      },
      [this, frame](const Status& committed) {
        if (!committed) return refuse(*frame);
        --arriving_;
        bool anything_new = false;
        for (const Arriving& one : frame->messages()) anything_new |= !one.duplicate;
        count(*frame, Kept::in_inbox);
        frame->answer(std::move(frame->acknowledged));
        if (anything_new && parts_.message_kept) parts_.message_kept();
      });
}

}  // namespace cpis::usecases
