#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/finding.h"
#include "adapters/core/result.h"
#include "adapters/fhir_r4/v2_map/tables.h"

namespace cpis::usecases {

/// What one feed lays over the published v2-to-FHIR tables.
struct MappingOverlay {
  std::string feed;
  std::string path;  ///< a file, or a folder whose *.json are taken in the order of their names
};

/// The v2-to-FHIR tables of each feed: the published ones, and over them what a site wrote for that
/// feed alone (profiles/v2_to_fhir/README.md). Immutable once opened; share it as const.
class FeedMappings {
 public:
  static constexpr std::size_t file_bytes_max = std::size_t{1024} * 1024;
  static constexpr std::size_t files_max = 100;  ///< of one folder

  /// Reads files: at start, never on a loop. Every fault of every overlay is in `findings`, with
  /// file, line, place and reason; the mappings are to be used only when there is none.
  static FeedMappings open(const std::vector<MappingOverlay>& overlays, Findings& findings);

  /// From now on `with` has what `feed` has, if that has something of its own.
  void share(std::string_view feed, std::string_view with);

  /// The published tables for a feed without an overlay.
  const fhir_r4::v2::Tables& of(std::string_view feed) const;
  /// Names of the files that are laid over for this feed, in order; empty when there is none.
  const std::vector<std::string>& files_of(std::string_view feed) const;

 private:
  struct Own {
    fhir_r4::v2::Tables tables;
    std::vector<std::string> files;
  };
  static void lay(const std::string& file, Own& own, Findings& findings);

  fhir_r4::v2::Tables published_;
  std::map<std::string, Own, std::less<>> own_;
};

}  // namespace cpis::usecases
