#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "adapters/hl7v2/batch.h"
#include "adapters/hl7v2/escapes.h"
#include "adapters/hl7v2/message.h"
#include "tests/fuzz/cut_frames.h"

using namespace cpis;
using namespace cpis::hl7v2;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

// The segments of a message, written out again, are the message: nothing is lost or invented.
void check_segments(const Message& message) {
  const std::string_view text = message.text();
  std::size_t at = 0;
  for (std::size_t i = 0; i < message.segment_count(); ++i) {
    const Segment segment = message.segment(i);
    std::string line{segment.name()};
    // What continues a bare segment name on the next line belongs to no field.
    const std::size_t first = segment.raw().find(message.delimiters().field, line.size());
    if (first != std::string_view::npos && first > line.size()) {
      require(segment.raw()[line.size()] == '\r' || segment.raw()[line.size()] == '\n');
      line += segment.raw().substr(line.size(), first - line.size());
    }
    for (std::size_t n = segment.name() == "MSH" ? 2 : 1; n <= segment.field_count(); ++n) {
      line += message.delimiters().field;
      line += segment.field(n).raw();
    }
    // A line that continues a bare segment name belongs to no field.
    require(segment.field_count() == 0 ? segment.raw().starts_with(line) : segment.raw() == line);
    require(text.substr(at, segment.raw().size()) == segment.raw());
    at += segment.raw().size();
    while (at < text.size() && (text[at] == '\r' || text[at] == '\n')) ++at;
  }
  require(at == text.size());
}

// Everything that a message is read as, in one text.
std::string reading_of(std::string_view bytes) {
  Findings findings;
  const auto message = Message::parse(bytes, findings);
  std::string text;
  for (const Finding& finding : findings) text += finding.rule + ' ' + finding.field + '\n';
  if (!message) return text;
  text += message->header().control_id;
  for (std::size_t i = 0; i < message->segment_count(); ++i) {
    const Segment segment = message->segment(i);
    text += '\n' + std::string{segment.name()};
    for (std::size_t n = 1; n <= segment.field_count(); ++n) text += '|' + segment.field(n).text();
  }
  return text;
}

// A message that arrived cut in two is read as the one that arrived whole.
void check_cut(std::string_view bytes) {
  const auto whole = cpis::fuzz::framed_and_cut(bytes, 0);
  const auto cut = cpis::fuzz::framed_and_cut(bytes, cpis::fuzz::cut_of(bytes));
  require(whole.size() == cut.size());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    require(reading_of(whole[i]) == reading_of(cut[i]));
  }
}

}  // namespace

/// Whatever the bytes: parsing ends, a refusal has a fatal finding, a message holds all of its
/// text, what is escaped comes back, pieces of a batch are pieces of the input, and a message that
/// came cut in two is the message that came whole.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  Findings findings;
  const auto message = Message::parse(bytes, findings);
  if (message) {
    check_segments(*message);
  } else {
    require(!findings.empty() && findings.back().severity == Severity::fatal);
  }

  check_cut(bytes);

  Findings batch_findings;
  for (const std::string_view piece : split_batch(bytes, batch_findings).messages) {
    require(piece.starts_with("MSH"));
    require(piece.data() >= bytes.data() && piece.data() + piece.size() <= bytes.data() + size);
  }

  std::string text = to_utf8(bytes, Charset::windows_1252);
  std::erase_if(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7F;
  });
  require(is_utf8(text));
  require(unescape(escape(text, Delimiters{}), Delimiters{}) == text);
  return 0;
}
