#include "fhir/json/bundle_stream.h"

#include <utility>

namespace cpis::fhir::json {
namespace {

bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

constexpr std::size_t bundle_depth = 1;  // inside the Bundle's own braces
constexpr std::size_t array_depth = 2;   // inside the brackets of `entry`

}  // namespace

BundleStream::BundleStream(OnEntry on_entry, Issues& issues, const ReadOptions& options)
    : on_entry_{std::move(on_entry)}, issues_{issues}, options_{options} {
  options_.fragment = true;
}

bool BundleStream::push(std::string_view bytes) {
  for (const char c : bytes) {
    if (state_ == State::stopped) return false;
    ++column_;
    if (!take(c)) {
      state_ = State::stopped;
      return false;
    }
    if (c == '\n') {
      ++line_;
      column_ = 0;
    }
  }
  return state_ != State::stopped;
}

bool BundleStream::take(char c) {
  switch (state_) {
    case State::head:
      return head_byte(c);
    case State::between:
      return between_byte(c);
    case State::entry:
      return entry_byte(c);
    case State::stopped:
      break;
  }
  return false;
}

/// Follows strings and nesting.
void BundleStream::track(char c) {
  if (in_string_) {
    if (escaped_) {
      escaped_ = false;
    } else if (c == '\\') {
      escaped_ = true;
    } else if (c == '"') {
      in_string_ = false;
    }
    return;
  }
  if (c == '"') in_string_ = true;
  if (c == '{' || c == '[') ++depth_;
  if ((c == '}' || c == ']') && depth_ > 0) --depth_;
}

bool BundleStream::head_byte(char c) {
  const bool outside = !in_string_;
  if (outside && drop_comma_ && !blank(c)) {
    drop_comma_ = false;
    if (c == ',') return true;
  }
  if (outside && depth_ == bundle_depth) {
    if (c == '"') string_begin_ = head_.size();
    if (c == ':') {
      const std::string_view key =
          std::string_view{head_}.substr(string_begin_, string_end_ - string_begin_);
      is_entry_key_ = key == "\"entry\"";
    }
    if (c == '[' && is_entry_key_) {
      ++depth_;
      if (seen_entries_) {
        return fail(IssueCode::structure, "json-duplicate-property", "there are two entry arrays");
      }
      open_entries();
      return true;
    }
    if (c == ',') is_entry_key_ = false;
  }
  head_ += c;
  track(c);
  if (!outside && !in_string_ && depth_ == bundle_depth) string_end_ = head_.size();
  if (head_.size() <= options_.bytes_max) return true;
  return fail(IssueCode::too_costly, "json-bytes-max", "the text is longer than the limit");
}

void BundleStream::open_entries() {
  state_ = State::between;
  seen_entries_ = true;
  // The property is taken out of the head, with the comma before it or else the one behind it.
  head_.resize(string_begin_);
  while (!head_.empty() && blank(head_.back())) head_.pop_back();
  if (!head_.empty() && head_.back() == ',') {
    head_.pop_back();
  } else {
    drop_comma_ = true;
  }
}

bool BundleStream::between_byte(char c) {
  if (blank(c)) return true;
  if (c == ',' && need_comma_) {
    need_comma_ = false;
    after_comma_ = true;
    return true;
  }
  if (c == ']' && !after_comma_) {
    if (count_ == 0) {
      Issue issue;
      issue.severity = options_.strict ? Severity::error : Severity::warning;
      issue.code = IssueCode::structure;
      issue.path = "Bundle.entry";
      issue.rule = "json-empty-array";
      issue.line = line_;
      issue.column = column_;
      issue.diagnostics = "an array must not be empty";
      issues_.add(std::move(issue));
    }
    depth_ = bundle_depth;
    is_entry_key_ = false;
    state_ = State::head;
    return true;
  }
  if (c != '{' || need_comma_) {
    return fail(IssueCode::invalid, "json-syntax", "an entry, a comma or the end was expected");
  }
  after_comma_ = false;
  entry_line_ = line_;
  entry_column_ = column_;
  entry_.assign(1, c);
  ++depth_;
  state_ = State::entry;
  return true;
}

bool BundleStream::entry_byte(char c) {
  entry_ += c;
  track(c);
  if (entry_.size() > options_.bytes_max) {
    return fail(IssueCode::too_costly, "json-bytes-max", "an entry is longer than the limit");
  }
  return depth_ > array_depth || in_string_ || emit();
}

bool BundleStream::emit() {
  state_ = State::between;
  need_comma_ = true;
  ReadOptions options = options_;
  options.first_line = entry_line_;
  options.first_column = entry_column_;
  Issues found;
  const bool read = read_view(entry_, document_, found, options);
  const std::string prefix = "Bundle.entry[" + std::to_string(count_) + "]";
  for (Issue issue : found) {
    issue.path = issue.path.empty() ? prefix : prefix + "." + issue.path;
    issues_.add(std::move(issue));
  }
  if (!read) return false;
  document_.rename(document_.root(), "entry");
  return on_entry_(document_, count_++);
}

bool BundleStream::finish(Document& head) {
  if (state_ == State::stopped) return false;
  if (state_ != State::head) {
    return fail(IssueCode::invalid, "json-syntax", "the text ends inside the entries");
  }
  ReadOptions options = options_;
  options.fragment = false;
  state_ = State::stopped;
  return read(std::move(head_), head, issues_, options);
}

bool BundleStream::fail(IssueCode code, std::string_view rule, std::string_view why) {
  Issue issue;
  issue.severity = Severity::fatal;
  issue.code = code;
  issue.path = "Bundle";
  issue.rule = rule;
  issue.line = line_;
  issue.column = column_;
  issue.diagnostics = why;
  issues_.add(std::move(issue));
  state_ = State::stopped;
  return false;
}

}  // namespace cpis::fhir::json
