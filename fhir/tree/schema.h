#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "fhir/tree/element.h"

namespace cpis::fhir {

/// What the readers and writers must know about FHIR types: XML does not say which elements repeat
/// or which literals are numbers, JSON does not say their order. Implemented by fhir/definitions.
/// Implementations are immutable and safe to share between threads.
class Schema {
 public:
  /// A set of children: of a datatype, a resource, or one backbone element. Opaque.
  using TypeId = std::uint32_t;
  static constexpr TypeId no_type = no_annotation;

  struct Member {
    TypeId type = no_type;  ///< whose children it has; for a choice the type chosen
    std::uint32_t definition = no_annotation;  ///< for Document::annotate
    std::uint16_t order = 0;    ///< place in the XML sequence; equal for the choices of one element
    Kind kind = Kind::complex;  ///< how JSON writes it; `resource` for any resource
    bool list = false;          ///< max cardinality above 1
    bool attribute = false;     ///< an XML attribute: `id` of an element, `url` of an extension
    bool xhtml = false;         ///< the narrative `div`
  };

  virtual ~Schema() = default;
  /// `no_type` for an unknown name.
  virtual TypeId resource(std::string_view type_name) const = 0;
  /// The child of this wire name (`valueQuantity`); none when the type has no such child.
  virtual std::optional<Member> member(TypeId type, std::string_view wire_name) const = 0;
};

}  // namespace cpis::fhir
