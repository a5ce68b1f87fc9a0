#include "gateway/register/identity.h"

#include <string>
#include <string_view>
#include <vector>

namespace cpis::registry {
namespace {

// Letters in lower case, everything else of ASCII gone; other bytes (accented letters) as sent.
std::string folded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c >= 'A' && c <= 'Z') {
      out += static_cast<char>(c - 'A' + 'a');
    } else if ((c >= 'a' && c <= 'z') || (static_cast<unsigned char>(c) & 0x80) != 0) {
      out += c;
    }
  }
  return out;
}

std::vector<std::string> folded_words(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = text.find(' ');
    if (std::string word = folded(text.substr(0, end)); !word.empty()) {
      words.push_back(std::move(word));
    }
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return words;
}

bool given_names_agree(std::string_view stated, std::string_view indexed) {
  if (folded(stated) == folded(indexed)) return true;
  const std::vector<std::string> ours = folded_words(stated);
  if (ours.empty()) return false;
  for (const std::string& theirs : folded_words(indexed)) {
    if (theirs == ours.front()) return true;
  }
  return false;
}

}  // namespace

RecordOutcome match_identity(const PlanSubject& subject,
                             const std::optional<IndexedPerson>& indexed) {
  if (!indexed) return RecordOutcome::cpr01;
  if (indexed->sensitive) return RecordOutcome::cpr02;
  if (indexed->superseded) return RecordOutcome::cpr05;
  const bool same = folded(subject.name.family) == folded(indexed->name.family) &&
                    subject.birth_date == indexed->birth_date &&
                    given_names_agree(subject.name.given, indexed->name.given);
  return same ? RecordOutcome::cpr06 : RecordOutcome::cpr03;
}

}  // namespace cpis::registry
