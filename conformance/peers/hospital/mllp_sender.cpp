#include "conformance/peers/hospital/mllp_sender.h"

#include <Poco/Exception.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Timespan.h>

#include <array>
#include <cstddef>
#include <utility>

namespace cpis::hospital {
namespace {

constexpr char start_block = '\x0B';
constexpr char end_block = '\x1C';
constexpr char carriage_return = '\x0D';
constexpr std::size_t answer_bytes_max = std::size_t{1} << 20U;

Poco::Timespan span_of(std::chrono::milliseconds time) {
  return Poco::Timespan{static_cast<Poco::Timespan::TimeDiff>(time.count()) * 1000};
}

}  // namespace

class MllpSender::Connection {
 public:
  Connection(const std::string& host, std::uint16_t port, std::chrono::milliseconds timeout) {
    socket_.connect(Poco::Net::SocketAddress{host, port}, span_of(timeout));
    socket_.setNoDelay(true);
    socket_.setReceiveTimeout(span_of(timeout));
    socket_.setSendTimeout(span_of(timeout));
  }

  void write(std::string_view message) {
    std::string frame;
    frame.reserve(message.size() + 3);
    frame += start_block;
    frame += message;
    frame += end_block;
    frame += carriage_return;
    std::string_view rest = frame;
    while (!rest.empty()) {
      const int sent = socket_.sendBytes(rest.data(), static_cast<int>(rest.size()));
      rest.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  Result<std::string> read() {
    std::array<char, 4096> piece{};
    while (received_.find(end_block) == std::string::npos) {
      const int count = socket_.receiveBytes(piece.data(), static_cast<int>(piece.size()));
      if (count <= 0) return Error{ErrorKind::unavailable, "MLLP: closed without an answer"};
      received_.append(piece.data(), static_cast<std::size_t>(count));
      if (received_.size() > answer_bytes_max) {
        return Error{ErrorKind::bad_input, "MLLP: an answer over the limit"};
      }
    }
    const std::size_t end = received_.find(end_block);
    const std::size_t begin = received_.find(start_block);
    if (begin == std::string::npos || begin > end) {
      return Error{ErrorKind::bad_input, "MLLP: an answer without its start"};
    }
    std::string answer = received_.substr(begin + 1, end - begin - 1);
    received_.erase(0, end + 1);
    return answer;
  }

 private:
  Poco::Net::StreamSocket socket_;
  std::string received_;
};

MllpSender::MllpSender(std::string host, std::uint16_t port, std::chrono::milliseconds timeout)
    : host_{std::move(host)}, port_{port}, timeout_{timeout} {}

MllpSender::~MllpSender() = default;

void MllpSender::close() { connection_.reset(); }

Result<std::string> MllpSender::send(std::string_view message) {
  try {
    if (!connection_) connection_ = std::make_unique<Connection>(host_, port_, timeout_);
    connection_->write(message);
    Result<std::string> answer = connection_->read();
    if (!answer) close();
    return answer;
  } catch (const Poco::TimeoutException&) {
    close();
    return Error{ErrorKind::timeout, "MLLP: no answer in time"};
  } catch (const Poco::Exception& e) {
    close();
    return Error{ErrorKind::unavailable, "MLLP: " + e.displayText()};
  }
}

void MllpSender::send_and_hang_up(std::string_view message) {
  try {
    if (!connection_) connection_ = std::make_unique<Connection>(host_, port_, timeout_);
    connection_->write(message);
  } catch (const Poco::Exception&) {
    // Nobody listens: as good as hung up.
  }
  close();
}

std::string_view acknowledgement_code(std::string_view acknowledgement) {
  const std::size_t msa = acknowledgement.find("\rMSA");
  return msa == std::string_view::npos ? std::string_view{} : acknowledgement.substr(msa + 5, 2);
}

}  // namespace cpis::hospital
