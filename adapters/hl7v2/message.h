#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/finding.h"
#include "adapters/hl7v2/charset.h"
#include "adapters/hl7v2/delimiters.h"
#include "adapters/hl7v2/header.h"
#include "adapters/hl7v2/parts.h"

namespace cpis::hl7v2 {

/// Bounds on one message; more is refused with a fatal finding.
struct MessageLimits {
  std::size_t bytes_max = std::size_t{4} * 1024 * 1024;
  std::size_t segments_max = 20'000;
  std::size_t fields_max = 400'000;  ///< in the whole message
};

/// One component (or the whole of a field without components), as a view of the message.
class Component {
 public:
  Component(std::string_view raw, const Delimiters& delimiters)
      : raw_{raw}, delimiters_{delimiters} {}

  std::string_view raw() const { return raw_; }
  bool empty() const { return raw_.empty(); }
  /// `""`: the sender says that the value no longer holds (HL7 v2.4, 2.7).
  bool is_null() const { return raw_ == "\"\""; }
  std::string_view raw_sub(std::size_t n) const { return part(raw_, delimiters_.subcomponent, n); }
  /// The n-th subcomponent, unescaped; empty for `""`.
  std::string sub(std::size_t n) const;
  /// The same as a view of the message, or of `room` when it had to be unescaped.
  std::string_view sub(std::size_t n, std::string& room) const;
  /// The first subcomponent, unescaped; empty for `""`.
  std::string text() const { return sub(1); }

 private:
  std::string_view raw_;
  Delimiters delimiters_;
};

/// One repetition of a field.
class Repetition {
 public:
  Repetition(std::string_view raw, const Delimiters& delimiters)
      : raw_{raw}, delimiters_{delimiters} {}

  std::string_view raw() const { return raw_; }
  bool empty() const { return raw_.empty(); }
  bool is_null() const { return raw_ == "\"\""; }
  /// Counted from 1 as in the standard; empty when there are fewer.
  Component component(std::size_t n) const {
    return {part(raw_, delimiters_.component, n), delimiters_};
  }
  std::size_t component_count() const { return count_parts(raw_, delimiters_.component); }
  std::string text(std::size_t n) const { return component(n).text(); }
  /// Its first component ends with the truncation character that MSH-2 declares: there was more.
  bool is_cut_off() const {
    return delimiters_.truncation != Delimiters::none &&
           component(1).raw().ends_with(delimiters_.truncation);
  }

 private:
  std::string_view raw_;
  Delimiters delimiters_;
};

/// One field with its repetitions.
class Field {
 public:
  Field(std::string_view raw, const Delimiters& delimiters) : raw_{raw}, delimiters_{delimiters} {}

  std::string_view raw() const { return raw_; }
  bool empty() const { return raw_.empty(); }
  bool is_null() const { return raw_ == "\"\""; }
  std::size_t size() const { return count_parts(raw_, delimiters_.repetition); }
  /// Counted from 1; empty when there are fewer.
  Repetition repetition(std::size_t n) const {
    return {part(raw_, delimiters_.repetition, n), delimiters_};
  }
  /// The n-th component of the first repetition, unescaped.
  std::string text(std::size_t n = 1) const { return repetition(1).text(n); }

 private:
  friend class Repetitions;
  std::string_view raw_;
  Delimiters delimiters_;
};

/// The repetitions of a field from front to back, in one pass:
///
///     for (Repetitions all{field}; all.next();) use(*all);
///
/// At most `read_max`: nobody has that many names or numbers, and a field of a megabyte of
/// separators must not hold up the feed.
class Repetitions {
 public:
  static constexpr std::size_t read_max = 1'000;

  explicit Repetitions(const Field& field);

  /// False after the last one.
  bool next();
  Repetition operator*() const { return {current_, delimiters_}; }
  /// Of the one at hand, from 1.
  std::size_t number() const { return number_; }

 private:
  std::string_view rest_;
  std::string_view current_;
  Delimiters delimiters_;
  std::size_t number_ = 0;
  bool more_ = false;
};

class Message;

/// One segment. Valid for as long as its message.
class Segment {
 public:
  std::string_view name() const;
  /// The whole segment as it was sent, without its end.
  std::string_view raw() const;
  /// Fields after the name; MSH-1 is the separator itself.
  std::size_t field_count() const;
  /// Field n as the standard counts; empty when there are fewer. MSH-1 and MSH-2 are one
  /// undivided value.
  Field field(std::size_t n) const;
  /// Which of the segments with this name it is, from 1.
  std::size_t occurrence() const;
  std::size_t index() const { return index_; }

 private:
  friend class Message;
  Segment(const Message& message, std::size_t index) : message_{&message}, index_{index} {}

  const Message* message_;
  std::size_t index_;
};

/// An HL7 v2 message in ER7 form, any type and version, Z segments included.
///
///     message := segment { end segment } [ end ]        end := CR | LF | CR LF
///     segment := name { field-separator field }
///
/// Reading copies nothing: values are views of the caller's bytes, which must outlive the message
/// (only bytes that are not UTF-8 are converted, into a copy that the message owns). A line that
/// does not begin with a segment name belongs to the field before it, so that a line end inside a
/// text neither loses nor invents a segment. Immutable; safe to read from many threads.
class Message {
 public:
  /// Nothing when the bytes cannot be read as one message; `findings` then ends with a fatal one.
  /// Batches and several messages in one piece are cut up before (batch.h).
  static std::optional<Message> parse(std::string_view bytes, Findings& findings,
                                      CharsetDefault fallback = Charset::windows_1252,
                                      const MessageLimits& limits = {});

  const MessageHeader& header() const { return header_; }
  const Delimiters& delimiters() const { return header_.delimiters; }
  /// The message as UTF-8.
  std::string_view text() const { return text_; }

  std::size_t segment_count() const { return segments_.size(); }
  Segment segment(std::size_t index) const { return {*this, index}; }
  /// The n-th (from 1) segment with this name.
  std::optional<Segment> find(std::string_view name, std::size_t n = 1) const;
  std::size_t count(std::string_view name) const;
  /// Field n of the first segment with this name; empty when there is none.
  Field field(std::string_view segment_name, std::size_t n) const;

 private:
  friend class Segment;
  struct Entry {
    std::uint32_t begin, end;           // of the line in text_, without its end
    std::uint32_t first_field, fields;  // in field_starts_
  };

  Message() = default;
  bool index_segments(Findings& findings, const MessageLimits& limits);
  bool add_segment(std::size_t begin, std::size_t end, std::size_t fields_max);
  std::string_view name_of(const Entry& entry) const { return text_.substr(entry.begin, 3); }

  MessageHeader header_;
  std::shared_ptr<const std::string> converted_;  // shared, so that views survive a copy
  std::string_view text_;
  std::vector<Entry> segments_;
  std::vector<std::uint32_t> field_starts_;
};

}  // namespace cpis::hl7v2
