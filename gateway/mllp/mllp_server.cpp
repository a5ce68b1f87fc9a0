#include "gateway/mllp/mllp_server.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "gateway/mllp/mllp_session.h"
#include "gateway/net/on_protocol.h"

namespace cpis::mllp {

MllpReply::MllpReply(MllpReply&& other) noexcept
    : mailbox_{std::exchange(other.mailbox_, nullptr)},
      connection_{other.connection_},
      message_{other.message_},
      sink_{std::exchange(other.sink_, nullptr)} {}

MllpReply::~MllpReply() {
  if (mailbox_ || sink_) settle(std::nullopt);
}

void MllpReply::send(std::string acknowledgement) {
  if (sink_) return settle(std::move(acknowledgement));
  settle(hl7v2::mllp_frame(acknowledgement));
}

void MllpReply::send_nothing() { settle(std::string{}); }

void MllpReply::close_without_answer() { settle(std::nullopt); }

void MllpReply::settle(std::optional<std::string> framed) {
  if (sink_) return std::exchange(sink_, nullptr)(std::move(framed));
  if (!mailbox_) throw std::logic_error{"a message is answered once"};
  const std::shared_ptr<net::Mailbox> mailbox = std::exchange(mailbox_, nullptr);
  net::on_protocol<MllpSession>(mailbox, connection_, net::Order::at_once,
                                [message = message_, framed = std::move(framed)](
                                    net::Connection& connection, MllpSession& session) mutable {
                                  session.settle(connection, message, std::move(framed));
                                });
}

net::ProtocolFactory mllp_protocol(MllpSettings settings, MllpHandler& handler) {
  auto shared = std::make_shared<MllpShared>();
  shared->budget = std::make_shared<net::ByteBudget>(settings.held_bytes_max);
  shared->settings = std::move(settings);
  shared->handler = &handler;
  MllpSettings& fixed = shared->settings;
  fixed.in_flight_max = std::max<std::size_t>(fixed.in_flight_max, 1);
  fixed.in_flight_bytes_max = std::max<std::size_t>(fixed.in_flight_bytes_max, 1);
  if (!fixed.counters) fixed.counters = std::make_shared<MllpCounters>();
  return [shared = std::shared_ptr<const MllpShared>{std::move(shared)}](const net::Connection&) {
    return std::make_unique<MllpSession>(shared);
  };
}

}  // namespace cpis::mllp
