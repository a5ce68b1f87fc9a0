#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/core/finding.h"
#include "adapters/fhir_r4/v2_map/tables.h"

namespace cpis::fhir_r4::v2 {

/// One document of tables as it was written, before it is laid over others.
struct TableDocument {
  struct Map {
    std::string name;
    std::size_t line = 0;
    ConceptMap rows;
  };
  struct Datatype {
    std::string name;
    std::size_t line = 0;
    std::vector<Rule> rules;
  };
  std::vector<Map> maps;
  std::vector<Datatype> datatypes;
  std::vector<ResourceRule> templates;
  std::vector<ResourceRule> resources;
};

/// Reads a document (profiles/v2_to_fhir/README.md). What is not of this format, a member that does
/// not exist included, leaves an error with its line and its path in the document; the document can
/// be used when there is none.
TableDocument read_tables(std::string_view json, Findings& findings);

}  // namespace cpis::fhir_r4::v2
