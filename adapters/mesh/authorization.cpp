#include "adapters/mesh/authorization.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace cpis::mesh {
namespace {

constexpr std::string_view scheme = "NHSMESH ";
constexpr std::size_t part_count = 5;
constexpr std::size_t part_bytes_max = 100;

std::string hexadecimal(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    const auto code = static_cast<unsigned char>(c);
    out += digits[code >> 4U];
    out += digits[code & 15U];
  }
  return out;
}

std::string hash_of(const Credentials& who, std::string_view nonce, std::string_view count,
                    std::string_view timestamp, const HmacSha256& hmac) {
  std::string message = who.mailbox;
  for (const std::string_view part : {nonce, count, std::string_view{who.password}, timestamp}) {
    message += ':';
    message += part;
  }
  return hexadecimal(hmac(who.shared_key, message));
}

// Takes the same time wherever the texts differ.
bool same_secret(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference |=
        static_cast<unsigned>(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]));
  }
  return difference == 0;
}

bool all_of(std::string_view text, std::string_view allowed) {
  return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

// The parts between the colons; false when there are not exactly five.
bool split(std::string_view value, std::array<std::string_view, part_count>& parts) {
  for (std::size_t i = 0; i < part_count; ++i) {
    const std::size_t colon = value.find(':');
    const bool last = i + 1 == part_count;
    if (last != (colon == std::string_view::npos)) return false;
    parts[i] = value.substr(0, colon);
    if (parts[i].empty() || parts[i].size() > part_bytes_max) return false;
    if (!last) value.remove_prefix(colon + 1);
  }
  return true;
}

std::string padded(int number, std::size_t width) {
  std::string out = std::to_string(number);
  return std::string(width - std::min(width, out.size()), '0') + out;
}

}  // namespace

std::string write_timestamp(Time now) {
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const Date date{day};
  const std::chrono::hh_mm_ss clock{now - day};
  return padded(static_cast<int>(date.year()), 4) +
         padded(static_cast<int>(static_cast<unsigned>(date.month())), 2) +
         padded(static_cast<int>(static_cast<unsigned>(date.day())), 2) +
         padded(static_cast<int>(clock.hours().count()), 2) +
         padded(static_cast<int>(clock.minutes().count()), 2);
}

Result<Time> read_timestamp(std::string_view timestamp) {
  const Error refused{ErrorKind::forbidden, "the token's time is not yyyyMMddHHmm"};
  if (timestamp.size() != 12 || !all_of(timestamp, "0123456789")) return refused;
  const auto number = [&](std::size_t from, std::size_t length) {
    int value = 0;
    std::from_chars(timestamp.data() + from, timestamp.data() + from + length, value);
    return value;
  };
  const Date date{std::chrono::year{number(0, 4)},
                  std::chrono::month{static_cast<unsigned>(number(4, 2))},
                  std::chrono::day{static_cast<unsigned>(number(6, 2))}};
  if (!date.ok() || number(8, 2) > 23 || number(10, 2) > 59) return refused;
  return Time{std::chrono::sys_days{date}} + std::chrono::hours{number(8, 2)} +
         std::chrono::minutes{number(10, 2)};
}

std::string authorization(const Credentials& who, std::string_view nonce, std::uint64_t nonce_count,
                          Time now, const HmacSha256& hmac) {
  const std::string count = std::to_string(nonce_count);
  const std::string timestamp = write_timestamp(now);
  std::string out{scheme};
  out += who.mailbox;
  for (const std::string_view part :
       {nonce, std::string_view{count}, std::string_view{timestamp}}) {
    out += ':';
    out += part;
  }
  return out + ':' + hash_of(who, nonce, count, timestamp, hmac);
}

Result<Token> read_authorization(std::string_view value) {
  const Error refused{ErrorKind::forbidden, "Error reading from Authorization header"};
  if (!value.starts_with(scheme)) return refused;
  value.remove_prefix(scheme.size());
  std::array<std::string_view, part_count> parts;
  if (!split(value, parts)) return refused;
  const auto& [mailbox, nonce, count, timestamp, hash] = parts;
  if (value.find_first_of(" \t") != std::string_view::npos) return refused;
  Token token{std::string{mailbox}, std::string{nonce}, 0, std::string{timestamp},
              std::string{hash}};
  const auto [end, error] =
      std::from_chars(count.data(), count.data() + count.size(), token.nonce_count);
  const bool padded_count = count.size() > 1 && count.front() == '0';
  if (error != std::errc{} || end != count.data() + count.size() || padded_count) return refused;
  if (hash.size() != 64 || !all_of(hash, "0123456789abcdef")) return refused;
  if (const auto time = read_timestamp(timestamp); !time) return time.error();
  return token;
}

std::string_view text_of(TokenFault fault) {
  constexpr std::array<std::string_view, token_faults> words{
      "", "Mailbox id does not match token", "Invalid Authentication Token",
      "Invalid Authentication Token", "Error Duplicated Authentication Token"};
  return words[static_cast<std::size_t>(fault)];
}

bool UsedTokens::use(const Token& token, Time now) {
  // A token is within the window for at most twice its length from when it was first seen.
  while (!by_time_.empty() && now - by_time_.front().first > 2 * clock_window) {
    known_.erase(by_time_.front().second);
    by_time_.pop_front();
  }
  if (known_.size() >= most_) return false;
  if (!known_.insert(token.hash).second) return false;
  by_time_.emplace_back(now, token.hash);
  return true;
}

TokenFault check(const Token& token, const Credentials& who, Time now, const HmacSha256& hmac,
                 UsedTokens& used) {
  if (token.mailbox != who.mailbox) return TokenFault::other_mailbox;
  const std::string right =
      hash_of(who, token.nonce, std::to_string(token.nonce_count), token.timestamp, hmac);
  if (!same_secret(right, token.hash)) return TokenFault::wrong_hash;
  const auto time = read_timestamp(token.timestamp);
  if (!time || *time - now > clock_window || now - *time > clock_window) {
    return TokenFault::out_of_window;
  }
  return used.use(token, now) ? TokenFault::none : TokenFault::used;
}

}  // namespace cpis::mesh
