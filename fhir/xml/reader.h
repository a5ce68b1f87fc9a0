#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fhir/issues.h"
#include "fhir/tree/document.h"
#include "fhir/tree/schema.h"

namespace cpis::fhir::xml {

/// Limits hold in both modes. A message beyond one is refused as a whole (`too-costly`).
struct ReadOptions {
  /// Strict: what the XML chapter of FHIR forbids is an error. Lenient: an element out of order, a
  /// foreign attribute, text between elements and a missing namespace are warnings. Text that is
  /// not well-formed, or has a document type, is fatal in both.
  bool strict = true;
  /// Gives literals their kind, says what is an array in JSON, checks the order of elements.
  /// Without it every literal is a string, and a primitive without value is a complex element.
  const Schema* schema = nullptr;
  /// The root may be something else than a resource.
  bool fragment = false;
  std::size_t bytes_max = std::size_t{64} * 1024 * 1024;  ///< at most 2 GiB
  std::size_t depth_max = 128;
  std::size_t elements_max = 4'000'000;
  std::uint32_t first_line = 1;  ///< of text cut out of something longer
};

/// Reads one FHIR XML instance (http://hl7.org/fhir/R4/xml.html) into `document`, which is cleared
/// first and keeps the text. No document type, no entities but the five of XML, no network, UTF-8
/// only. Comments and processing instructions are dropped, except inside the narrative `div`, which
/// is kept byte for byte. False when there is no tree (a fatal issue says why); true otherwise.
bool read(std::string text, Document& document, Issues& issues, const ReadOptions& options = {});

}  // namespace cpis::fhir::xml
