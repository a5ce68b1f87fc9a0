#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "fhir/issues.h"
#include "fhir/tree/document.h"
#include "fhir/xml/reader.h"

namespace cpis::fhir::xml {

/// Reads a Bundle that need not fit into memory, as json::BundleStream does: each entry is handed
/// out as a tree of its own, the Bundle without its entries comes at the end. Memory is bounded by
/// the largest entry; `ReadOptions::bytes_max` is that of one entry, and of the rest.
class BundleStream {
 public:
  /// `entry` is a fragment named `entry` (`fullUrl`, `resource`, ...), the callee's for the time of
  /// the call. False stops the reading.
  using OnEntry = std::function<bool(Document& entry, std::uint32_t index)>;

  /// `issues`, and the schema of the options, must outlive the stream. Paths in `issues` begin with
  /// `Bundle.entry[n]`, lines are those of the whole text.
  BundleStream(OnEntry on_entry, Issues& issues, const ReadOptions& options = {});

  /// The next bytes. False when reading has stopped: for a fault (then `issues` has a fatal one) or
  /// because the callee said so.
  bool push(std::string_view bytes);
  /// The text is at its end. Fills `head`; false when the text was not well-formed.
  bool finish(Document& head);

  std::uint32_t entries() const { return count_; }

 private:
  /// What the scanner is inside of.
  enum class Inside : std::uint8_t { text, tag, comment, instruction, character_data };

  bool take(char c);
  bool tag_byte(char c);
  bool end_of_tag(bool end_tag, bool empty);
  std::string& current() { return in_entry_ ? entry_ : head_; }
  bool emit();
  bool fail(IssueCode code, std::string_view rule, std::string_view why);

  OnEntry on_entry_;
  Issues& issues_;
  ReadOptions options_;
  std::string head_;
  std::string entry_;
  std::string root_tag_;
  std::string markup_;  // since the last `<`, as far as its kind is not known
  Document document_;
  Inside inside_ = Inside::text;
  bool in_entry_ = false;
  bool stopped_ = false;
  char quote_ = '\0';
  std::size_t depth_ = 0;
  std::uint32_t count_ = 0;
  std::uint32_t line_ = 1;
  std::uint32_t entry_line_ = 1;
};

}  // namespace cpis::fhir::xml
