#include "fhir/xml/bundle_stream.h"

#include <algorithm>
#include <utility>

namespace cpis::fhir::xml {
namespace {

constexpr std::size_t bundle_depth = 1;                        // inside the Bundle's own tags
constexpr std::size_t tag_bytes_max = std::size_t{64} * 1024;  // of the root's start tag

/// `entry` of `<f:entry id="a">`.
std::string_view local_name(std::string_view tag) {
  tag.remove_prefix(tag.starts_with("</") ? 2 : 1);
  const std::string_view name = tag.substr(0, tag.find_first_of(" \t\r\n/>"));
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

/// `f:Bundle` of `<f:Bundle xmlns:f="...">`.
std::string_view whole_name(std::string_view tag) {
  tag.remove_prefix(1);
  return tag.substr(0, tag.find_first_of(" \t\r\n/>"));
}

}  // namespace

BundleStream::BundleStream(OnEntry on_entry, Issues& issues, const ReadOptions& options)
    : on_entry_{std::move(on_entry)}, issues_{issues}, options_{options} {}

bool BundleStream::push(std::string_view bytes) {
  for (const char c : bytes) {
    if (stopped_) return false;
    if (!take(c)) {
      stopped_ = true;
      return false;
    }
    if (c == '\n') ++line_;
  }
  return !stopped_;
}

bool BundleStream::take(char c) {
  if (current().size() + markup_.size() > options_.bytes_max) {
    return fail(IssueCode::too_costly, "xml-bytes-max", "an entry is longer than the limit");
  }
  if (inside_ == Inside::text) {
    if (c != '<') {
      current() += c;
      return true;
    }
    markup_.assign(1, c);
    inside_ = Inside::tag;
    quote_ = '\0';
    return true;
  }
  markup_ += c;
  if (inside_ == Inside::tag) return tag_byte(c);
  const std::string_view end = inside_ == Inside::comment       ? "-->"
                               : inside_ == Inside::instruction ? "?>"
                                                                : "]]>";
  if (markup_.ends_with(end)) {
    current() += markup_;
    markup_.clear();
    inside_ = Inside::text;
  }
  return true;
}

bool BundleStream::tag_byte(char c) {
  if (quote_ != '\0') {
    if (c == quote_) quote_ = '\0';
    return true;
  }
  if (markup_ == "<!--") {
    inside_ = Inside::comment;
  } else if (markup_ == "<?") {
    inside_ = Inside::instruction;
  } else if (markup_ == "<![CDATA[") {
    inside_ = Inside::character_data;
  } else if (markup_ == "<!D" || markup_ == "<!d") {
    return fail(IssueCode::invalid, "xml-document-type", "a document type is not allowed");
  } else if (c == '"' || c == '\'') {
    quote_ = c;
  } else if (c == '>' && !markup_.starts_with("<!")) {
    return end_of_tag(markup_.starts_with("</"), markup_.ends_with("/>"));
  }
  return true;
}

bool BundleStream::end_of_tag(bool end_tag, bool empty) {
  inside_ = Inside::text;
  const std::string tag = std::exchange(markup_, {});
  if (!end_tag) {
    if (depth_ == 0 && root_tag_.empty()) {
      if (tag.size() > tag_bytes_max) {
        return fail(IssueCode::too_costly, "xml-bytes-max", "the root's tag is too long");
      }
      root_tag_ = tag;
    }
    if (depth_ == bundle_depth && !in_entry_ && local_name(tag) == "entry") {
      in_entry_ = true;
      entry_.clear();
      const auto inner = static_cast<std::uint32_t>(std::ranges::count(tag, '\n'));
      entry_line_ = line_ - inner;
    }
    ++depth_;
  }
  current() += tag;
  if (end_tag || empty) {
    if (depth_ == 0) return fail(IssueCode::invalid, "xml-syntax", "an end tag has no start tag");
    --depth_;
  }
  return !in_entry_ || depth_ != bundle_depth || emit();
}

/// Reads the entry inside the Bundle's own tags, which declare its namespaces.
bool BundleStream::emit() {
  in_entry_ = false;
  const auto above = static_cast<std::uint32_t>(std::ranges::count(root_tag_, '\n')) + 1;
  ReadOptions options = options_;
  options.first_line = entry_line_ - std::min(above, entry_line_);
  options.bytes_max += root_tag_.size() * 2 + 8;
  std::string text = root_tag_ + "\n" + entry_;
  text.append("</").append(whole_name(root_tag_)).append(">");
  Issues found;
  const bool good = read(std::move(text), document_, found, options);
  const std::string prefix = "Bundle.entry[" + std::to_string(count_) + "]";
  for (Issue issue : found) {
    for (const std::string_view alone : {"Bundle.entry[0]", "Bundle.entry"}) {
      if (!issue.path.starts_with(alone)) continue;
      issue.path.replace(0, alone.size(), prefix);
      break;
    }
    issues_.add(std::move(issue));
  }
  if (!good) return false;
  document_.reroot(document_.edit(*document_.root().first("entry")));
  return on_entry_(document_, count_++);
}

bool BundleStream::finish(Document& head) {
  if (stopped_) return false;
  stopped_ = true;
  if (in_entry_ || inside_ != Inside::text) {
    return fail(IssueCode::invalid, "xml-syntax", "the text ends inside an element");
  }
  return read(std::move(head_), head, issues_, options_);
}

bool BundleStream::fail(IssueCode code, std::string_view rule, std::string_view why) {
  Issue issue;
  issue.severity = Severity::fatal;
  issue.code = code;
  issue.path = "Bundle";
  issue.rule = rule;
  issue.line = line_;
  issue.diagnostics = why;
  issues_.add(std::move(issue));
  stopped_ = true;
  return false;
}

}  // namespace cpis::fhir::xml
