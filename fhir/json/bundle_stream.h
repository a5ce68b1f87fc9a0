#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "fhir/issues.h"
#include "fhir/json/reader.h"
#include "fhir/tree/document.h"

namespace cpis::fhir::json {

/// Reads a Bundle that need not fit into memory: each entry is handed out as a tree of its own, and
/// the Bundle without its entries comes at the end. Takes the text in pieces of any size. Memory is
/// bounded by the largest entry; `ReadOptions::bytes_max` is that of one entry, and of the rest.
class BundleStream {
 public:
  /// `entry` is a fragment named `entry` (`fullUrl`, `resource`, ...), the callee's for the time of
  /// the call. False stops the reading.
  using OnEntry = std::function<bool(Document& entry, std::uint32_t index)>;

  /// `issues` must outlive the stream. Paths in it begin with `Bundle.entry[n]`, lines and columns
  /// are those of the whole text.
  BundleStream(OnEntry on_entry, Issues& issues, const ReadOptions& options = {});

  /// The next bytes. False when reading has stopped: for a fault (then `issues` has a fatal one) or
  /// because the callee said so.
  bool push(std::string_view bytes);
  /// The text is at its end. Fills `head`; false when the text was no whole JSON object.
  bool finish(Document& head);

  std::uint32_t entries() const { return count_; }

 private:
  enum class State : std::uint8_t { head, between, entry, stopped };

  bool take(char c);
  void track(char c);
  bool head_byte(char c);
  bool between_byte(char c);
  bool entry_byte(char c);
  void open_entries();
  bool emit();
  bool fail(IssueCode code, std::string_view rule, std::string_view why);

  OnEntry on_entry_;
  Issues& issues_;
  ReadOptions options_;
  State state_ = State::head;
  std::string head_;
  std::string entry_;
  Document document_;
  std::uint32_t count_ = 0;

  // Where we are in the text.
  std::size_t depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  std::uint32_t line_ = 1;
  std::uint32_t column_ = 0;

  // The property of the Bundle being read.
  std::size_t string_begin_ = 0;  // in head_
  std::size_t string_end_ = 0;
  bool is_entry_key_ = false;
  bool drop_comma_ = false;
  bool seen_entries_ = false;

  // Between entries: did one end, so that a comma must come?
  bool need_comma_ = false;
  bool after_comma_ = false;
  std::uint32_t entry_line_ = 1;
  std::uint32_t entry_column_ = 1;
};

}  // namespace cpis::fhir::json
