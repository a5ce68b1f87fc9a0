#include "conformance/runner/assertions.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "conformance/runner/request_builder.h"

namespace cpis::conformance {

namespace {

using Values = std::vector<std::string>;

struct Finding {
  Outcome outcome;
  std::string message;
};

struct ResponseWord {
  std::string_view code;
  int status;
};
// http://hl7.org/fhir/assert-response-code-types
constexpr std::array response_words{
    ResponseWord{"okay", 200},
    ResponseWord{"created", 201},
    ResponseWord{"noContent", 204},
    ResponseWord{"notModified", 304},
    ResponseWord{"bad", 400},
    ResponseWord{"forbidden", 403},
    ResponseWord{"notFound", 404},
    ResponseWord{"methodNotAllowed", 405},
    ResponseWord{"conflict", 409},
    ResponseWord{"gone", 410},
    ResponseWord{"preconditionFailed", 412},
    ResponseWord{"unprocessable", 422},
};

constexpr std::size_t shown_bytes_max = 120;

std::string lower(std::string_view text) {
  std::string small{text};
  for (char& c : small) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return small;
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || read.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Numbers by value, everything else (dates among them) by text.
int order(std::string_view a, std::string_view b) {
  const auto x = number(a);
  const auto y = number(b);
  if (x && y) return *x < *y ? -1 : *x > *y ? 1 : 0;
  return a.compare(b);
}

bool listed(std::string_view list, std::string_view value) {
  for (;;) {
    const std::size_t comma = list.find(',');
    std::string_view item = list.substr(0, comma);
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    if (item == value) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

/// Answers may hold people's data: only the beginning of a value is shown.
std::string shown(const Values& values) {
  if (values.empty()) return "nothing";
  std::string text;
  for (const std::string& value : values) {
    if (!text.empty()) text += ", ";
    text += value;
    if (text.size() > shown_bytes_max) return text.substr(0, shown_bytes_max) + "...";
  }
  return text.empty() ? "an empty text" : text;
}

class Judge {
 public:
  Judge(const Assertion& assertion, const TestScript& script, Memory& memory,
        const ProfileCheck& check)
      : assert_{assertion}, script_{script}, memory_{memory}, check_{check} {}

  Finding run() {
    if (!assert_.response.empty()) return response();
    if (!assert_.response_code.empty()) return status();
    if (!assert_.request_method.empty()) return request_part(true);
    if (!assert_.request_url.empty()) return request_part(false);
    record_ = memory_.source(assert_.source_id, assert_.direction == "request");
    if (record_ == nullptr) {
      const std::string name =
          assert_.source_id.empty() ? "request or response" : assert_.source_id;
      return {Outcome::error, "there is no " + name + " yet"};
    }
    if (!assert_.content_type.empty()) return content_type();
    if (!assert_.header_field.empty()) return header();
    if (!assert_.resource.empty()) return resource();
    if (!assert_.validate_profile_id.empty()) return profile();
    if (!assert_.minimum_id.empty()) return minimum();
    if (assert_.navigation_links) return links();
    return content();
  }

 private:
  Finding decide(const Values& found, std::string_view wanted) {
    const auto holds = compare(assert_.op, found, wanted);
    if (!holds) return {Outcome::error, "unknown operator " + assert_.op};
    if (*holds) return {Outcome::pass, shown(found)};
    const std::string op = assert_.op.empty() ? "equals" : assert_.op;
    return {Outcome::fail, "found " + shown(found) + "; wanted: " + op + ' ' + std::string{wanted}};
  }

  Finding with_filled(const std::string& text, auto next) {
    const auto filled = memory_.fill(text);
    if (!filled) return {Outcome::error, filled.error().message};
    return next(*filled);
  }

  Finding response() {
    Record* const last = memory_.source(assert_.source_id, false);
    if (last == nullptr) return {Outcome::error, "there is no response yet"};
    const auto word = std::ranges::find(response_words, assert_.response, &ResponseWord::code);
    if (word == response_words.end()) {
      return {Outcome::error, "unknown response word " + assert_.response};
    }
    return decide({std::to_string(last->status)}, std::to_string(word->status));
  }

  Finding status() {
    Record* const last = memory_.source(assert_.source_id, false);
    if (last == nullptr) return {Outcome::error, "there is no response yet"};
    return with_filled(assert_.response_code, [&](const std::string& wanted) {
      return decide({std::to_string(last->status)}, wanted);
    });
  }

  Finding request_part(bool method) {
    Record* const last = memory_.source(assert_.source_id, true);
    if (last == nullptr) return {Outcome::error, "there is no request yet"};
    if (method) return decide({lower(last->method)}, lower(assert_.request_method));
    return with_filled(assert_.request_url,
                       [&](const std::string& wanted) { return decide({last->url}, wanted); });
  }

  Finding content_type() {
    std::string found = lower(header_value(record_->headers, "Content-Type"));
    found = found.substr(0, found.find(';'));
    const std::string& wanted = assert_.content_type;
    const bool word = wanted == "json" || wanted == "xml" || wanted == "ttl";
    if (!word) return decide({found}, lower(wanted.substr(0, wanted.find(';'))));
    // `json` stands for FHIR's own type; the general one is no FHIR (http.html 3.1.0.1.8).
    return decide({found}, media_type(wanted));
  }

  Finding header() {
    const std::string_view found = header_value(record_->headers, assert_.header_field);
    const Values values = found.empty() ? Values{} : Values{std::string{found}};
    return with_filled(assert_.value.value_or(""),
                       [&](const std::string& wanted) { return decide(values, wanted); });
  }

  Finding resource() {
    fhir::Document* const document = record_->body.resource();
    if (document == nullptr) return {Outcome::fail, "the body is no FHIR resource"};
    return decide({std::string{document->root().resource_type()}}, assert_.resource);
  }

  Finding profile() {
    const auto canonical = script_.profiles.find(assert_.validate_profile_id);
    if (canonical == script_.profiles.end()) {
      return {Outcome::error, "there is no profile " + assert_.validate_profile_id};
    }
    fhir::Document* const document = record_->body.resource();
    if (document == nullptr) return {Outcome::fail, "the body is no FHIR resource"};
    if (!check_) return {Outcome::skip, "no validator"};
    const ProfileVerdict verdict = check_(*document, canonical->second);
    if (!verdict.known) return {Outcome::skip, canonical->second + " is not loaded"};
    if (verdict.valid) return {Outcome::pass, "valid: " + canonical->second};
    return {Outcome::fail, verdict.first_finding};
  }

  Finding minimum() {
    Record* const wanted = memory_.find(assert_.minimum_id);
    fhir::Document* const least = wanted == nullptr ? nullptr : wanted->body.resource();
    if (least == nullptr) {
      return {Outcome::error, "there is no resource " + assert_.minimum_id};
    }
    fhir::Document* const document = record_->body.resource();
    if (document == nullptr) return {Outcome::fail, "the body is no FHIR resource"};
    const bool holds = contains_all(least->root(), document->root());
    if (holds) return {Outcome::pass, "has all of " + assert_.minimum_id};
    return {Outcome::fail, "lacks something that " + assert_.minimum_id + " has"};
  }

  /// A Bundle says how it was asked and, when it is not the whole, where the rest is. Each relation
  /// stands once and has a url.
  Finding links() {
    fhir::Document* const document = record_->body.resource();
    if (document == nullptr || document->root().resource_type() != "Bundle") {
      return {Outcome::fail, "the body is no Bundle"};
    }
    const fhir::Element& bundle = document->root();
    std::set<std::string_view> relations;
    bool sound = true;
    for (const fhir::Element& link : bundle.children("link")) {
      sound = sound && relations.insert(link.value_of("relation")).second;
      sound = sound && !link.value_of("url").empty();
    }
    std::size_t matches = 0;
    for (const fhir::Element& entry : bundle.children("entry")) {
      const fhir::Element* const search = entry.first("search");
      if (search == nullptr || search->value_of("mode") == "match") ++matches;
    }
    const auto total = number(bundle.value_of("total"));
    const bool part = total && *total > static_cast<double>(matches);
    const bool moves = relations.contains("next") || relations.contains("previous") ||
                       relations.contains("first") || relations.contains("last");
    const bool holds = sound && relations.contains("self") && (!part || moves);
    const bool wanted = *assert_.navigation_links;
    if (holds == wanted) return {Outcome::pass, holds ? "links are whole" : "links are not whole"};
    return {Outcome::fail, sound ? "links are missing" : "a link is doubled or has no url"};
  }

  Result<Values> values_in(Record& record, std::string_view expression, std::string_view path) {
    const auto filled = memory_.fill(expression.empty() ? path : expression);
    if (!filled) return filled.error();
    return expression.empty() ? evaluate_path(record, *filled)
                              : evaluate_expression(record, *filled);
  }

  Finding content() {
    // An assert that compares may leave its own side out: then the same is asked of both.
    const std::string& expression = assert_.expression.empty() && assert_.path.empty()
                                        ? assert_.compare_expression
                                        : assert_.expression;
    const std::string& path =
        assert_.expression.empty() && assert_.path.empty() ? assert_.compare_path : assert_.path;
    if (expression.empty() && path.empty()) return {Outcome::error, "the assert asks nothing"};
    const auto found = values_in(*record_, expression, path);
    if (!found) return {unreadable(found.error()), found.error().message};
    if (!assert_.compare_source_id.empty()) return compare_with_source(*found);
    const bool asks_truth = !assert_.value && (assert_.op.empty() || assert_.op == "eval");
    if (asks_truth && !expression.empty()) {
      const bool holds = found->size() == 1 && found->front() == "true";
      if (holds) return {Outcome::pass, "true"};
      return {Outcome::fail, "not true (" + shown(*found) + "): " + expression};
    }
    return with_filled(assert_.value.value_or(""),
                       [&](const std::string& wanted) { return decide(*found, wanted); });
  }

  /// A missing resource is the server's fault; anything else is the script's.
  Outcome unreadable(const Error&) {
    return record_->body.resource() == nullptr ? Outcome::fail : Outcome::error;
  }

  Finding compare_with_source(const Values& found) {
    Record* const other = memory_.find(assert_.compare_source_id);
    if (other == nullptr) {
      return {Outcome::error, "there is no fixture or response " + assert_.compare_source_id};
    }
    const auto wanted = values_in(*other, assert_.compare_expression, assert_.compare_path);
    if (!wanted) return {Outcome::error, wanted.error().message};
    if (wanted->empty()) return {Outcome::error, "there is nothing to compare with"};
    return decide(found, wanted->front());
  }

  const Assertion& assert_;
  const TestScript& script_;
  Memory& memory_;
  const ProfileCheck& check_;
  Record* record_ = nullptr;
};

}  // namespace

std::string_view code_of(Outcome outcome) {
  constexpr std::array<std::string_view, 5> codes{"pass", "skip", "fail", "warning", "error"};
  return codes[static_cast<std::size_t>(outcome)];
}

std::optional<bool> compare(std::string_view op, const std::vector<std::string>& found,
                            std::string_view wanted) {
  const auto any = [&](auto test) { return std::ranges::any_of(found, test); };
  const auto empty = [&] { return std::ranges::all_of(found, &std::string::empty); };
  const auto is = [&](const std::string& value) { return value == wanted; };
  const auto in = [&](const std::string& value) { return listed(wanted, value); };
  const auto has = [&](const std::string& value) {
    return value.find(wanted) != std::string::npos;
  };
  if (op.empty() || op == "equals") return any(is);
  if (op == "notEquals") return !any(is);
  if (op == "in") return any(in);
  if (op == "notIn") return !any(in);
  if (op == "greaterThan") return any([&](const auto& value) { return order(value, wanted) > 0; });
  if (op == "lessThan") return any([&](const auto& value) { return order(value, wanted) < 0; });
  if (op == "empty") return empty();
  if (op == "notEmpty") return !empty();
  if (op == "contains") return any(has);
  if (op == "notContains") return !any(has);
  if (op == "eval") return any([](const std::string& value) { return value == "true"; });
  return std::nullopt;
}

ActionReport judge(const Assertion& assertion, const TestScript& script, Memory& memory,
                   const ProfileCheck& check) {
  const Finding finding = Judge{assertion, script, memory, check}.run();
  ActionReport report;
  report.assertion = true;
  report.what = assertion.description;
  report.outcome = finding.outcome;
  report.message = finding.message;
  if (assertion.warning_only && finding.outcome == Outcome::fail) report.outcome = Outcome::warning;
  return report;
}

}  // namespace cpis::conformance
