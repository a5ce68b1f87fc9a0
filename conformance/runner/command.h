#pragma once

#include <filesystem>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "conformance/runner/engine.h"
#include "conformance/runner/poco_exchange.h"

namespace cpis::conformance {

/// What the command line asks for.
struct CommandOptions {
  std::vector<std::filesystem::path> scripts;  ///< files, or folders searched for TestScripts
  bool builtin = false;                        ///< also the scripts of this product
  std::string base_url;
  std::string mllp;  ///< HOST:PORT of an admission feed for the HL7 v2 suite; empty: not run
  std::map<int, std::string> destinations;
  std::map<std::string, std::string, std::less<>> variables;
  std::vector<RequestHeader> headers;
  std::vector<std::filesystem::path> fixtures;  ///< folders beside each script's own
  std::vector<std::filesystem::path> packages;  ///< FHIR packages for validateProfileId
  std::filesystem::path report_folder;          ///< TestReports as JSON; empty: none
  std::filesystem::path junit_file;             ///< empty: none
  bool every_action = false;
  ExchangeOptions exchange;
};

/// A script and where its fixtures lie.
struct LoadedScript {
  TestScript script;
  std::filesystem::path folder;
};

/// Reads TestScripts; other resources in a folder are passed over. Findings go to `problems`, one
/// line each.
std::vector<LoadedScript> load_scripts(const CommandOptions& options, std::ostream& problems);

/// The text of a fixture: a file in one of `folders`, by the reference as it stands, with `.json`
/// or
/// `.xml` added, or as `Type-id`. `..` is followed while it stays inside one of `roots` or
/// `folders`; nothing outside them is read. None when there is no such file.
std::optional<std::string> find_fixture(const std::string& reference,
                                        const std::vector<std::filesystem::path>& folders,
                                        const std::vector<std::filesystem::path>& roots);

/// Runs everything and prints what happened. Exit code: 0 when all passed, 1 when not, 2 when there
/// was nothing to run or something could not be read or written.
int run_command(const CommandOptions& options, std::ostream& out, std::ostream& problems);

}  // namespace cpis::conformance
