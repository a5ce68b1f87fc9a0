#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/definitions/archive.h"
#include "fhir/definitions/model.h"
#include "fhir/definitions/resource_reader.h"
#include "fhir/issues.h"
#include "fhir/tree/arena.h"
#include "fhir/tree/element.h"

namespace cpis::fhir {

/// Definitions from outside: a FHIR NPM package (`.tgz`), a folder of definition resources, or
/// resources given one by one. Holds StructureDefinition, ValueSet, CodeSystem and SearchParameter;
/// other resources are passed over. Movable; views stay valid while the package, or what it was
/// moved to, lives.
class Package {
 public:
  Package() = default;
  Package(Package&&) noexcept = default;
  Package& operator=(Package&&) noexcept = default;

  /// A `.tgz` file, or a folder searched with its subfolders for `.json` and `.xml`. None, with a
  /// fatal issue, when it cannot be read; a file inside that is no FHIR resource is only a warning.
  static std::optional<Package> load(const std::filesystem::path& path, Issues& issues,
                                     const ArchiveLimits& limits = {});
  /// The bytes of a `.tgz`. Files outside `package/` and in its `example` folders are passed over.
  static std::optional<Package> from_archive(std::string_view bytes, Issues& issues,
                                             const ArchiveLimits& limits = {});

  /// One file; its ending says whether it is JSON or XML. A Bundle adds each of its resources.
  void add_file(std::string_view name, std::string content, Issues& issues);
  /// One resource. The tree may go afterwards.
  void add(const Element& resource, Issues& issues);

  std::string_view name() const {
    return name_;
  }  ///< from package.json; empty for a folder without
  std::string_view version() const { return version_; }
  const std::vector<StructureSource>& structures() const { return structures_; }
  const std::vector<ValueSet>& value_sets() const { return value_sets_; }
  const std::vector<CodeSystem>& code_systems() const { return code_systems_; }
  const std::vector<SearchParameterDefinition>& search_parameters() const {
    return search_parameters_;
  }

 private:
  bool load_folder(const std::filesystem::path& path, Issues& issues, const ArchiveLimits& limits);
  void read_manifest(std::string content, Issues& issues);

  Arena arena_;
  std::string_view name_;
  std::string_view version_;
  std::vector<StructureSource> structures_;
  std::vector<ValueSet> value_sets_;
  std::vector<CodeSystem> code_systems_;
  std::vector<SearchParameterDefinition> search_parameters_;
};

}  // namespace cpis::fhir
