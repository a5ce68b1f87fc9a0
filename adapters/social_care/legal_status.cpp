#include "adapters/social_care/legal_status.h"

#include <algorithm>
#include <vector>

#include "adapters/social_care/text.h"

namespace cpis::social_care {
namespace {

constexpr std::array<std::string_view, looked_after_statuses> codes{
    "C1", "C2", "D1", "E1", "V2", "V3", "V4", "L1", "L2", "L3", "J1", "J2", "J3"};

struct Label {
  std::string_view text;
  LegalStatus status;
};

// The names of the statuses in the DfE's guide and their usual short forms, folded. Whole labels
// only. What a site writes differently goes into its profile.
using enum LegalStatus;
constexpr std::array labels{
    Label{"interim care order", c1},
    Label{"full care order", c2},
    Label{"care order", c2},
    Label{"freeing order", d1},
    Label{"freeing order granted", d1},
    Label{"placement order", e1},
    Label{"placement order granted", e1},
    Label{"single period of accommodation under section 20", v2},
    Label{"single period of accommodation under s20", v2},
    Label{"accommodated under an agreed series of short-term breaks, when individual episodes of "
          "care are recorded",
          v3},
    Label{"accommodated under an agreed series of short-term breaks, when agreements are recorded "
          "(not individual episodes of care)",
          v4},
    Label{"under police protection and in local authority accommodation", l1},
    Label{"under police protection and in la accommodation", l1},
    Label{"emergency protection order", l2},
    Label{"emergency protection order (epo)", l2},
    Label{"under child assessment order and in local authority accommodation", l3},
    Label{"under child assessment order and in la accommodation", l3},
    Label{"child assessment order", l3},
    Label{"special guardianship order", not_looked_after},
    Label{"child arrangements order", not_looked_after},
    Label{"residence order", not_looked_after},
    Label{"interim residence order", not_looked_after},
    Label{"care leaver", not_looked_after},
    Label{"private fostering", not_looked_after},
    Label{"child in need", not_looked_after},
    Label{"adoption order", not_looked_after},
    Label{"adoption order granted", not_looked_after},
};

constexpr std::array<std::string_view, 2> care_prefixes{"cla - ", "lac - "};

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

struct Word {
  std::string_view text;
  std::size_t begin;
  std::size_t end;
};

std::vector<Word> words_in(std::string_view label) {
  std::vector<Word> words;
  std::size_t i = 0;
  while (i < label.size()) {
    if (!is_word(label[i])) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < label.size() && is_word(label[end])) ++end;
    words.push_back({label.substr(i, end - i), i, end});
    i = end;
  }
  return words;
}

// English law only: Jersey's and others' statuses use the same letters for other things.
bool is_foreign_law(const std::vector<Word>& words) {
  return std::any_of(words.begin(), words.end(), [](const Word& word) {
    return word.text == "article" || word.text == "soj" || word.text == "jersey" ||
           word.text == "guernsey";
  });
}

// At the start, or in brackets or quotes, or before a colon.
bool stands_out(std::string_view label, const Word& word, std::size_t start) {
  if (word.begin == start) {
    const char after = word.end < label.size() ? label[word.end] : ' ';
    return std::string_view{" :-[(,;"}.find(after) != std::string_view::npos;
  }
  const char before = word.begin > 0 ? label[word.begin - 1] : ' ';
  const char after = word.end < label.size() ? label[word.end] : ' ';
  const bool wrapped = (before == '[' && after == ']') || (before == '(' && after == ')') ||
                       (before == '\'' && after == '\'') || (before == '"' && after == '"');
  return wrapped || after == ':';
}

struct Tokens {
  std::optional<LegalStatus> outstanding;
  bool contradicting = false;
};

Tokens code_tokens(std::string_view label, const std::vector<Word>& words, std::size_t start) {
  Tokens tokens;
  std::optional<LegalStatus> seen;
  for (const Word& word : words) {
    const auto status = read_legal_code(word.text);
    if (!status) continue;
    if (seen && *seen != *status) tokens.contradicting = true;
    seen = status;
    if (stands_out(label, word, start)) tokens.outstanding = status;
  }
  return tokens;
}

std::optional<LegalStatus> exact_label(std::string_view label, const LegalLabels& site) {
  if (const auto found = site.find(label); found != site.end()) return found->second;
  const auto* own = std::find_if(labels.begin(), labels.end(),
                                 [label](const Label& one) { return one.text == label; });
  if (own != labels.end()) return own->status;
  return std::nullopt;
}

}  // namespace

std::string_view code_of(LegalStatus status) {
  const auto i = static_cast<std::size_t>(status);
  return i < codes.size() ? codes[i] : std::string_view{};
}

std::optional<LegalStatus> read_legal_code(std::string_view text) {
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (equal_folded(text, codes[i])) return static_cast<LegalStatus>(i);
  }
  return std::nullopt;
}

LegalStatus read_legal_status(std::string_view text, const LegalLabels& site) {
  text = trimmed(text);
  if (const auto code = read_legal_code(text)) return *code;
  const std::string label = folded(collapsed(text));
  if (const auto found = site.find(label); found != site.end()) return found->second;

  const auto words = words_in(label);
  if (is_foreign_law(words)) return LegalStatus::unknown;
  std::size_t start = 0;
  for (const std::string_view prefix : care_prefixes) {
    if (label.starts_with(prefix)) start = prefix.size();
  }
  const Tokens tokens = code_tokens(label, words, start);
  if (tokens.contradicting) return LegalStatus::unknown;
  if (tokens.outstanding) return *tokens.outstanding;
  return exact_label(std::string_view{label}.substr(start), site).value_or(LegalStatus::unknown);
}

}  // namespace cpis::social_care
