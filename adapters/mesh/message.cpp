#include "adapters/mesh/message.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace cpis::mesh {
namespace {

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool has_control_characters(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto code = static_cast<unsigned char>(c);
    return code < 0x20 || code == 0x7F;
  });
}

// One header of a message, where it is kept, and how long it may be.
struct Field {
  std::string_view name;
  std::string Envelope::*member;
  std::size_t length_max;
};
constexpr std::array fields{
    Field{"mex-From", &Envelope::from, 100},
    Field{"mex-To", &Envelope::to, 100},
    Field{"mex-WorkflowID", &Envelope::workflow, 300},
    Field{"mex-LocalID", &Envelope::local_id, 300},
    Field{"mex-Subject", &Envelope::subject, 500},
    Field{"mex-FileName", &Envelope::file_name, 300},
    Field{"mex-Content-Checksum", &Envelope::checksum, 100},
    Field{"Content-Type", &Envelope::content_type, 100},
};

Status check(const Envelope& envelope) {
  for (const Field& field : fields) {
    const std::string& value = envelope.*field.member;
    if (value.size() > field.length_max) {
      return Error{ErrorKind::bad_input, std::string{field.name} + " is too long"};
    }
    if (has_control_characters(value)) {
      return Error{ErrorKind::bad_input, std::string{field.name} + " has control characters"};
    }
  }
  if (envelope.to.empty()) return Error{ErrorKind::bad_input, "mex-To is missing"};
  if (envelope.workflow.empty()) return Error{ErrorKind::bad_input, "mex-WorkflowID is missing"};
  return done;
}

struct HeadField {
  std::string_view name;
  std::string MessageHead::*member;
};
constexpr std::array head_fields{
    HeadField{"mex-MessageID", &MessageHead::message_id},
    HeadField{"mex-From", &MessageHead::from},
    HeadField{"mex-To", &MessageHead::to},
    HeadField{"mex-WorkflowID", &MessageHead::workflow},
    HeadField{"mex-LocalID", &MessageHead::local_id},
    HeadField{"mex-FileName", &MessageHead::file_name},
    HeadField{"mex-Subject", &MessageHead::subject},
    HeadField{"mex-StatusCode", &MessageHead::status_code},
    HeadField{"mex-StatusEvent", &MessageHead::status_event},
    HeadField{"mex-StatusDescription", &MessageHead::status_text},
    HeadField{"mex-StatusTimestamp", &MessageHead::status_time},
    HeadField{"mex-LinkedMsgID", &MessageHead::linked_message},
};

}  // namespace

std::string_view header(const Headers& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (same_name(key, name)) return trimmed(value);
  }
  return {};
}

std::string write_range(ChunkRange range) {
  return std::to_string(range.number) + ':' + std::to_string(range.total);
}

std::optional<ChunkRange> read_range(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || text.size() > 20) return std::nullopt;
  const auto number = [](std::string_view digits, std::size_t& into) {
    digits = trimmed(digits);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), into);
    return error == std::errc{} && end == digits.data() + digits.size();
  };
  ChunkRange range;
  if (!number(text.substr(0, colon), range.number) || !number(text.substr(colon + 1), range.total))
    return std::nullopt;
  if (range.number < 1 || range.number > range.total || range.total > chunks_max) {
    return std::nullopt;
  }
  return range;
}

Result<Headers> write_envelope(const Envelope& envelope) {
  if (const Status checked = check(envelope); !checked) return checked.error();
  Headers headers;
  for (const Field& field : fields) {
    const std::string& value = envelope.*field.member;
    if (!value.empty()) headers.emplace_back(field.name, value);
  }
  if (envelope.gzip) headers.emplace_back("Content-Encoding", "gzip");
  if (envelope.range.total > 1)
    headers.emplace_back("mex-Chunk-Range", write_range(envelope.range));
  return headers;
}

Result<Envelope> read_envelope(const Headers& headers) {
  Envelope envelope;
  for (const Field& field : fields) {
    envelope.*field.member = std::string{header(headers, field.name)};
  }
  if (const Status checked = check(envelope); !checked) return checked.error();
  const std::string_view encoding = header(headers, "Content-Encoding");
  if (!encoding.empty() && !same_name(encoding, "gzip")) {
    return Error{ErrorKind::unsupported, "Content-Encoding is not gzip"};
  }
  envelope.gzip = !encoding.empty();
  const std::string_view range = header(headers, "mex-Chunk-Range");
  if (!range.empty()) {
    const auto read = read_range(range);
    if (!read) return Error{ErrorKind::conflict, "mex-Chunk-Range is not n:m"};
    envelope.range = *read;
  }
  return envelope;
}

Headers chunk_headers(ChunkRange range, bool gzip) {
  Headers headers{{"mex-Chunk-Range", write_range(range)},
                  {"Content-Type", "application/octet-stream"}};
  if (gzip) headers.emplace_back("Content-Encoding", "gzip");
  return headers;
}

Headers handshake_headers(const ClientWords& client) {
  return {{"mex-ClientVersion", client.version},
          {"mex-OSName", client.os_name},
          {"mex-OSVersion", client.os_version},
          {"mex-OSArchitecture", client.architecture}};
}

Headers write_head(const MessageHead& head) {
  Headers headers;
  for (const HeadField& field : head_fields) {
    const std::string& value = head.*field.member;
    if (!value.empty()) headers.emplace_back(field.name, value);
  }
  const bool report = head.kind == MessageHead::Kind::report;
  headers.emplace_back("mex-MessageType", report ? "REPORT" : "DATA");
  headers.emplace_back("mex-StatusSuccess", report ? "ERROR" : "SUCCESS");
  headers.emplace_back("mex-AddressType", "ALL");
  headers.emplace_back("mex-Version", "1.0");
  if (head.range) headers.emplace_back("mex-Chunk-Range", write_range(*head.range));
  if (head.gzip) {
    headers.emplace_back("Content-Encoding", "gzip");
    headers.emplace_back("mex-Content-Compressed", "Y");
  }
  return headers;
}

MessageHead read_head(const Headers& headers) {
  MessageHead head;
  for (const HeadField& field : head_fields) {
    head.*field.member = std::string{header(headers, field.name)};
  }
  if (same_name(header(headers, "mex-MessageType"), "REPORT")) {
    head.kind = MessageHead::Kind::report;
  }
  head.gzip = same_name(header(headers, "Content-Encoding"), "gzip");
  head.range = read_range(header(headers, "mex-Chunk-Range"));
  return head;
}

Result<std::size_t> next_chunk(int status, std::optional<ChunkRange> range, std::size_t asked) {
  const bool more = status == 206;
  if (!more && status != 200) return Error{ErrorKind::bad_input, "neither 200 nor 206"};
  if (range && more && range->number != asked) {
    return Error{ErrorKind::bad_input, "another chunk than the one that was asked for"};
  }
  // A whole message may carry its last chunk's range (OpenAPI, "Get Message"), never a middle
  // one's.
  if (range && !more && range->number != range->total) {
    return Error{ErrorKind::bad_input, "the end came before the last chunk"};
  }
  if (range && !more && asked > 1 && range->number != asked) {
    return Error{ErrorKind::bad_input, "another chunk than the one that was asked for"};
  }
  if (range && more && range->number == range->total) {
    return Error{ErrorKind::bad_input, "more is announced after the last chunk"};
  }
  if (!more) return std::size_t{0};
  if (asked >= chunks_max) return Error{ErrorKind::bad_input, "too many chunks"};
  return asked + 1;
}

}  // namespace cpis::mesh
