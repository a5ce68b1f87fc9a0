#include "gateway/observe/trace.h"

#include <Poco/SHA2Engine.h>

#include <algorithm>
#include <utility>

#include "gateway/edge/ids.h"

namespace cpis::observe {
namespace {

constexpr std::size_t trace_digits = 32;
constexpr std::size_t span_digits = 16;

std::string& current() {
  thread_local std::string trace;
  return trace;
}

bool is_hexadecimal(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

bool is_id(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_hexadecimal) &&
         text.find_first_not_of('0') != text.npos;
}

// Of a UUID, or of a trace's id; empty when it is neither.
std::string plain_digits(std::string_view id) {
  constexpr std::size_t uuid_size = 36;
  if (id.size() != trace_digits && id.size() != uuid_size) return {};
  std::string digits;
  for (std::size_t i = 0; i < id.size(); ++i) {
    const bool dash = id.size() == uuid_size && (i == 8 || i == 13 || i == 18 || i == 23);
    if (dash != (id[i] == '-')) return {};
    if (!dash) digits += id[i] >= 'A' && id[i] <= 'F' ? static_cast<char>(id[i] + 32) : id[i];
  }
  return is_id(digits) ? digits : std::string{};
}

}  // namespace

std::string trace_id_of(std::string_view correlation_id) {
  if (std::string digits = plain_digits(correlation_id); !digits.empty()) return digits;
  Poco::SHA2Engine hash{Poco::SHA2Engine::SHA_256};
  hash.update(correlation_id.data(), correlation_id.size());
  return Poco::DigestEngine::digestToHex(hash.digest()).substr(0, trace_digits);
}

TraceScope::TraceScope(std::string_view correlation_id) : before_{current()} {
  if (!correlation_id.empty()) current() = trace_id_of(correlation_id);
}

TraceScope::~TraceScope() { current() = std::move(before_); }

std::string next_traceparent() {
  const std::string& trace = current();
  if (trace.empty()) return {};
  std::string span = random_hex_id().substr(0, span_digits);
  // The standard takes an id of zeros for none.
  if (!is_id(span)) span.back() = '1';
  return "00-" + trace + '-' + span + "-01";
}

}  // namespace cpis::observe
