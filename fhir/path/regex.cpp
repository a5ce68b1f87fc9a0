#define PCRE2_CODE_UNIT_WIDTH 8
#include "fhir/path/regex.h"

#include <pcre2.h>

#include <map>

namespace cpis::fhir::path {
namespace {

constexpr std::uint32_t match_limit = 1'000'000;
constexpr std::uint32_t depth_limit = 10'000;
constexpr std::uint32_t heap_limit_kibibytes = 16 * 1024;
constexpr std::uint32_t whole_match_key = 'W';

struct Free {
  void operator()(pcre2_code* code) const { pcre2_code_free(code); }
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
  void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
  void operator()(pcre2_compile_context* context) const { pcre2_compile_context_free(context); }
};
using Code = std::unique_ptr<pcre2_code, Free>;
using MatchData = std::unique_ptr<pcre2_match_data, Free>;

PCRE2_SPTR units(std::string_view text) { return reinterpret_cast<PCRE2_SPTR>(text.data()); }

RegexCache::Answer answer_of(int code) {
  if (code >= 0) return RegexCache::Answer::yes;
  if (code == PCRE2_ERROR_NOMATCH) return RegexCache::Answer::no;
  const bool text = code <= PCRE2_ERROR_UTF8_ERR1 && code >= PCRE2_ERROR_UTF8_ERR21;
  return text ? RegexCache::Answer::bad_text : RegexCache::Answer::too_costly;
}

}  // namespace

struct RegexCache::State {
  std::map<std::string, Code, std::less<>> codes;
  std::unique_ptr<pcre2_match_context, Free> context{pcre2_match_context_create(nullptr)};
  std::string key;

  State() {
    pcre2_set_match_limit(context.get(), match_limit);
    pcre2_set_depth_limit(context.get(), depth_limit);
    pcre2_set_heap_limit(context.get(), heap_limit_kibibytes);
  }

  pcre2_code* code(std::string_view pattern, std::string_view flags, bool whole) {
    key.assign(pattern).append(1, '\0').append(flags);
    if (whole) key.append(1, static_cast<char>(whole_match_key));
    if (const auto known = codes.find(key); known != codes.end()) return known->second.get();
    if (pattern.size() > pattern_bytes_max) return nullptr;
    std::uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_DOTALL | PCRE2_NEVER_BACKSLASH_C;
    for (const char flag : flags) {
      if (flag == 'i') options |= PCRE2_CASELESS;
      if (flag == 'm') options |= PCRE2_MULTILINE;
    }
    if (whole) options |= PCRE2_ANCHORED | PCRE2_ENDANCHORED;
    int problem = 0;
    PCRE2_SIZE offset = 0;
    Code made{pcre2_compile(units(pattern), pattern.size(), options, &problem, &offset, nullptr)};
    if (codes.size() >= patterns_max) codes.clear();
    return codes.emplace(key, std::move(made)).first->second.get();
  }

  Answer run(std::string_view pattern, std::string_view flags, std::string_view text, bool whole) {
    pcre2_code* const compiled = code(pattern, flags, whole);
    if (compiled == nullptr) return Answer::bad_pattern;
    const MatchData data{pcre2_match_data_create_from_pattern(compiled, nullptr)};
    return answer_of(
        pcre2_match(compiled, units(text), text.size(), 0, 0, data.get(), context.get()));
  }
};

RegexCache::RegexCache() : state_{std::make_unique<State>()} {}
RegexCache::~RegexCache() = default;
RegexCache::RegexCache(RegexCache&&) noexcept = default;
RegexCache& RegexCache::operator=(RegexCache&&) noexcept = default;

RegexCache::Answer RegexCache::search(std::string_view pattern, std::string_view flags,
                                      std::string_view text) {
  return state_->run(pattern, flags, text, false);
}

RegexCache::Answer RegexCache::match_whole(std::string_view pattern, std::string_view flags,
                                           std::string_view text) {
  return state_->run(pattern, flags, text, true);
}

RegexCache::Answer RegexCache::replace(std::string_view pattern, std::string_view flags,
                                       std::string_view text, std::string_view with,
                                       std::size_t bytes_max, std::string& result) {
  pcre2_code* const compiled = state_->code(pattern, flags, false);
  if (compiled == nullptr) return Answer::bad_pattern;
  constexpr std::size_t room = 256;
  PCRE2_SIZE size = text.size() * 2 + with.size() + room;
  constexpr std::uint32_t options = PCRE2_SUBSTITUTE_GLOBAL | PCRE2_SUBSTITUTE_OVERFLOW_LENGTH |
                                    PCRE2_SUBSTITUTE_UNSET_EMPTY | PCRE2_SUBSTITUTE_UNKNOWN_UNSET;
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (size > bytes_max) return Answer::too_costly;
    result.resize(size);
    const int code = pcre2_substitute(compiled, units(text), text.size(), 0, options, nullptr,
                                      state_->context.get(), units(with), with.size(),
                                      reinterpret_cast<PCRE2_UCHAR*>(result.data()), &size);
    if (code == PCRE2_ERROR_NOMEMORY) continue;
    if (code < 0) {
      const bool replacement =
          code == PCRE2_ERROR_BADREPLACEMENT ||
          (code <= PCRE2_ERROR_BADREPESCAPE && code >= PCRE2_ERROR_BADSUBSPATTERN);
      return replacement ? Answer::bad_pattern : answer_of(code);
    }
    result.resize(size);
    return Answer::yes;
  }
  return Answer::too_costly;
}

}  // namespace cpis::fhir::path
