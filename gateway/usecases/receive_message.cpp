#include "gateway/usecases/receive_message.h"

#include <memory>
#include <utility>

#include "adapters/hl7v2/ack_writer.h"
#include "adapters/hl7v2/understanding.h"
#include "gateway/store/sha256.h"

namespace cpis::usecases {
namespace {

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
  ReceiveMessage::Answer answer;
};

std::string acknowledgement(const Arriving& arriving, const hl7v2::FeedSettings& feed) {
  const auto code =
      hl7v2::ack_code(arriving.intake, arriving.header, feed.ack_mode, feed.reject_unsupported);
  if (!code) return "";
  return hl7v2::write_ack(arriving.header, *code, arriving.intake, arriving.findings,
                          {std::to_string(arriving.id), arriving.now, "CPIS-GATEWAY"});
}

}  // namespace

void ReceiveMessage::run(const hl7v2::FeedSettings& feed, std::string message, Answer answer) {
  auto arriving = std::make_shared<Arriving>();
  arriving->body = std::move(message);
  arriving->answer = std::move(answer);
  arriving->now = parts_.clock.now();
  arriving->id = parts_.ids.next(arriving->now);
  // Only what the answer needs is read on this thread: the header, and whether it can be used.
  hl7v2::Understanding read = hl7v2::understand(arriving->body, feed);
  arriving->header = std::move(read.header);
  arriving->intake = read.intake;
  arriving->findings = std::move(read.findings);
  arriving->sender = arriving->header.sending_application + '|' + arriving->header.sending_facility;
  if (arriving->sender.size() > 128) arriving->sender.resize(128);
  arriving->hash = store::sha256(arriving->body);
  ++counts_.received;
  counts_.last_received = to_micros(arriving->now);

  const bool queued = parts_.database.submit(
      [this, arriving, &feed](store::Session& session) -> Status {
        const auto kept =
            inbox_.keep(session, {arriving->id, feed.name, arriving->sender,
                                  std::string_view{arriving->header.control_id}.substr(0, 199),
                                  store::bytes_of(arriving->hash), arriving->now, arriving->body,
                                  std::nullopt, std::nullopt});
        if (!kept) return kept.error();
        arriving->duplicate = kept->duplicate;
        return done;
      },
      [this, arriving, &feed](const Status& committed) {
        if (!committed) {
          ++counts_.not_kept;
          return arriving->answer(std::nullopt);
        }
        ++(arriving->duplicate ? counts_.duplicates : counts_.kept);
        if (hl7v2::rule_for(arriving->intake).verdict == hl7v2::Verdict::error) {
          ++counts_.refused;
        }
        arriving->answer(acknowledgement(*arriving, feed));
        if (!arriving->duplicate && parts_.message_kept) parts_.message_kept();
      });
  if (!queued) {
    ++counts_.not_kept;
    arriving->answer(std::nullopt);
  }
}

}  // namespace cpis::usecases
