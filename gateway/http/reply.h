#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "gateway/http/request.h"
#include "gateway/http/response.h"
#include "gateway/net/connection.h"
#include "gateway/net/mailbox.h"

namespace cpis::http {

struct StreamState;

/// The body of an answer that is written piece by piece, for example server-sent events.
///
/// Any thread, one at a time. Bounded: what the client does not read in time is refused here, and
/// the owner decides whether to wait, to skip, or to let go.
class StreamWriter {
 public:
  StreamWriter(StreamWriter&&) noexcept = default;
  StreamWriter& operator=(StreamWriter&&) = delete;
  StreamWriter(const StreamWriter&) = delete;
  StreamWriter& operator=(const StreamWriter&) = delete;
  /// Without `finish` the connection is cut, so that the client knows the body is not whole.
  ~StreamWriter();

  /// False when the client has gone or too much of it waits already; then nothing was taken.
  bool write(std::string_view piece);
  /// The body is whole.
  void finish();
  /// False once the client has gone.
  bool open() const noexcept;

 private:
  friend class Reply;
  explicit StreamWriter(std::shared_ptr<StreamState> state) : state_{std::move(state)} {}
  std::shared_ptr<StreamState> state_;
};

/// The one answer that a request is owed.
///
/// May be kept, moved to another thread and used later, also after the client or the whole server
/// has gone: then the answer is dropped. A Reply that is destroyed unused sends 500, so that no
/// client waits for ever on a forgotten path.
class Reply {
 public:
  /// For handlers' tests and for requests made inside the program: `sink` gets the answer.
  explicit Reply(std::function<void(Response)> sink) : sink_{std::move(sink)} {}
  Reply(Reply&& other) noexcept;
  Reply& operator=(Reply&&) = delete;
  Reply(const Reply&) = delete;
  Reply& operator=(const Reply&) = delete;
  ~Reply();

  /// Once; a second answer is a bug (std::logic_error). Any thread.
  void send(Response response);

  /// Sends what `make` gives, made where it is sent from: on the connection's loop, or here with a
  /// sink. In place of `send`, for an answer that takes microseconds to write and whose maker must
  /// not be the calling thread. Not called when the client has gone.
  void send_made(std::function<Response()> make);

  /// Sends `head` (its body is ignored) and leaves the body to the writer, in place of `send`. At
  /// most `unsent_bytes_max` wait for a slow client. Not for a Reply made with a sink
  /// (std::logic_error).
  StreamWriter start_stream(Response head, std::size_t unsent_bytes_max = 256 * 1024);

  /// Switches to another protocol (RFC 9110, 7.8), in place of `send`: sends `head`, whole lines
  /// with the empty one at the end, as it is; from then on bytes go to the client as they are
  /// written, and what the client sends goes to `receive`, on the loop's thread. Nothing is read as
  /// HTTP any more and HTTP's deadlines are off: the writer's owner sets limits, and lets go of the
  /// writer to end the connection, after what was written.
  StreamWriter start_tunnel(std::string head, std::function<void(std::string_view)> receive,
                            std::size_t unsent_bytes_max = 256 * 1024);

 private:
  friend class HttpSession;
  Reply(std::shared_ptr<net::Mailbox> mailbox, net::ConnectionId connection, std::uint64_t request)
      : mailbox_{std::move(mailbox)}, connection_{connection}, request_{request} {}

  std::shared_ptr<StreamState> take_over(std::size_t unsent_bytes_max);

  std::shared_ptr<net::Mailbox> mailbox_;  ///< null once used, and with a sink
  net::ConnectionId connection_ = 0;
  std::uint64_t request_ = 0;
  std::function<void(Response)> sink_;
};

/// What answers requests. One object serves all connections of a server.
class HttpHandler {
 public:
  HttpHandler() = default;
  HttpHandler(const HttpHandler&) = delete;
  HttpHandler& operator=(const HttpHandler&) = delete;
  virtual ~HttpHandler() = default;

  /// Called on a loop's thread, on several at the same time, and must not block: answer from
  /// memory, or hand request and reply to a WorkerPool. An exception is a bug: 500 is sent.
  virtual void handle(Request&& request, Reply&& reply) = 0;
};

}  // namespace cpis::http
