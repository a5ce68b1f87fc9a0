#include "adapters/hl7v2/mllp_framer.h"

#include <algorithm>
#include <utility>

namespace cpis::hl7v2 {

namespace {

// After FS, this much NUL and LF may stand before the VT that proves the CR was forgotten.
constexpr std::size_t filler_bytes_max = 16;
// What is kept between messages for the next one that comes in pieces.
constexpr std::size_t kept_bytes_max = 4096;

constexpr bool is_filler(char byte) { return byte == '\0' || byte == '\n' || byte == '\r'; }

constexpr bool could_begin(char byte) { return byte == 'M' || byte == 'F' || byte == 'B'; }

bool begins_like_hl7(std::string_view message) {
  return message.starts_with("MSH") || message.starts_with("FHS") || message.starts_with("BHS");
}

void give_back(std::string& buffer) {
  buffer.clear();
  if (buffer.capacity() > kept_bytes_max) std::string{}.swap(buffer);
}

}  // namespace

std::string mllp_frame(std::string_view message) {
  std::string frame;
  frame.reserve(message.size() + 3);
  frame += mllp_start;
  frame += message;
  frame += mllp_end;
  frame += mllp_return;
  return frame;
}

Result<std::optional<std::string_view>> MllpFramer::next() {
  give_back(finished_);
  while (state_ != State::failed) {
    if (state_ == State::outside && !find_start()) break;
    if (const Message message = find_end()) return message;
    if (state_ != State::outside && state_ != State::failed) {
      keep_rest();
      break;
    }
  }
  if (state_ == State::failed) return Error{ErrorKind::bad_input, failure_};
  return Message{};
}

std::optional<std::string_view> MllpFramer::finish() {
  if (state_ != State::after_end) return std::nullopt;
  return complete();
}

bool MllpFramer::find_start() {
  known_start_ = known_end_ = 0;
  if (options_.accept_missing_start && at_boundary_) {
    const auto first = std::ranges::find_if_not(input_, is_filler);
    input_.remove_prefix(static_cast<std::size_t>(first - input_.begin()));
    if (!input_.empty() && could_begin(input_.front())) {
      begin();
      bare_ = true;
      return true;
    }
  }
  const std::size_t start = std::min(input_.find(mllp_start), input_.size());
  skip_stray(start);
  if (state_ == State::failed || input_.empty()) return false;
  input_.remove_prefix(1);
  begin();
  return true;
}

void MllpFramer::skip_stray(std::size_t count) {
  const std::string_view skipped = input_.substr(0, count);
  const auto filler = static_cast<std::size_t>(std::ranges::count_if(skipped, is_filler));
  const std::size_t stray = skipped.size() - filler;
  input_.remove_prefix(count);
  if (stray == 0) return;
  at_boundary_ = false;
  stray_now_ += stray;
  stray_total_ += stray;
  if (stray_now_ > options_.stray_bytes_max) fail("bytes without MLLP framing");
}

void MllpFramer::begin() {
  state_ = State::inside;
  at_ = 0;
  bare_ = false;
  give_back(held_);
}

// Each byte is searched once for VT and once for FS, however many of them there are.
std::size_t MllpFramer::next_of(char wanted, std::size_t& known) const {
  if (known < at_ || known == 0) known = std::min(input_.find(wanted, at_), input_.size());
  return known;
}

std::optional<std::string_view> MllpFramer::find_end() {
  while (at_ < input_.size() && state_ != State::failed && state_ != State::outside) {
    if (const Message message = state_ == State::inside ? step_inside() : step_after_end()) {
      return message;
    }
  }
  return std::nullopt;
}

std::optional<std::string_view> MllpFramer::step_inside() {
  const std::size_t stop =
      std::min(next_of(mllp_start, known_start_), next_of(mllp_end, known_end_));
  if (held_.size() + stop > options_.message_bytes_max) {
    fail("MLLP message is longer than the limit");
    return std::nullopt;
  }
  at_ = stop;
  if (stop == input_.size()) return std::nullopt;
  ++at_;
  if (input_[stop] == mllp_end) {
    message_bytes_ = held_.size() + stop;
    filler_bytes_ = 0;
    state_ = State::after_end;
    return std::nullopt;
  }
  ++restarts_;
  input_.remove_prefix(at_);
  known_start_ = known_end_ = 0;
  begin();
  return std::nullopt;
}

std::optional<std::string_view> MllpFramer::step_after_end() {
  const char byte = input_[at_];
  if (byte == mllp_return && filler_bytes_ == 0) {
    ++at_;
    return complete();
  }
  if (byte == mllp_start) return complete();  // the VT stays: it begins the next message
  if ((byte == '\0' || byte == '\n') && filler_bytes_ < filler_bytes_max) {
    ++filler_bytes_;
    ++at_;
  } else {
    state_ = State::inside;  // that FS was part of the message
  }
  return std::nullopt;
}

std::optional<std::string_view> MllpFramer::complete() {
  Message message = input_.substr(0, std::min(message_bytes_, input_.size()));
  if (!held_.empty()) {
    held_.append(input_.substr(0, at_));
    held_.resize(message_bytes_);
    finished_.swap(held_);
    held_.clear();
    message = finished_;
  }
  input_.remove_prefix(at_);
  at_ = 0;
  state_ = State::outside;
  const bool stray = std::exchange(bare_, false) && !begins_like_hl7(*message);
  at_boundary_ = !stray;
  if (stray) {
    stray_now_ += message->size();
    stray_total_ += message->size();
    return std::nullopt;
  }
  stray_now_ = 0;
  return message;
}

void MllpFramer::keep_rest() {
  held_.append(input_);
  input_ = {};
  at_ = 0;
  known_start_ = known_end_ = 0;
}

void MllpFramer::fail(const char* why) {
  state_ = State::failed;
  failure_ = why;
  input_ = {};
  give_back(held_);
}

}  // namespace cpis::hl7v2
