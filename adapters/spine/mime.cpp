#include "adapters/spine/mime.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

namespace cpis::spine {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string lowered(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) {
    text.remove_suffix(1);
  }
  return text;
}

// A line without its end, and where the next one begins.
struct Line {
  std::string_view text;
  std::size_t begin = 0;
  std::size_t next = 0;
};

Line line_at(std::string_view body, std::size_t at) {
  const std::size_t end = std::min(body.find('\n', at), body.size());
  std::string_view text = body.substr(at, end - at);
  if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
  return {text, at, std::min(end + 1, body.size())};
}

enum class Delimiter { none, between, last };

Delimiter delimiter_in(std::string_view line, std::string_view boundary) {
  if (line.substr(0, 2) != "--" || line.substr(2, boundary.size()) != boundary) {
    return Delimiter::none;
  }
  const std::string_view rest = trim(line.substr(std::min(2 + boundary.size(), line.size())));
  if (rest.empty()) return Delimiter::between;
  return rest == "--" ? Delimiter::last : Delimiter::none;
}

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

std::optional<std::string> decode_base64(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  int held = 0;
  bool ended = false;
  for (const char c : text) {
    if (c == '\r' || c == '\n' || c == ' ' || c == '\t') continue;
    if (c == '=') {
      ended = true;
      continue;
    }
    const int value = base64_value(c);
    if (value < 0 || ended) return std::nullopt;
    bits = (bits << 6U) | static_cast<std::uint32_t>(value);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out += static_cast<char>((bits >> static_cast<unsigned>(held)) & 0xFFU);
  }
  return out;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char small = lower(c);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

std::optional<std::string> decode_quoted_printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') {
      out += text[i];
      continue;
    }
    const std::string_view rest = text.substr(i + 1);
    if (rest.substr(0, 1) == "\n") {
      i += 1;
    } else if (rest.substr(0, 2) == "\r\n") {
      i += 2;
    } else {
      if (rest.size() < 2 || hex_value(rest[0]) < 0 || hex_value(rest[1]) < 0) return std::nullopt;
      out += static_cast<char>(hex_value(rest[0]) * 16 + hex_value(rest[1]));
      i += 2;
    }
  }
  return out;
}

// Reads one multipart body.
class Cutter {
 public:
  Cutter(std::string_view body, std::string boundary, const MimeLimits& limits)
      : body_{body}, boundary_{std::move(boundary)}, limits_{limits} {}

  Reading<std::vector<MimePart>> cut();

 private:
  bool refuse(std::string rule, std::string text) {
    reading_.findings.push_back({Severity::fatal, std::move(rule), "", line_, "", std::move(text)});
    return false;
  }
  Line next_line() {
    const Line line = line_at(body_, at_);
    at_ = line.next;
    ++line_;
    return line;
  }
  bool at_end() const { return at_ >= body_.size(); }
  bool skip_preamble();
  bool read_headers(MimePart& part, std::string& encoding);
  bool read_part();
  bool take_body(MimePart& part, std::string_view raw, const std::string& encoding);

  std::string_view body_;
  const std::string boundary_;
  const MimeLimits limits_;
  std::size_t at_ = 0;
  std::size_t line_ = 0;
  bool closed_ = false;
  Reading<std::vector<MimePart>> reading_;
  std::vector<MimePart> parts_;
};

bool Cutter::skip_preamble() {
  while (!at_end()) {
    const Delimiter found = delimiter_in(next_line().text, boundary_);
    if (found == Delimiter::between) return true;
    if (found == Delimiter::last) break;
  }
  return refuse("MIME-BOUNDARY", "the boundary does not occur");
}

bool Cutter::read_headers(MimePart& part, std::string& encoding) {
  std::string* folded = nullptr;
  std::string ignored;
  const std::size_t begin = at_;
  for (std::size_t lines = 0; !at_end(); ++lines) {
    const Line line = next_line();
    if (line.text.empty()) return true;
    if (lines >= limits_.header_lines_max || at_ - begin > limits_.header_bytes_max) {
      return refuse("MIME-LIMIT", "too many header lines in a part");
    }
    if ((line.text.front() == ' ' || line.text.front() == '\t') && folded != nullptr) {
      *folded += ' ';
      *folded += trim(line.text);
      continue;
    }
    const std::size_t colon = line.text.find(':');
    if (colon == std::string_view::npos) return refuse("MIME-HEADER", "a header without a colon");
    const std::string name = lowered(trim(line.text.substr(0, colon)));
    folded = name == "content-id"                  ? &part.content_id
             : name == "content-type"              ? &part.content_type
             : name == "content-transfer-encoding" ? &encoding
                                                   : &ignored;
    *folded = trim(line.text.substr(colon + 1));
  }
  return refuse("MIME-HEADER", "a part ends in its headers");
}

bool Cutter::take_body(MimePart& part, std::string_view raw, const std::string& encoding) {
  const std::string name = lowered(encoding);
  std::optional<std::string> decoded;
  if (name.empty() || name == "8bit" || name == "7bit" || name == "binary") {
    decoded = std::string{raw};
  } else if (name == "base64") {
    decoded = decode_base64(raw);
  } else if (name == "quoted-printable") {
    decoded = decode_quoted_printable(raw);
  }
  if (!decoded) return refuse("MIME-ENCODING", "a transfer encoding that cannot be undone");
  part.body = std::move(*decoded);
  if (!part.content_id.empty() && part.content_id.front() == '<') part.content_id.erase(0, 1);
  if (!part.content_id.empty() && part.content_id.back() == '>') part.content_id.pop_back();
  if (parse_media_type(part.content_type).type.substr(0, 10) == "multipart/") {
    return refuse("MIME-NESTED", "a multipart within a part is not accepted");
  }
  parts_.push_back(std::move(part));
  return true;
}

bool Cutter::read_part() {
  if (parts_.size() >= limits_.parts_max) return refuse("MIME-LIMIT", "too many parts");
  MimePart part;
  std::string encoding;
  if (!read_headers(part, encoding)) return false;
  const std::size_t begin = at_;
  while (!at_end()) {
    const Line line = next_line();
    const Delimiter found = delimiter_in(line.text, boundary_);
    if (found == Delimiter::none) continue;
    closed_ = found == Delimiter::last;
    // The line end before a boundary belongs to the boundary.
    std::string_view raw = body_.substr(begin, line.begin - begin);
    if (!raw.empty() && raw.back() == '\n') raw.remove_suffix(1);
    if (!raw.empty() && raw.back() == '\r') raw.remove_suffix(1);
    return take_body(part, raw, encoding);
  }
  reading_.findings.push_back(
      {Severity::warning, "MIME-END", "", line_, "", "the closing boundary is missing"});
  closed_ = true;
  return take_body(part, body_.substr(begin), encoding);
}

Reading<std::vector<MimePart>> Cutter::cut() {
  if (!skip_preamble()) return std::move(reading_);
  while (!closed_) {
    if (!read_part()) return std::move(reading_);
  }
  reading_.value = std::move(parts_);
  return std::move(reading_);
}

}  // namespace

MediaType parse_media_type(std::string_view text) {
  MediaType media;
  std::size_t at = std::min(text.find(';'), text.size());
  media.type = lowered(trim(text.substr(0, at)));
  while (at < text.size()) {
    ++at;  // the semicolon
    const std::size_t equals = text.find_first_of("=;", at);
    if (equals == std::string_view::npos) break;
    const std::string name = lowered(trim(text.substr(at, equals - at)));
    if (text[equals] == ';') {
      at = equals;
      continue;
    }
    at = equals + 1;
    while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) ++at;
    std::string value;
    if (at < text.size() && text[at] == '"') {
      for (++at; at < text.size() && text[at] != '"'; ++at) {
        if (text[at] == '\\' && at + 1 < text.size()) ++at;
        value += text[at];
      }
      at = std::min(text.find(';', at), text.size());
    } else {
      const std::size_t end = std::min(text.find(';', at), text.size());
      value = trim(text.substr(at, end - at));
      at = end;
    }
    if (!name.empty()) media.parameters.emplace(name, std::move(value));
  }
  return media;
}

Reading<std::vector<MimePart>> read_mime(std::string_view content_type, std::string_view body,
                                         const MimeLimits& limits) {
  const auto refused = [](std::string rule, std::string text) {
    Reading<std::vector<MimePart>> reading;
    reading.findings.push_back({Severity::fatal, std::move(rule), "", 0, "", std::move(text)});
    return reading;
  };
  if (body.size() > limits.bytes_max) return refused("MIME-LIMIT", "the message is too large");
  const MediaType media = parse_media_type(content_type);
  const auto boundary = media.parameters.find("boundary");
  if (boundary == media.parameters.end() || boundary->second.empty() ||
      boundary->second.size() > 200) {
    return refused("MIME-BOUNDARY", "Content-Type names no boundary");
  }
  return Cutter{body, boundary->second, limits}.cut();
}

std::string guess_boundary(std::string_view body) {
  for (std::size_t at = 0; at < body.size();) {
    const Line line = line_at(body, at);
    const std::string_view text = trim(line.text);
    if (text.size() > 2 && text.substr(0, 2) == "--" && text.size() <= 202) {
      return std::string{text.substr(2)};
    }
    at = line.next;
  }
  return "";
}

std::string write_mime(const std::vector<MimePart>& parts, std::string_view boundary) {
  std::string out;
  for (const MimePart& part : parts) {
    out += "--";
    out += boundary;
    out += "\r\nContent-Id: <" + part.content_id + ">\r\nContent-Type: " + part.content_type +
           "\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + part.body + "\r\n";
  }
  out += "--";
  out += boundary;
  out += "--\r\n";
  return out;
}

std::string boundary_for(const std::vector<MimePart>& parts) {
  const std::string first = "--=_MIME-Boundary";
  std::string boundary = first;
  const auto contains = [&](const MimePart& part) {
    return part.body.find("--" + boundary) != std::string::npos;
  };
  for (unsigned n = 1; std::any_of(parts.begin(), parts.end(), contains); ++n) {
    boundary = first + "-" + std::to_string(n);
  }
  return boundary;
}

}  // namespace cpis::spine
