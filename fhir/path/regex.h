#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cpis::fhir::path {

/// Regular expressions with bounds: a pattern that needs too many steps or too much memory on a
/// text is reported, it never hangs. Compiled patterns are kept. Not thread safe. `.` matches line
/// ends (FHIRPath N1 5.6.8); text is UTF-8, bytes that are not are refused.
class RegexCache {
 public:
  /// Patterns kept; with more, all are forgotten.
  static constexpr std::size_t patterns_max = 256;
  static constexpr std::size_t pattern_bytes_max = 16 * 1024;

  enum class Answer { no, yes, bad_pattern, too_costly, bad_text };

  RegexCache();
  ~RegexCache();
  RegexCache(RegexCache&&) noexcept;
  RegexCache& operator=(RegexCache&&) noexcept;

  /// `flags`: any of i (letter case), m (^ and $ at each line).
  Answer search(std::string_view pattern, std::string_view flags, std::string_view text);
  /// The whole text must match.
  Answer match_whole(std::string_view pattern, std::string_view flags, std::string_view text);
  /// Replaces every match; `$1` and `${name}` stand for groups. `result` is set when yes.
  Answer replace(std::string_view pattern, std::string_view flags, std::string_view text,
                 std::string_view with, std::size_t bytes_max, std::string& result);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cpis::fhir::path
