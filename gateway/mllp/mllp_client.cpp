#include "gateway/mllp/mllp_client.h"

#include <array>
#include <utility>

#include "adapters/hl7v2/mllp_framer.h"

namespace cpis::mllp {
namespace {

constexpr std::size_t read_bytes = std::size_t{16} * 1024;

Error away(std::string_view what) { return {ErrorKind::unavailable, "MLLP: " + std::string{what}}; }

Result<std::string> read_answer(net::BlockingLink& link, std::size_t bytes_max,
                                net::SteadyTime until) {
  hl7v2::MllpFramer framer{{bytes_max}};
  std::array<char, read_bytes> room{};
  while (true) {
    const net::IoResult got = link.read_some(room.data(), room.size(), until);
    if (got.state == net::IoState::wait_read) {
      return Error{ErrorKind::timeout, "MLLP: no answer in time"};
    }
    if (got.state != net::IoState::moved) return away("closed without an answer");
    framer.push({room.data(), got.bytes});
    const auto message = framer.next();
    if (!message) return Error{ErrorKind::bad_input, message.error().message};
    if (*message) return std::string{**message};
    // Bytes that drip in do not move the deadline.
    if (net::steady_now() >= until) return Error{ErrorKind::timeout, "MLLP: no answer in time"};
  }
}

}  // namespace

MllpClient::MllpClient(MllpClientSettings settings, std::shared_ptr<net::TlsConnector> connector)
    : settings_{std::move(settings)}, connector_{std::move(connector)} {}
MllpClient::~MllpClient() = default;

Result<std::unique_ptr<MllpClient>> MllpClient::open(MllpClientSettings settings) {
  std::shared_ptr<net::TlsConnector> connector;
  if (settings.encrypted) {
    auto opened = net::TlsConnector::open(settings.tls);
    if (!opened) return opened.error();
    connector = *std::move(opened);
  }
  std::unique_ptr<MllpClient> client;
  client.reset(new MllpClient{std::move(settings), std::move(connector)});
  return client;
}

Status MllpClient::connect() {
  if (link_ && link_->usable()) return done;
  link_.reset();
  auto connected = net::BlockingLink::open({settings_.host, settings_.port}, connector_.get(),
                                           net::steady_now() + settings_.connect_time);
  if (!connected) return Error{connected.error().kind, "MLLP: " + connected.error().message};
  link_ = *std::move(connected);
  return done;
}

Result<std::string> MllpClient::send(std::string_view message) {
  if (const Status connected = connect(); !connected) return connected.error();
  const net::SteadyTime until = net::steady_now() + settings_.answer_time;
  const bool written = link_->write_all(hl7v2::mllp_frame(message), until);
  Result<std::string> answer = written ? read_answer(*link_, settings_.answer_bytes_max, until)
                                       : Result<std::string>{away("the connection ended")};
  // What comes late, or behind the answer, must not be taken for the next one's.
  if (!answer) link_.reset();
  return answer;
}

}  // namespace cpis::mllp
