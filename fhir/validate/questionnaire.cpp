#include "fhir/validate/questionnaire.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "fhir/validate/compare.h"
#include "fhir/validate/reference_text.h"

namespace cpis::fhir {
namespace {

constexpr std::size_t nesting_max = 50;
constexpr std::string_view forms =
    "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-";
constexpr std::string_view core = "http://hl7.org/fhir/StructureDefinition/";

std::string in_quotes(std::string_view name) { return "'" + std::string{name} + "'"; }

bool flag(const Element& element, std::string_view name) {
  return element.value_of(name) == "true";
}

/// The value of one of HL7's extensions of an item, or null.
const Element* extension(const Element& element, std::string_view name) {
  for (const Element& one : element.children("extension")) {
    const std::string_view url = one.value_of("url");
    const bool known = (url.starts_with(core) && url.substr(core.size()) == name) ||
                       (url.starts_with(forms) && url.substr(forms.size()) == name);
    if (known) return one.choice("value");
  }
  return nullptr;
}

/// Equal as answers are: a Coding by system and code.
bool same_answer(const Element& a, const Element& b) {
  if (a.primitive() || b.primitive()) {
    return a.value() == b.value() || compare_literals(a, b) == 0;
  }
  return a.value_of("code") == b.value_of("code") && a.value_of("system") == b.value_of("system") &&
         a.value_of("reference") == b.value_of("reference") &&
         a.value_of("value") == b.value_of("value");
}

bool holds_for(const Element& answer, std::string_view op, const Element& wanted) {
  if (op == "=") return same_answer(answer, wanted);
  if (op == "!=") return !same_answer(answer, wanted);
  const auto order = compare_literals(answer, wanted);
  if (!order) return false;
  if (op == ">") return *order > 0;
  if (op == "<") return *order < 0;
  if (op == ">=") return *order >= 0;
  return op == "<=" && *order <= 0;
}

/// Types a question's answer may have, as `value[x]` spells them.
std::vector<std::string_view> answer_types(std::string_view type) {
  using Row = std::pair<std::string_view, std::vector<std::string_view>>;
  static const std::array<Row, 14> table{{
      {"boolean", {"valueBoolean"}},
      {"decimal", {"valueDecimal"}},
      {"integer", {"valueInteger"}},
      {"date", {"valueDate"}},
      {"dateTime", {"valueDateTime"}},
      {"time", {"valueTime"}},
      {"string", {"valueString"}},
      {"text", {"valueString"}},
      {"url", {"valueUri"}},
      {"choice",
       {"valueCoding", "valueString", "valueInteger", "valueDate", "valueTime", "valueReference"}},
      {"open-choice",
       {"valueCoding", "valueString", "valueInteger", "valueDate", "valueTime", "valueReference"}},
      {"attachment", {"valueAttachment"}},
      {"reference", {"valueReference"}},
      {"quantity", {"valueQuantity"}},
  }};
  const auto found = std::ranges::find(table, type, &Row::first);
  return found == table.end() ? std::vector<std::string_view>{} : found->second;
}

class Check {
 public:
  Check(const TypeTable& types, const Terminology* codes, const AnswerReport& report, bool complete)
      : types_{types}, codes_{codes}, report_{report}, complete_{complete} {}

  /// The items below `given` (a response, an item or an answer) against those below `asked`.
  void items(const Element& given, const Element& asked) {
    if (++depth_ > nesting_max) {
      --depth_;
      return;
    }
    unknown_links(given, asked);
    for (const Element& question : asked.children("item")) question_in(given, question);
    --depth_;
  }

 private:
  void tell(IssueCode code, const Element& at, std::string_view rule, std::string text) const {
    report_(code, at, rule, std::move(text));
  }

  void unknown_links(const Element& given, const Element& asked) const {
    std::size_t furthest = 0;
    for (const Element& item : given.children("item")) {
      std::size_t place = 0;
      const Element* match = nullptr;
      for (const Element& question : asked.children("item")) {
        ++place;
        if (question.value_of("linkId") != item.value_of("linkId")) continue;
        match = &question;
        break;
      }
      if (match == nullptr) {
        tell(IssueCode::structure, item, "answer-link",
             "the questionnaire has no such linkId here");
        continue;
      }
      if (place < furthest) {
        tell(IssueCode::structure, item, "answer-order", "the items are out of order");
      }
      furthest = std::max(furthest, place);
    }
  }

  void question_in(const Element& given, const Element& question) {
    const std::string_view link = question.value_of("linkId");
    std::vector<const Element*> found;
    for (const Element& item : given.children("item")) {
      if (item.value_of("linkId") == link) found.push_back(&item);
    }
    const bool enabled = is_enabled(given, question);
    const bool wanted = enabled && complete_ && flag(question, "required");
    if (found.empty() && wanted && question.value_of("type") != "display") {
      tell(IssueCode::required, given, "answer-required",
           "there is no answer to the required item " + in_quotes(link));
    }
    if (found.size() > 1 && !flag(question, "repeats")) {
      tell(IssueCode::structure, *found[1], "answer-repeats",
           "the item " + in_quotes(link) + " may be there once only");
    }
    for (const Element* item : found) {
      const bool filled = item->first("answer") != nullptr || item->first("item") != nullptr;
      if (!enabled && filled) {
        tell(IssueCode::invalid, *item, "answer-not-enabled",
             "the item " + in_quotes(link) + " is answered although it is not enabled");
      }
      one_item(*item, question, wanted);
    }
  }

  void one_item(const Element& item, const Element& question, bool wanted) {
    const std::string_view type = question.value_of("type");
    const Element* const first = item.first("answer");
    if (type == "group" || type == "display") {
      if (first != nullptr) {
        tell(IssueCode::structure, item, "answer-group",
             "a " + std::string{type} + " must not have answers");
      }
      return items(item, question);
    }
    if (item.first("item") != nullptr) {
      tell(IssueCode::structure, item, "answer-nesting",
           "what belongs to a question must stand in its answer");
    }
    if (first == nullptr && wanted) {
      tell(IssueCode::required, item, "answer-required",
           "there is no answer to the required item " + in_quotes(question.value_of("linkId")));
    }
    const std::size_t count = item.count("answer");
    if (count > 1 && !flag(question, "repeats")) {
      tell(IssueCode::structure, item, "answer-repeats", "only one answer is allowed");
    }
    for (const Element& answer : item.children("answer")) {
      if (const Element* const value = answer.choice("value")) {
        value_of(answer, *value, question, count);
      }
      items(answer, question);
    }
  }

  void value_of(const Element& answer, const Element& value, const Element& question,
                std::size_t count) {
    const std::string_view type = question.value_of("type");
    const std::vector<std::string_view> allowed = answer_types(type);
    if (std::ranges::find(allowed, value.name()) == allowed.end()) {
      tell(IssueCode::structure, value, "answer-type",
           "the answer must be of the type " + std::string{type});
      return;
    }
    limits(value, question);
    if (type == "choice" || type == "open-choice") options(answer, value, question, count);
    if (type == "reference") {
      const std::string_view target = type_in_reference(value.value_of("reference"));
      if (!target.empty() && types_.resource(target) == Schema::no_type) {
        tell(IssueCode::invalid, value, "answer-reference", "this names no type of resource");
      }
    }
  }

  void limits(const Element& value, const Element& question) const {
    const std::string_view text = value.value();
    for (const auto& [name, sign] : {std::pair{"minValue", -1}, std::pair{"maxValue", 1},
                                     std::pair{"minQuantity", -1}, std::pair{"maxQuantity", 1}}) {
      const Element* const limit = extension(question, name);
      if (limit == nullptr) continue;
      if (!value.primitive()) {
        quantity_limit(value, *limit, sign);
      } else if (compare_literals(value, *limit) == sign) {
        tell(IssueCode::value, value, "answer-limit", "the answer is beyond what is allowed");
      }
    }
    if (const Element* const places = extension(question, "maxDecimalPlaces")) {
      const std::size_t point = text.find('.');
      const std::size_t digits = point == std::string_view::npos ? 0 : text.size() - point - 1;
      const int most = small_number(places->value());
      if (most >= 0 && digits > static_cast<std::size_t>(most)) {
        tell(IssueCode::value, value, "answer-decimals", "the answer has too many decimal places");
      }
    }
    if (const int most = small_number(question.value_of("maxLength"));
        most >= 0 && value.name() == "valueString") {
      const auto letters = std::ranges::count_if(
          text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
      if (letters > most) {
        tell(IssueCode::too_long, value, "answer-length", "the answer is too long");
      }
    }
  }

  void quantity_limit(const Element& value, const Element& limit, int sign) const {
    const bool comparable =
        !value.value_of("code").empty() && value.value_of("system") == limit.value_of("system");
    if (!comparable) {
      tell(IssueCode::value, value, "answer-limit",
           "the answer cannot be held against its limit: there is no common unit");
      return;
    }
    const Element* const number = value.first("value");
    const Element* const bound = limit.first("value");
    if (value.value_of("code") != limit.value_of("code") || number == nullptr || bound == nullptr) {
      return;
    }
    if (compare_literals(*number, *bound) == sign) {
      tell(IssueCode::value, value, "answer-limit", "the answer is beyond what is allowed");
    }
  }

  /// Up to six digits; -1 for anything else.
  static int small_number(std::string_view digits) {
    if (digits.empty() || digits.size() > 6) return -1;
    int number = 0;
    for (const char c : digits) {
      if (c < '0' || c > '9') return -1;
      number = number * 10 + (c - '0');
    }
    return number;
  }

  void options(const Element& answer, const Element& value, const Element& question,
               std::size_t count) const {
    const bool open = question.value_of("type") == "open-choice" && value.primitive();
    const Element* match = nullptr;
    for (const Element& option : question.children("answerOption")) {
      const Element* const one = option.choice("value");
      if (one != nullptr && one->name() == value.name() && same_answer(value, *one)) {
        match = &option;
      }
    }
    const Element* const exclusive =
        match == nullptr ? nullptr : extension(*match, "questionnaire-optionExclusive");
    if (exclusive != nullptr && exclusive->value() == "true" && count > 1) {
      tell(IssueCode::invalid, answer, "answer-exclusive",
           "this option excludes all other answers");
    }
    if (match == nullptr && !open && question.first("answerOption") != nullptr) {
      tell(IssueCode::code_invalid, value, "answer-option", "the answer is none of the options");
    }
    const std::string_view set = question.value_of("answerValueSet");
    if (set.empty() || codes_ == nullptr || value.name() != "valueCoding") return;
    if (value.value_of("system").empty()) return;
    const CodeAnswer known =
        codes_->validate(set, value.value_of("system"), value.value_of("code"));
    if (known.membership == Membership::no) {
      tell(IssueCode::code_invalid, value, "answer-option",
           "the answer is not in the value set of the question");
    }
  }

  /// The answers to a question, looked for in the nearest group first.
  static std::vector<const Element*> answers_to(const Element& from, std::string_view link) {
    std::vector<const Element*> answers;
    for (const Element* scope = &from; scope != nullptr && answers.empty();
         scope = scope->resource() ? nullptr : scope->parent()) {
      collect(*scope, link, answers, 0);
    }
    return answers;
  }

  static void collect(const Element& scope, std::string_view link,
                      std::vector<const Element*>& answers, std::size_t depth) {
    if (depth > nesting_max) return;
    for (const Element& item : scope.children("item")) {
      const bool match = item.value_of("linkId") == link;
      for (const Element& answer : item.children("answer")) {
        if (match && answer.choice("value") != nullptr) answers.push_back(answer.choice("value"));
        collect(answer, link, answers, depth + 1);
      }
      collect(item, link, answers, depth + 1);
    }
  }

  static bool is_enabled(const Element& given, const Element& question) {
    const bool any = question.value_of("enableBehavior") == "any";
    bool none = true;
    for (const Element& when : question.children("enableWhen")) {
      none = false;
      const auto answers = answers_to(given, when.value_of("question"));
      const Element* const wanted = when.choice("answer");
      const std::string_view op = when.value_of("operator");
      const bool holds =
          op == "exists"
              ? wanted != nullptr && (wanted->value() == "true") == !answers.empty()
              : wanted != nullptr && std::ranges::any_of(answers, [&](const Element* answer) {
                  return holds_for(*answer, op, *wanted);
                });
      if (holds == any) return any;
    }
    return none || !any;
  }

  const TypeTable& types_;
  const Terminology* codes_;
  const AnswerReport& report_;
  bool complete_;
  std::size_t depth_ = 0;
};

}  // namespace

void check_answers(const Element& response, const Element& questionnaire, const TypeTable& types,
                   const Terminology* codes, const AnswerReport& report) {
  const std::string_view status = response.value_of("status");
  const bool complete = status == "completed" || status == "amended";
  Check{types, codes, report, complete}.items(response, questionnaire);
}

}  // namespace cpis::fhir
