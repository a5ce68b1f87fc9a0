#pragma once

#include <cstdlib>
#include <string>

#include "fhir/definitions/definitions.h"
#include "fhir/json/reader.h"
#include "fhir/json/writer.h"
#include "fhir/validate/below.h"
#include "fhir/validate/profile.h"
#include "fhir/validate/validator.h"
#include "fhir/xml/reader.h"
#include "fhir/xml/writer.h"

/// JSON and XML as each other's oracle: an instance that is sound in one format must come back from
/// the other one as it was.
namespace cpis::fuzz {

/// Nothing unknown, no wrong type, no wrong array: only then do both formats say the same.
inline bool sound(fhir::Document& document) {
  static fhir::Validator validator{fhir::Definitions::r4()};
  fhir::Issues issues;
  fhir::ValidateOptions options;
  options.structure_only = true;
  validator.validate(document, issues, options);
  return issues.empty();
}

/// A narrative is text in JSON and markup in XML: quotes and entities may be written otherwise.
inline bool has_narrative(const fhir::Element& root) {
  bool found = false;
  fhir::for_each_below(root,
                       [&](const fhir::Element& one) { found = found || one.name() == "div"; });
  return found;
}

inline std::string as_xml(const fhir::Document& document, bool& lost) {
  fhir::Issues issues;
  std::string text =
      fhir::xml::write(document.root(), issues, {.schema = &fhir::Definitions::r4().types()});
  lost = !issues.empty();
  return text;
}

inline void same(const fhir::Document& a, const fhir::Document& b, bool narrative) {
  if (!narrative && !fhir::equals_fixed(a.root(), b.root())) std::abort();
}

/// JSON to XML and back, and XML to JSON and back: aborts when something is lost on the way.
inline void check_other_format(fhir::Document& document) {
  if (!sound(document)) return;
  const bool narrative = has_narrative(document.root());
  bool lost = false;
  const std::string xml = as_xml(document, lost);
  if (lost) return;  // what XML cannot say
  fhir::Issues issues;
  fhir::Document from_xml;
  const fhir::Schema& schema = fhir::Definitions::r4().types();
  if (!fhir::xml::read(xml, from_xml, issues, {.schema = &schema}) || !issues.empty()) std::abort();
  same(document, from_xml, narrative);
  fhir::Document from_json;
  const std::string json = fhir::json::write(from_xml.root(), {.schema = &schema});
  if (!fhir::json::read(json, from_json, issues) || !issues.empty()) std::abort();
  same(document, from_json, narrative);
  if (as_xml(from_json, lost) != xml || lost) std::abort();
}

}  // namespace cpis::fuzz
