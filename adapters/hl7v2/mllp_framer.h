#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/core/result.h"

namespace cpis::hl7v2 {

/// The bytes around a message (HL7 v2.x, Minimal Lower Layer Protocol, release 1).
inline constexpr char mllp_start = '\x0B';
inline constexpr char mllp_end = '\x1C';
inline constexpr char mllp_return = '\x0D';

/// `message` in its frame, as one piece, so that it leaves in one write.
std::string mllp_frame(std::string_view message);

struct MllpFramerOptions {
  /// Longest message, without its framing. Emergency department documents reach megabytes.
  std::size_t message_bytes_max = std::size_t{4} * 1024 * 1024;
  /// Bytes outside frames, since the last message, after which this is not an HL7 sender.
  std::size_t stray_bytes_max = std::size_t{64} * 1024;
  /// Also take a message that begins with MSH, FHS or BHS right where a frame could begin.
  bool accept_missing_start = false;
};

/// Cuts a byte stream into HL7 v2 messages, whatever way the bytes arrive.
///
///     frame := VT message FS CR
///
/// Knows bytes, not sockets. Push what arrived, then take messages until there is none:
///
///     framer.push(bytes);
///     for (auto message = framer.next(); ...; message = framer.next()) ...
///
/// - Anything before VT is skipped and counted: CR, LF and NUL between frames are met in the field.
/// - A VT inside a frame starts it again: the sender gave up on what came before.
/// - FS without CR belongs to the message, except directly before a VT (with nothing or only NUL
///   and LF between) or at the end of the stream: there the sender forgot the CR.
/// - A frame over the limit fails at the first byte too many, so that a peer that never ends one
///   cannot fill memory. After a failure the stream has lost its place: close it.
///
/// Cost is linear in the bytes, also for a message of megabytes that arrives in small pieces. A
/// message that lies whole in one push is not copied.
class MllpFramer {
 public:
  explicit MllpFramer(MllpFramerOptions options = {}) : options_{options} {}

  /// `bytes` must stay as they are until `next` has given nothing or a failure. Push only then, or
  /// after a message with what was `unread` in front.
  void push(std::string_view bytes) { input_ = bytes; }

  /// The next message without its framing, valid until the next call; empty when the pushed bytes
  /// are used up. `bad_input` is final.
  Result<std::optional<std::string_view>> next();

  /// At the end of the stream, after `next` gave nothing: a last message that lacks only its CR.
  std::optional<std::string_view> finish();

  /// The pushed bytes that `next` has not looked at yet.
  std::string_view unread() const noexcept { return input_; }
  /// Whether a message has begun and not ended.
  bool inside() const noexcept { return state_ == State::inside || state_ == State::after_end; }
  /// Bytes of the unfinished message held here.
  std::size_t held_bytes() const noexcept { return held_.size(); }

  std::uint64_t stray_bytes() const noexcept { return stray_total_; }  ///< skipped, not CR LF NUL
  std::uint64_t restarts() const noexcept { return restarts_; }        ///< messages given up by VT

 private:
  enum class State { outside, inside, after_end, failed };
  using Message = std::optional<std::string_view>;

  /// Moves to the first byte of a message; false when the input has none.
  bool find_start();
  void skip_stray(std::size_t count);
  /// Looks for the end of the message that has begun; nothing when the input ends first.
  Message find_end();
  Message step_inside();
  Message step_after_end();
  Message complete();
  void begin();
  std::size_t next_of(char wanted, std::size_t& known) const;
  void keep_rest();
  void fail(const char* why);

  MllpFramerOptions options_;
  State state_ = State::outside;
  std::string_view input_;  ///< what is left of the push, from the first byte of the message on
  std::size_t at_ = 0;      ///< how much of `input_` has been looked at
  std::size_t known_start_ = 0;  ///< where in `input_` the next VT is, once that is known
  std::size_t known_end_ = 0;    ///< the same for FS
  std::string held_;      ///< the message so far from earlier pushes, a possible end included
  std::string finished_;  ///< the message last given, when it came in pieces
  std::size_t message_bytes_ = 0;  ///< length of the message before the FS that may end it
  std::size_t filler_bytes_ = 0;   ///< NUL and LF after that FS
  bool bare_ = false;              ///< the message began without VT
  bool at_boundary_ = true;        ///< only CR, LF and NUL since the last message
  std::size_t stray_now_ = 0;
  std::uint64_t stray_total_ = 0;
  std::uint64_t restarts_ = 0;
  const char* failure_ = "";
};

}  // namespace cpis::hl7v2
