#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/definitions/definitions.h"
#include "fhir/definitions/snapshot.h"

using namespace cpis::fhir;

namespace {

ArchiveLimits small_limits() {
  ArchiveLimits limits;
  limits.unpacked_bytes_max = std::size_t{1} << 20U;
  limits.file_bytes_max = std::size_t{1} << 18U;
  limits.files_max = 64;
  return limits;
}

/// What a reader hands out must keep within what it was told.
void check_limits(std::string_view name, const std::string& content) {
  const ArchiveLimits limits = small_limits();
  if (name.size() > limits.name_bytes_max || content.size() > limits.file_bytes_max) std::abort();
}

}  // namespace

/// The first byte chooses the door: a packed archive, a bare tar, or one definition resource. None
/// may crash, and what was read must survive being used.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  Issues issues;
  std::vector<Package> packages(1);
  switch (data[0] % 3) {
    case 0:
      if (auto package = Package::from_archive(bytes, issues, small_limits())) {
        packages[0] = std::move(*package);
      }
      break;
    case 1:
      read_tar(
          bytes, small_limits(),
          [&](std::string_view name, std::string content) {
            check_limits(name, content);
            packages[0].add_file(name, std::move(content), issues);
          },
          issues);
      break;
    default:
      packages[0].add_file("input.json", std::string{bytes}, issues);
  }
  const Definitions definitions{std::move(packages), issues};
  for (const StructureDefinition* structure : definitions.package_structures()) {
    if (definitions.structure(structure->url) == nullptr) std::abort();
    if (structure->elements.size() > 2 * snapshot_elements_max) std::abort();
  }
  return 0;
}
