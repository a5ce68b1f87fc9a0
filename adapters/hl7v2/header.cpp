#include "adapters/hl7v2/header.h"

#include <algorithm>
#include <array>

#include "adapters/hl7v2/byte_search.h"
#include "adapters/hl7v2/parts.h"

namespace cpis::hl7v2 {
namespace {

constexpr std::size_t header_fields = 18;  // MSH-18 is the last that is read

bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return is_capital(c) || (c >= 'a' && c <= 'z'); }

// A separator has to be something that does not also spell data.
bool can_separate(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte > 0x20 && byte < 0x7F && !is_letter(c) && !is_digit(c);
}

// Two fast searches; one for either of them goes byte by byte.
std::string_view first_line(std::string_view text) {
  text = text.substr(0, text.find('\r'));
  return text.substr(0, text.find('\n'));
}

struct HeaderReader {
  MessageHeader header;
  Findings* findings = nullptr;

  void tell(Severity severity, std::string_view rule, std::string_view field,
            std::string text) const {
    if (findings == nullptr) return;
    findings->push_back({severity, std::string{rule}, {}, 0, std::string{field}, std::move(text)});
  }

  // HL7 v2.4, 2.16.9.2: component, repetition, escape, subcomponent; from 2.7 truncation.
  void read_encoding_characters(std::string_view characters) {
    Delimiters& d = header.delimiters;
    const std::array<char*, 5> places{&d.component, &d.repetition, &d.escape, &d.subcomponent,
                                      &d.truncation};
    bool usable = true;
    for (std::size_t i = 0; i < places.size(); ++i) {
      const char c = i < characters.size() ? characters[i] : Delimiters::none;
      const bool twice =
          c != Delimiters::none &&
          (c == d.field || characters.substr(0, i).find(c) != std::string_view::npos);
      if (c != Delimiters::none && !can_separate(c)) usable = false;
      if (twice) {
        tell(Severity::warning, "HL7-MSH-2a", "MSH-2",
             "the same character is declared twice; its first meaning holds");
      }
      *places[i] = twice || !usable ? Delimiters::none : c;
    }
    if (!usable || characters.empty()) {
      // An answer still has to be written: with the usual characters.
      header = {};
      header.found = true;
    }
    if (!usable) {
      tell(Severity::fatal, "HL7-MSH-2b", "MSH-2", "letters, digits or controls cannot separate");
    } else if (characters.empty()) {
      tell(Severity::fatal, "HL7-MSH-2c", "MSH-2", "no component separator is declared");
    } else if (characters.size() < 4 || characters.size() > 5) {
      tell(Severity::warning, "HL7-MSH-2d", "MSH-2", "four or five characters are usual");
    }
  }

  void read(std::string_view line) {
    header.found = true;
    header.delimiters.field = line[3];
    if (!can_separate(line[3])) {
      tell(Severity::fatal, "HL7-MSH-1", "MSH-1",
           "the field separator is a letter, digit or control");
      header.delimiters = {};
      return;
    }
    // MSH-1 is the separator itself, so the piece after the n-th separator is field n + 1.
    std::array<std::string_view, header_fields + 1> fields{};
    std::size_t n = 1;
    std::size_t begin = 0;
    each_of(line, line[3], [&](std::size_t end) {
      fields[n] = line.substr(begin, end - begin);
      begin = end + 1;
      return ++n <= header_fields;
    });
    if (n <= header_fields) fields[n] = line.substr(begin);
    const auto field = [&](std::size_t number) { return fields[number]; };
    header.encoding_characters = field(2);
    read_encoding_characters(field(2));
    const Delimiters& d = header.delimiters;
    // What was cut with another separator could hold the usual ones and would garble an answer.
    if (d.field != line[3]) return;
    header.sending_application = field(3);
    header.sending_facility = field(4);
    header.receiving_application = field(5);
    header.receiving_facility = field(6);
    header.type = part(field(9), d.component, 1);
    header.trigger = part(field(9), d.component, 2);
    header.structure = part(field(9), d.component, 3);
    header.control_id = field(10);
    header.processing_id = field(11);
    header.version = part(field(12), d.component, 1);
    header.accept_ack = field(15);
    header.application_ack = field(16);
    header.charset = part(field(18), d.repetition, 1);
  }
};

}  // namespace

std::size_t start_of_message(std::string_view bytes) {
  std::size_t at = bytes.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  while (at < bytes.size() && (static_cast<unsigned char>(bytes[at]) <= 0x20)) ++at;
  return at;
}

// The end of a message may carry line ends, blanks or framing that was left on it.
std::string_view text_of_message(std::string_view bytes) {
  std::string_view text = bytes.substr(start_of_message(bytes));
  while (!text.empty() && (static_cast<unsigned char>(text.back()) < 0x20)) text.remove_suffix(1);
  return text;
}

bool starts_segment(std::string_view text, char field_separator) {
  if (text.size() < 3 || !is_capital(text[0])) return false;
  for (const char c : text.substr(1, 2)) {
    if (!is_capital(c) && !is_digit(c)) return false;
  }
  return text.size() == 3 || text[3] == field_separator || text[3] == '\r' || text[3] == '\n';
}

MessageHeader read_header(std::string_view bytes, Findings* findings) {
  HeaderReader reader{{}, findings};
  bytes.remove_prefix(start_of_message(bytes));
  const std::string_view line = first_line(bytes);
  const std::string_view name = line.substr(0, 3);
  if (line.size() < 4 || !is_header(name)) {
    reader.tell(Severity::fatal, "HL7-MSG-1", "MSH", "the message does not begin with MSH");
    return reader.header;
  }
  reader.read(line);
  return reader.header;
}

}  // namespace cpis::hl7v2
