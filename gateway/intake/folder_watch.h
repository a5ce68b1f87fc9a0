#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>

#include "adapters/core/rules/office_hours.h"
#include "adapters/social_care/profile.h"
#include "gateway/usecases/import_export.h"

namespace cpis::intake {

/// Takes council exports out of a folder.
///
/// An export is a subfolder with its files, or one file. It must appear whole: written under a name
/// that begins with a dot or ends in `.part`, then renamed. What was taken moves to `done/` with
/// its exception report (CSV) and its outcome (JSON) beside it, what was refused or held to
/// `refused/`; nothing is deleted. A held export is released on the command line (`cpis-gateway
/// import --release`). While CP-IS cannot take an upload (CPF05) the export stays and is run again,
/// after a minute at first and after an hour at last. Outside `hours` nothing is taken. One thread.
class FolderWatch {
 public:
  FolderWatch(std::string folder, social_care::Profile profile, usecases::ImportExport& import,
              const Clock& clock, rules::OfficeHours hours = {});

  /// One pass; gives how many exports were taken or refused. An error (the store is away) leaves
  /// the export where it is for the next pass.
  Result<std::size_t> step();

  std::uint64_t taken() const { return taken_; }
  std::uint64_t refused() const { return refused_; }

 private:
  struct Again {
    Time not_before{};
    int failures = 0;
  };
  Status take(const std::string& name);
  Status run_again_later(const std::string& name);

  std::string folder_;
  social_care::Profile profile_;
  usecases::ImportExport& import_;
  const Clock& clock_;
  const rules::OfficeHours hours_;
  std::map<std::string, Again> again_;  // exports that CP-IS could not take, by name
  std::atomic<std::uint64_t> taken_{0};
  std::atomic<std::uint64_t> refused_{0};
};

}  // namespace cpis::intake
