#include "gateway/usecases/receive_message.h"

#include <memory>
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

/// One message on its way into the inbox.
struct Arriving {
  std::string body;
  hl7v2::MessageHeader header;
  hl7v2::Intake intake = hl7v2::Intake::stored;
  Findings findings;
  std::string sender;
  store::Sha256 hash{};
  std::int64_t id = 0;
  Time now{};
  bool duplicate = false;
};

std::string acknowledgement(const Arriving& arriving, const hl7v2::FeedSettings& feed) {
  const auto code =
      hl7v2::ack_code(arriving.intake, arriving.header, feed.ack_mode, feed.reject_unsupported);
  if (!code) return "";
  return hl7v2::write_ack(arriving.header, *code, arriving.intake, arriving.findings,
                          {std::to_string(arriving.id), arriving.now, "CPIS-GATEWAY"});
}

// Only what the answer needs is read on this thread: the header, and whether it can be used.
void read_into(Arriving& arriving, const hl7v2::FeedSettings& feed) {
  hl7v2::Receipt read = hl7v2::read_receipt(arriving.body, feed);
  arriving.header = std::move(read.header);
  arriving.intake = read.intake;
  arriving.findings = std::move(read.findings);
  arriving.sender = arriving.header.sending_application + '|' + arriving.header.sending_facility;
  if (arriving.sender.size() > sender_bytes_max) arriving.sender.resize(sender_bytes_max);
  arriving.hash = store::sha256(arriving.body);
}

bool has_batch_envelope(std::string_view bytes) {
  const std::string_view rest = bytes.substr(hl7v2::start_of_message(bytes));
  return rest.starts_with("FHS") || rest.starts_with("BHS");
}

}  // namespace

/// Everything that one frame holds: one message, or the messages of a batch.
struct ReceiveMessage::Frame {
  std::string body;
  std::vector<Arriving> messages;
  std::optional<hl7v2::MessageHeader> envelope;
  const hl7v2::FeedSettings* feed = nullptr;
  std::string acknowledged;  // what is answered once everything is kept
  Answer answer;

  std::string acknowledgements() const {
    if (!envelope) return acknowledgement(messages.front(), *feed);
    std::vector<std::string> all;
    for (const Arriving& one : messages) {
      if (std::string ack = acknowledgement(one, *feed); !ack.empty()) {
        all.push_back(std::move(ack));
      }
    }
    const Arriving& first = messages.front();
    return hl7v2::write_batch_ack(*envelope, all,
                                  {std::to_string(first.id), first.now, "CPIS-GATEWAY"});
  }
};

void ReceiveMessage::add(Frame& frame, std::string body, Time now) {
  Arriving& arriving = frame.messages.emplace_back();
  arriving.body = std::move(body);
  arriving.now = now;
  arriving.id = parts_.ids.next(now);
  read_into(arriving, *frame.feed);
  ++counts_.received;
}

void ReceiveMessage::run(const hl7v2::FeedSettings& feed, std::string message, Answer answer) {
  auto frame = std::make_shared<Frame>();
  frame->feed = &feed;
  frame->answer = std::move(answer);
  const Time now = parts_.clock.now();
  counts_.last_received = to_micros(now);
  if (has_batch_envelope(message)) {
    Findings findings;
    const hl7v2::Batch batch = hl7v2::split_batch(message, findings, batch_messages_max);
    if (!batch.messages.empty()) frame->envelope = hl7v2::read_header(batch.envelope);
    for (const std::string_view one : batch.messages) add(*frame, std::string{one}, now);
  }
  // A batch without a message in it is kept and refused as the one message it claims to be.
  if (frame->messages.empty()) add(*frame, std::move(message), now);
  // Written here, on one of the loops, and not by the one thread that commits for all of them.
  frame->acknowledged = frame->acknowledgements();
  keep(std::move(frame));
}

void ReceiveMessage::count(const Frame& frame, bool kept) {
  FeedReceived now;
  for (const Arriving& one : frame.messages) {
    ++now.received;
    if (!kept) {
      ++now.not_kept;
      continue;
    }
    ++(one.duplicate ? now.duplicates : now.kept);
    if (hl7v2::rule_for(one.intake).verdict == hl7v2::Verdict::error) ++now.refused;
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
  feed.last_received = frame.messages.front().now;
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
  note_arriving(++arriving_);
  const bool queued = parts_.database.submit(
      [this, frame](store::Session& session) -> Status {
        for (Arriving& one : frame->messages) {
          const auto kept = inbox_.keep(
              session, {one.id, frame->feed->name, one.sender,
                        std::string_view{one.header.control_id}.substr(0, control_id_bytes_max),
                        store::bytes_of(one.hash), one.now, one.body, std::nullopt, std::nullopt});
          if (!kept) return kept.error();
          one.duplicate = kept->duplicate;
        }
        return done;
      },
      [this, frame](const Status& committed) {
        --arriving_;
        if (!committed) {
          count(*frame, false);
          return frame->answer(std::nullopt);
        }
        bool anything_new = false;
        for (const Arriving& one : frame->messages) {
          anything_new |= !one.duplicate;
        }
        count(*frame, true);
        frame->answer(std::move(frame->acknowledged));
        if (anything_new && parts_.message_kept) parts_.message_kept();
      });
  if (!queued) {
    --arriving_;
    count(*frame, false);
    frame->answer(std::nullopt);
  }
}

}  // namespace cpis::usecases
