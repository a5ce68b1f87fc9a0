#include "adapters/hl7v2/batch.h"

#include <charconv>
#include <optional>
#include <string>

#include "adapters/hl7v2/header.h"
#include "adapters/hl7v2/parts.h"

namespace cpis::hl7v2 {
namespace {

class Splitter {
 public:
  Splitter(std::string_view bytes, Findings& findings, std::size_t messages_max)
      : bytes_{bytes}, findings_{findings}, messages_max_{messages_max} {}

  Batch run() {
    for (std::size_t at = start_of_message(bytes_); at < bytes_.size();) {
      std::size_t end = bytes_.find_first_of("\r\n", at);
      if (end == std::string_view::npos) end = bytes_.size();
      take_line(at, bytes_.substr(at, end - at));
      if (batch_.messages.size() > messages_max_) return refuse();
      at = bytes_.find_first_not_of("\r\n", end);
      if (at == std::string_view::npos) break;
    }
    close_message(bytes_.size());
    return std::move(batch_);
  }

 private:
  static bool is(std::string_view line, std::string_view name) {
    if (!line.starts_with(name) || line.size() < 4) return line == name;
    const char c = line[3];
    return !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z');
  }

  void take_line(std::size_t at, std::string_view line) {
    if (is(line, "MSH")) {
      close_message(at);
      begin_ = at;
    } else if (is(line, "FHS") || is(line, "BHS")) {
      close_message(at);
      if (!batch_.has_envelope) batch_.envelope = line;
      batch_.has_envelope = true;
      if (is(line, "BHS")) in_this_batch_ = 0;
    } else if (is(line, "BTS")) {
      close_message(at);
      check_count(line);
    } else if (is(line, "FTS")) {
      close_message(at);
    } else if (!begin_ && line.find_first_not_of(" \t\v\x1C") != std::string_view::npos) {
      tell(Severity::error, "HL7-BATCH-2", "text outside any message was not used");
    }
  }

  void close_message(std::size_t end) {
    if (!begin_) return;
    batch_.messages.push_back(bytes_.substr(*begin_, end - *begin_));
    begin_.reset();
    ++in_this_batch_;
  }

  void check_count(std::string_view line) {
    const std::string_view stated = part(line, line.size() > 3 ? line[3] : '|', 2);
    std::size_t count = 0;
    const auto [end, error] = std::from_chars(stated.data(), stated.data() + stated.size(), count);
    if (error == std::errc{} && count != in_this_batch_) {
      tell(Severity::warning, "HL7-BATCH-1", "BTS-1 states another number of messages");
    }
  }

  Batch refuse() {
    tell(Severity::fatal, "HL7-BATCH-3", "more messages than the limit");
    return {};
  }

  void tell(Severity severity, std::string_view rule, std::string text) {
    findings_.push_back({severity, std::string{rule}, {}, 0, {}, std::move(text)});
  }

  std::string_view bytes_;
  Findings& findings_;
  std::size_t messages_max_;
  Batch batch_;
  std::optional<std::size_t> begin_;
  std::size_t in_this_batch_ = 0;
};

}  // namespace

Batch split_batch(std::string_view bytes, Findings& findings, std::size_t messages_max) {
  return Splitter{bytes, findings, messages_max}.run();
}

}  // namespace cpis::hl7v2
