#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fhir/issues.h"
#include "fhir/tree/document.h"

namespace cpis::fhir::json {

/// Limits hold in both modes. A message beyond one is refused as a whole (`too-costly`).
struct ReadOptions {
  /// Strict: everything the JSON chapter of FHIR forbids is an error. Lenient: what can be read
  /// without guessing (a null, an empty array, a repeated key, unpaired arrays, a byte order mark)
  /// is a warning. Text that is no JSON or no UTF-8 is fatal in both.
  bool strict = true;
  /// Accept a root object without `resourceType`, for instance one datatype.
  bool fragment = false;
  std::size_t bytes_max = std::size_t{64} * 1024 * 1024;  ///< at most 2 GiB
  std::size_t depth_max = 128;                            ///< nested objects and arrays
  std::size_t elements_max = 4'000'000;
  std::size_t properties_max = 1024;  ///< distinct names in one object
  /// Position of the first byte, for text cut out of something longer.
  std::uint32_t first_line = 1;
  std::uint32_t first_column = 1;
};

/// Reads one FHIR JSON instance (http://hl7.org/fhir/R4/json.html) into `document`, which is
/// cleared first and keeps the text. Nothing is lost that FHIR JSON can say: literals to the digit,
/// order of properties, `_x` of primitives. False when there is no tree (a fatal issue says why);
/// true otherwise, with findings about the shape in `issues`.
bool read(std::string text, Document& document, Issues& issues, const ReadOptions& options = {});

/// The same without a copy: `text` must outlive the document and stay unchanged.
bool read_view(std::string_view text, Document& document, Issues& issues,
               const ReadOptions& options = {});

}  // namespace cpis::fhir::json
