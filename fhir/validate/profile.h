#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fhir/definitions/definitions.h"
#include "fhir/tree/document.h"
#include "fhir/validate/rules.h"

/// Snapshots of profiles as trees, ready to walk beside an instance. Internal to fhir/validate.
namespace cpis::fhir {

/// One element of a snapshot.
struct Node {
  const ElementDefinition* definition = nullptr;
  std::string_view name;  ///< without `[x]`
  bool choice = false;
  Node* parent = nullptr;
  std::vector<Node*> children;
  std::vector<Node*> slices;                ///< in order; a slice of a slice hangs below that slice
  std::vector<Invariant> invariants;        ///< those that the base definitions do not have
  const ElementBinding* binding = nullptr;  ///< when it differs from the base's
  const Element* fixed = nullptr;
  const Element* pattern = nullptr;

  const Node* child(std::string_view wanted) const;
};

struct Profile {
  const StructureDefinition* definition = nullptr;
  std::deque<Node> nodes;
  Node* root = nullptr;
  std::vector<std::unique_ptr<Document>> values;  ///< of fixed and pattern
  std::string_view url() const { return definition->url; }
};

/// Profiles by canonical url, built when first asked for. Safe to share between threads.
class ProfileCache {
 public:
  explicit ProfileCache(const Rules& rules) : rules_{rules} {}
  /// Null when the definitions do not have it. The profile lives as long as the cache.
  const Profile* find(std::string_view canonical);

 private:
  std::unique_ptr<Profile> build(const StructureDefinition& definition) const;
  void fill(Profile& profile, Node& node) const;

  const Rules& rules_;
  std::mutex mutex_;
  std::unordered_map<const StructureDefinition*, std::unique_ptr<Profile>> built_;
};

/// A fixed, pattern or limit value as an element.
std::unique_ptr<Document> parse_value(const ElementValue& value, const TypeTable& types);

/// The same value: literals, names and repetitions; order of different names does not count.
bool equals_fixed(const Element& element, const Element& fixed);
/// Everything in `pattern` is in the element.
bool matches_pattern(const Element& element, const Element& pattern);

}  // namespace cpis::fhir
