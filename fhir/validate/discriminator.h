#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "fhir/validate/profile.h"

/// The restricted FHIRPath of discriminators (FHIR R4 5.1.0.7), followed on both sides: through the
/// instance and through what a slice says. Internal to fhir/validate.
namespace cpis::fhir {

/// One step of a path; `$this` is no step.
struct Step {
  enum class Kind : std::uint8_t { name, extension, resolve, of_type };
  Kind kind = Kind::name;
  std::string_view text;
};
std::vector<Step> steps_of(std::string_view path);

/// What a slice says about the end of a path.
struct Said {
  const Node* node = nullptr;        ///< null inside a fixed or pattern value
  const Element* value = nullptr;    ///< fixed or pattern value, or the part of one
  const Profile* profile = nullptr;  ///< that `node` belongs to
  bool resolved = false;             ///< behind resolve(): the types are those of the targets
};

/// Follows the path through the slice, through profiles of its types and into fixed and pattern
/// values where it must.
std::vector<Said> said_at(const Node& slice, const Profile& profile, std::string_view path,
                          ProfileCache& profiles);

using ResolveText = std::function<const Element*(std::string_view, const Element&)>;

/// The elements of the instance at the end of the path. `unresolved` gets the references that
/// resolve() could not follow.
std::vector<const Element*> found_at(const Element& item, std::string_view path,
                                     const TypeTable& types, const ResolveText& resolve,
                                     std::vector<const Element*>& unresolved);

/// The url that a slice of `extension` is about; empty when it does not say.
std::string_view extension_url(const Node& slice);

}  // namespace cpis::fhir
