#pragma once

#include <cstdint>
#include <string>

namespace cpis::fhir::path {

/// Why an expression could not be compiled or evaluated.
struct Error {
  enum class Kind : std::uint8_t {
    syntax,     ///< not FHIRPath
    semantic,   ///< FHIRPath, but names what does not exist or mixes types
    execution,  ///< this input does not allow it: several items where one is asked for, ...
    limit,      ///< a bound of this engine is reached
  };
  Kind kind = Kind::syntax;
  /// Names parts of the expression and types, never values of the resource.
  std::string message;
  std::uint32_t position = 0;  ///< byte offset into the expression
};

}  // namespace cpis::fhir::path
