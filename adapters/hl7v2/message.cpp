#include "adapters/hl7v2/message.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "adapters/hl7v2/byte_search.h"
#include "adapters/hl7v2/escapes.h"
#include "adapters/hl7v2/segment_cutter.h"

namespace cpis::hl7v2 {
namespace {

void refuse(Findings& findings, std::string_view rule, std::string text) {
  findings.push_back({Severity::fatal, std::string{rule}, {}, 0, {}, std::move(text)});
}

bool refuse_parts(Findings& findings) {
  refuse(findings, "HL7-MSG-5", "the message has more segments or fields than the limit");
  return false;
}

bool has_fatal(const Findings& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.severity == Severity::fatal; });
}

}  // namespace

std::string Component::sub(std::size_t n) const {
  const std::string_view raw = raw_sub(n);
  return raw == "\"\"" ? std::string{} : unescape(raw, delimiters_);
}

std::string_view Component::sub(std::size_t n, std::string& room) const {
  const std::string_view raw = raw_sub(n);
  if (raw == "\"\"") return {};
  if (stands_for_itself(raw, delimiters_)) return raw;
  room = unescape(raw, delimiters_);
  return room;
}

Repetitions::Repetitions(const Field& field)
    : rest_{field.raw_}, delimiters_{field.delimiters_}, more_{!field.raw_.empty()} {}

bool Repetitions::next() {
  if (!more_ || number_ == read_max) return false;
  ++number_;
  const std::size_t end = delimiters_.repetition == Delimiters::none
                              ? std::string_view::npos
                              : rest_.find(delimiters_.repetition);
  current_ = rest_.substr(0, end);
  more_ = end != std::string_view::npos;
  if (more_) rest_.remove_prefix(end + 1);
  return true;
}

std::string_view Segment::name() const { return message_->name_of(message_->segments_[index_]); }

std::string_view Segment::raw() const {
  const Message::Entry& entry = message_->segments_[index_];
  return message_->text_.substr(entry.begin, entry.end - entry.begin);
}

std::size_t Segment::field_count() const {
  const Message::Entry& entry = message_->segments_[index_];
  return entry.fields + (is_header(name()) ? 1U : 0U);
}

Field Segment::field(std::size_t n) const {
  const Message::Entry& entry = message_->segments_[index_];
  constexpr Delimiters undivided{Delimiters::none, Delimiters::none, Delimiters::none,
                                 Delimiters::none, Delimiters::none, Delimiters::none};
  const bool header = is_header(message_->name_of(entry));
  if (header && n == 1 && entry.end > entry.begin + 3) {
    return {message_->text_.substr(entry.begin + 3, 1), undivided};
  }
  const std::size_t place = header ? n - 1 : n;  // of the piece after the name
  if (n == 0 || place == 0 || place > entry.fields) return {{}, message_->delimiters()};
  const std::size_t first = entry.first_field + place - 1;
  const std::size_t begin = message_->field_starts_[first];
  const std::size_t end =
      place == entry.fields ? entry.end : message_->field_starts_[first + 1] - 1;
  return {message_->text_.substr(begin, end - begin),
          header && n == 2 ? undivided : message_->delimiters()};
}

std::size_t Segment::occurrence() const {
  std::size_t occurrence = 1;
  for (std::size_t i = 0; i < index_; ++i) {
    if (message_->name_of(message_->segments_[i]) == name()) ++occurrence;
  }
  return occurrence;
}

std::optional<Message> Message::parse(std::string_view bytes, Findings& findings,
                                      CharsetDefault fallback, const MessageLimits& limits) {
  if (bytes.size() > limits.bytes_max || bytes.size() > std::numeric_limits<std::uint32_t>::max()) {
    refuse(findings, "HL7-MSG-2", "the message is longer than the limit");
    return std::nullopt;
  }
  Message message;
  Findings header_findings;
  message.header_ = read_header(bytes, &header_findings);
  Decoded decoded = decode(bytes, message.header_.charset, fallback, findings);
  if (!decoded.readable) return std::nullopt;
  findings.insert(findings.end(), header_findings.begin(), header_findings.end());
  if (has_fatal(header_findings)) return std::nullopt;
  if (decoded.converted) {
    message.converted_ = std::make_shared<const std::string>(*std::move(decoded.converted));
  }
  message.text_ =
      text_of_message(message.converted_ ? std::string_view{*message.converted_} : bytes);
  if (!message.text_.starts_with("MSH")) {
    refuse(findings, "HL7-MSG-3", "a batch header where a message is expected");
    return std::nullopt;
  }
  if (!message.index_segments(findings, limits)) return std::nullopt;
  return message;
}

// False when there are more fields than the limit.
bool Message::add_segment(std::size_t begin, std::size_t end, std::size_t fields_max) {
  const std::size_t first = field_starts_.size();
  const std::size_t after_name = begin + 3;
  each_of(text_.substr(after_name, end - after_name), header_.delimiters.field,
          [&](std::size_t at) {
            field_starts_.push_back(static_cast<std::uint32_t>(after_name + at + 1));
            return field_starts_.size() <= fields_max;
          });
  segments_.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end),
                       static_cast<std::uint32_t>(first),
                       static_cast<std::uint32_t>(field_starts_.size() - first)});
  return field_starts_.size() <= fields_max;
}

bool Message::index_segments(Findings& findings, const MessageLimits& limits) {
  segments_.reserve(16);
  field_starts_.reserve(text_.size() / 4 + 8);
  SegmentCutter cutter{text_, header_.delimiters.field};
  while (cutter.next()) {
    if (segments_.size() >= limits.segments_max) return refuse_parts(findings);
    if (!segments_.empty() && is_header(cutter.name())) {
      refuse(findings, "HL7-MSG-4", "several messages in one piece");
      return false;
    }
    if (!add_segment(cutter.begin(), cutter.end(), limits.fields_max)) {
      return refuse_parts(findings);
    }
  }
  if (cutter.continued_lines() != 0) {
    findings.push_back({Severity::warning,
                        "HL7-MSG-6",
                        {},
                        0,
                        {},
                        "a line does not begin with a segment name; it was read as part of the "
                        "field before it"});
  }
  return true;
}

std::optional<Segment> Message::find(std::string_view name, std::size_t n) const {
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    if (same_name(name_of(segments_[i]), name) && --n == 0) return segment(i);
  }
  return std::nullopt;
}

std::size_t Message::count(std::string_view name) const {
  std::size_t count = 0;
  for (const Entry& entry : segments_) count += same_name(name_of(entry), name) ? 1U : 0U;
  return count;
}

Field Message::field(std::string_view segment_name, std::size_t n) const {
  const auto segment = find(segment_name);
  return segment ? segment->field(n) : Field{{}, delimiters()};
}

}  // namespace cpis::hl7v2
