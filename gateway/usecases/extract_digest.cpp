#include "gateway/usecases/extract_digest.h"

#include <algorithm>
#include <memory>

#include "gateway/store/sha256.h"

namespace cpis::usecases {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += digits[byte / 16U];
    out += digits[byte % 16U];
  }
  return out;
}

// A day at the beginning of `text` with no digit behind it.
std::optional<Date> leading_day(std::string_view text) {
  const auto ends_at = [&](std::size_t at) { return text.size() == at || !is_digit(text[at]); };
  if (text.size() >= 10 && text[4] == '-' && ends_at(10)) return parse_iso_date(text.substr(0, 10));
  if (text.size() < 8 || !ends_at(8)) return std::nullopt;
  const std::string iso = std::string{text.substr(0, 4)} + '-' + std::string{text.substr(4, 2)} +
                          '-' + std::string{text.substr(6, 2)};
  return parse_iso_date(iso);
}

}  // namespace

class ExtractDigest::Watched final : public social_care::Source {
 public:
  Watched(social_care::Source& of, Seen& seen) : of_{of}, seen_{seen} {}

  const std::string& name() const override { return of_.name(); }
  Result<std::size_t> read(std::span<char> into) override {
    const auto count = of_.read(into);
    if (!count) return count;
    seen_.bytes += *count;
    std::uint64_t hash = seen_.hash;
    for (const char c : into.first(*count)) {
      hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
    }
    seen_.hash = hash;
    return count;
  }

 private:
  social_care::Source& of_;
  Seen& seen_;
};

social_care::ExportSet ExtractDigest::watch(social_care::ExportSet& files) {
  seen_.assign(files.files.size(), {});
  social_care::ExportSet watched;
  for (std::size_t i = 0; i < files.files.size(); ++i) {
    watched.files.push_back(std::make_unique<Watched>(*files.files[i], seen_[i]));
  }
  return watched;
}

std::string ExtractDigest::text() const {
  std::vector<std::string> parts;
  for (const Seen& one : seen_) {
    parts.push_back(std::to_string(one.bytes) + ' ' + std::to_string(one.hash) + '\n');
  }
  std::sort(parts.begin(), parts.end());
  std::string all;
  for (const std::string& part : parts) all += part;
  return to_hex(store::bytes_of(store::sha256(all)));
}

std::optional<Date> day_in_name(std::string_view name) {
  std::optional<Date> newest;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (i > 0 && is_digit(name[i - 1])) continue;
    const auto day = leading_day(name.substr(i));
    if (day && day->year() >= std::chrono::year{2000} && (!newest || *day > *newest)) newest = day;
  }
  return newest;
}

std::optional<Date> made_day(const social_care::ExportSet& files) {
  std::optional<Date> newest;
  for (const auto& file : files.files) {
    const auto day = day_in_name(file->name());
    if (day && (!newest || *day > *newest)) newest = day;
  }
  return newest;
}

}  // namespace cpis::usecases
