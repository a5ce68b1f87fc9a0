#include <algorithm>
#include <string>

#include "fhir/validate/run.h"

namespace cpis::fhir {
namespace {

std::string set_name(std::string_view value_set) {
  return std::string{value_set.substr(0, value_set.find('|'))};
}

bool absolute(std::string_view uri) { return uri.find(':') != std::string_view::npos; }

bool hl7_system(std::string_view system) {
  return system.starts_with("http://hl7.org/fhir/") ||
         system.starts_with("http://terminology.hl7.org/CodeSystem/");
}

/// The next letter or digit in lower case, or '\0': punctuation and blanks do not count.
char next_letter(std::string_view text, std::size_t& at) {
  while (at < text.size()) {
    const char c = text[at++];
    if (c >= 'A' && c <= 'Z') return static_cast<char>(c + 32);
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80) != 0) return c;
  }
  return '\0';
}

bool same_words(std::string_view a, std::string_view b) {
  std::size_t in_a = 0;
  std::size_t in_b = 0;
  while (true) {
    const char next = next_letter(a, in_a);
    if (next != next_letter(b, in_b)) return false;
    if (next == '\0') return true;
  }
}

}  // namespace

namespace {

Membership coding_membership(const Element& coding, const ValueSetMembers& set) {
  const std::string_view code = coding.value_of("code");
  const std::string_view system = coding.value_of("system");
  if (code.empty() || system.empty()) return Membership::no;
  return set.find(system, code).membership;
}

}  // namespace

/// Of a code, Coding, Quantity or CodeableConcept. One coding inside is enough; when none is and
/// one is not known, neither is the answer.
Membership Run::membership(const Element& element, const ValueSetMembers* set) const {
  if (set == nullptr) return Membership::unknown;
  if (element.primitive()) return set->find_code(element.value()).membership;
  const Special special = rules_.type(element.type()).special;
  if (special != Special::codeable_concept) return coding_membership(element, *set);
  Membership best = Membership::no;
  for (const Element& coding : element.children("coding")) {
    best = either(best, coding_membership(coding, *set));
  }
  return best;
}

std::optional<bool> Run::member_of(const Element& item, std::string_view value_set) {
  if (codes_ == nullptr || item.type() == Schema::no_type) return std::nullopt;
  const Membership answer = membership(item, codes_->members(value_set));
  if (answer == Membership::unknown) return std::nullopt;
  return answer == Membership::yes;
}

void Run::binding(const Element& element, const ElementBinding& binding, std::string_view profile) {
  if (element.type() == Schema::no_type) return;
  const TypeRule& type = rules_.type(element.type());
  const bool coded = type.primitive == Primitive::code || type.primitive == Primitive::string ||
                     type.primitive == Primitive::uri || type.special == Special::coding ||
                     type.special == Special::codeable_concept || type.special == Special::quantity;
  const bool literal_type = type.primitive != Primitive::none;
  if (!coded || literal_type != element.primitive()) return;
  if (literal_type && !element.has_value()) return;
  if (codes_ == nullptr) {
    if (!codes_missing_) {
      report(Severity::information, IssueCode::incomplete, document_.root(), "binding-unchecked",
             "no terminology is loaded: codes were not checked");
    }
    codes_missing_ = true;
    return;
  }
  if (!binding.value_set.empty() && binding.strength <= BindingStrength::extensible) {
    check_set(element, binding.value_set, binding.strength, profile, false);
  }
  if (!binding.max_value_set.empty()) {
    check_set(element, binding.max_value_set, BindingStrength::required, profile, true);
  }
}

void Run::check_set(const Element& element, std::string_view value_set, BindingStrength strength,
                    std::string_view profile, bool max_set) {
  const bool required = strength == BindingStrength::required;
  const bool concept_element = rules_.type(element.type()).special == Special::codeable_concept;
  const Subject subject{{}, profile, value_set};
  if (concept_element && element.first("coding") == nullptr) {
    if (required && element.first("extension") == nullptr) {
      report(Severity::error, IssueCode::code_invalid, element, "binding-required",
             "a code of " + set_name(value_set) + " is required", {}, subject);
    }
    return;
  }
  const bool quantity = rules_.type(element.type()).special == Special::quantity;
  if (quantity && element.first("code") == nullptr) return;
  switch (membership(element, codes_->members(value_set))) {
    case Membership::yes:
      return;
    case Membership::no:
      report(required ? Severity::error : Severity::warning, IssueCode::code_invalid, element,
             max_set ? "binding-max" : (required ? "binding-required" : "binding-extensible"),
             (required ? "must be a code of " : "should be a code of ") + set_name(value_set), {},
             subject);
      return;
    case Membership::unknown:
      report(required ? Severity::warning : Severity::information, IssueCode::incomplete, element,
             "binding-unknown", "not checked: " + set_name(value_set) + " is not known here", {},
             subject);
  }
}

void Run::coding(const Element& element) {
  const std::string_view system = element.value_of("system");
  const std::string_view code = element.value_of("code");
  if (system.empty()) return;
  if (!absolute(system)) {
    report(Severity::error, IssueCode::code_invalid, element, "coding-system",
           "the system must be an absolute URI", "system");
    return;
  }
  if (codes_ == nullptr || code.empty()) return;
  const CodeAnswer found = codes_->lookup(system, code);
  if (found.membership == Membership::no) {
    // What HL7 defines is here as a whole. Units are often free text in practice.
    const bool quantity = rules_.type(element.type()).special == Special::quantity;
    const bool certain = !quantity && hl7_system(system);
    report(certain ? Severity::error : Severity::warning, IssueCode::code_invalid, element,
           "coding-code", "the system " + std::string{system} + " has no such code", "code");
  } else if (found.membership == Membership::yes) {
    display(element, found);
  }
}

/// A display that is not the system's own may tell the reader something else than the code does.
void Run::display(const Element& coding, const CodeAnswer& known) {
  const std::string_view said = coding.value_of("display");
  if (said.empty() || known.display.empty() || same_words(said, known.display)) return;
  const std::string_view language =
      root_resource_ == nullptr ? "" : root_resource_->value_of("language");
  if (!language.empty() && !language.starts_with("en")) return;  // designations are not loaded
  report(Severity::warning, IssueCode::code_invalid, coding, "coding-display",
         "the system " + std::string{known.system} + " words this code otherwise", "display");
}

void Run::identifier_system(const Element& element) {
  const std::string_view system = element.value_of("system");
  if (system.empty() || absolute(system)) return;
  report(Severity::error, IssueCode::value, element, "identifier-system",
         "the system must be an absolute URI", "system");
}

}  // namespace cpis::fhir
