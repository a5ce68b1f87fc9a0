#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace cpis::social_care {

/// The thirteen legal statuses of a looked after child in the SSDA903 return, and what a label
/// can be besides: known not to be one of them, or unknown.
enum class LegalStatus : std::uint8_t {
  c1,
  c2,
  d1,
  e1,
  v2,
  v3,
  v4,
  l1,
  l2,
  l3,
  j1,
  j2,
  j3,
  not_looked_after,  ///< known, and never in scope
  unknown,
};
inline constexpr std::size_t looked_after_statuses = 13;

/// `C1`; empty for the last two.
std::string_view code_of(LegalStatus status);
/// A code alone, either case; nothing when it is none of the thirteen.
std::optional<LegalStatus> read_legal_code(std::string_view text);

/// A site's own labels: folded and collapsed label -> status.
using LegalLabels = std::map<std::string, LegalStatus, std::less<>>;

/// Reads a code or a label (socialcare.md 5): exact code; one code as a whole word at the start,
/// in brackets or quotes, or before a colon; the exact label in `site` and then in our own table;
/// otherwise unknown. Two different codes in one label, and labels of another country's law, are
/// unknown. Fragments of words are never used: a wrong guess hides a child or shows one wrongly.
LegalStatus read_legal_status(std::string_view text, const LegalLabels& site);

/// The statuses that go to CP-IS.
class LegalScope {
 public:
  void add(LegalStatus status) { in_[static_cast<std::size_t>(status)] = true; }
  bool has(LegalStatus status) const { return in_[static_cast<std::size_t>(status)]; }

 private:
  std::array<bool, looked_after_statuses + 2> in_{};
};

}  // namespace cpis::social_care
