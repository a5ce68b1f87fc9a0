#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fhir/definitions/definitions.h"
#include "fhir/search/values.h"
#include "fhir/tree/element.h"

namespace cpis::fhir::search {

/// One value by which a resource can be found. Which members say something depends on the type of
/// its parameter.
struct IndexValue {
  std::string text;         ///< string, uri; the code of a token; the unit or code of a quantity
  std::string system;       ///< token, quantity; also of a reference's identifier
  std::string display;      ///< token: for :text
  bool any_system = false;  ///< a code whose system its value set says, when not known
  std::vector<std::pair<std::string, std::string>> types;  ///< of an identifier: system and code
  std::string identifier;  ///< reference: value of Reference.identifier
  ReferenceKey reference;
  TimeRange time;
  NumberRange number;
  /// Composite: for each component the values of one and the same element.
  std::vector<std::vector<IndexValue>> parts;
};

struct IndexEntry {
  const SearchParameterDefinition* parameter = nullptr;
  std::vector<IndexValue> values;
};

/// Takes the values of search parameters out of resources, by FHIRPath. Keeps compiled expressions
/// and scratch memory; for one thread. The definitions must outlive it. FHIR R4 3.1.1.4.
class Indexer {
 public:
  /// `own_base` as for `reference_key`.
  Indexer(const Definitions& definitions, std::string own_base);
  ~Indexer();
  Indexer(Indexer&&) noexcept;
  Indexer& operator=(Indexer&&) noexcept;

  /// Of one parameter; empty when the resource has none. A parameter without expression (`_text`)
  /// or of type special gives nothing.
  std::vector<IndexValue> values(const SearchParameterDefinition& parameter,
                                 const Element& resource);

  /// Of every parameter that R4 (and the loaded packages) define for the type and that has values.
  std::vector<IndexEntry> entries(const Element& resource);

  /// The parameter of a composite's part; null when it is not known.
  const SearchParameterDefinition* component(const SearchParameterDefinition& composite,
                                             std::size_t index) const;

  /// Expressions that failed so far: parameter url and reason. Stays empty for R4's own.
  const std::vector<std::string>& failures() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cpis::fhir::search
