#include "conformance/runner/command.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <fstream>
#include <iterator>
#include <ostream>
#include <system_error>

#include "adapters/core/time.h"
#include "conformance/peers/hospital/mllp_sender.h"
#include "conformance/runner/test_report.h"
#include "conformance/runner/v2_suite.h"
#include "fhir/json/writer.h"
#include "fhir/terminology/terminology.h"
#include "fhir/validate/validator.h"
#include "profiles/fhir/artefacts.h"
#include "profiles/fhir/product_package.h"

namespace cpis::conformance {

namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t file_bytes_max = std::uintmax_t{64} * 1024 * 1024;
constexpr std::size_t files_max = 100'000;

std::optional<std::string> bytes_of(const fs::path& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error) || fs::file_size(path, error) > file_bytes_max) {
    return std::nullopt;
  }
  std::ifstream in{path, std::ios::binary};
  if (!in) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>{in}, {}};
}

bool is_resource_file(const fs::path& path) {
  return path.extension() == ".json" || path.extension() == ".xml";
}

std::vector<fs::path> files_of(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return {path};
  std::vector<fs::path> files;
  for (fs::recursive_directory_iterator at{path, error}, end; !error && at != end;
       at.increment(error)) {
    if (at->is_regular_file(error) && is_resource_file(at->path())) files.push_back(at->path());
    if (files.size() > files_max) break;
  }
  std::ranges::sort(files);
  return files;
}

void add_script(const std::string& text, const fs::path& folder, const std::string& name,
                bool asked, std::vector<LoadedScript>& scripts, std::ostream& problems) {
  Body body{text};
  fhir::Document* const resource = body.resource();
  if (resource == nullptr) {
    problems << name << ": no FHIR resource\n";
    return;
  }
  if (!asked && resource->root().resource_type() != "TestScript") return;
  fhir::Issues issues;
  auto script = read_test_script(resource->root(), issues);
  for (const fhir::Issue& issue : issues) {
    problems << name << ':' << issue.line << ": " << issue.diagnostics << '\n';
  }
  if (script) scripts.push_back({std::move(*script), folder});
}

/// Symbolic links are resolved first: what counts is where the file really lies.
bool lies_inside(const fs::path& file, const std::vector<fs::path>& roots) {
  std::error_code error;
  const fs::path real = fs::weakly_canonical(file, error);
  return !error && std::ranges::any_of(roots, [&](const fs::path& root) {
    const fs::path folder = fs::weakly_canonical(root, error);
    if (error || folder.empty()) return false;
    return std::mismatch(folder.begin(), folder.end(), real.begin(), real.end()).first ==
           folder.end();
  });
}

bool names_server_resource(const std::string& reference) {
  const fs::path path{reference};
  return reference.find("://") == std::string::npos && path.is_relative() &&
         std::ranges::find(path, "..") == path.end();
}

/// Validation of answers against R4, this product's profiles and the packages given.
class Profiles {
 public:
  Profiles(const std::vector<fs::path>& paths, std::ostream& problems)
      : definitions_{load(paths, problems)},
        codes_{definitions_},
        validator_{definitions_, &codes_} {}

  ProfileVerdict check(fhir::Document& resource, const std::string& canonical) {
    ProfileVerdict verdict;
    const auto* const structure = definitions_.structure(canonical);
    if (structure == nullptr || structure->elements.empty()) return verdict;
    verdict.known = true;
    fhir::ValidateOptions options;
    options.profiles.push_back(canonical);
    options.declared_profiles = false;
    fhir::Issues issues;
    validator_.validate(resource, issues, options);
    verdict.valid = issues.ok();
    for (const fhir::Issue& issue : issues) {
      if (issue.severity > fhir::Severity::error) continue;
      verdict.first_finding = issue.path + ": " + issue.diagnostics;
      break;
    }
    return verdict;
  }

 private:
  static fhir::Definitions load(const std::vector<fs::path>& paths, std::ostream& problems) {
    fhir::Issues issues;
    std::vector<fhir::Package> packages;
    packages.push_back(profiles::product_package());
    for (const fs::path& path : paths) {
      if (auto package = fhir::Package::load(path, issues)) packages.push_back(std::move(*package));
    }
    fhir::Definitions definitions{std::move(packages), issues};
    for (const fhir::Issue& issue : issues) problems << issue.diagnostics << '\n';
    return definitions;
  }

  fhir::Definitions definitions_;
  fhir::Terminology codes_;
  fhir::Validator validator_;
};

/// Fixtures of one script; a reference that is no file may be a resource on the server.
std::optional<std::string> fixture_text(const std::string& reference,
                                        const std::vector<fs::path>& folders,
                                        const std::vector<fs::path>& roots,
                                        const std::string& base_url, HttpExchange& http) {
  if (auto text = find_fixture(reference, folders, roots)) return text;
  if (!names_server_resource(reference)) return std::nullopt;
  const auto answer =
      http.send({"GET", base_url + '/' + reference, {{"Accept", "application/fhir+json"}}, {}});
  if (!answer || answer->status != 200) return std::nullopt;
  return answer->body;
}

bool write_file(const fs::path& path, const std::string& text, std::ostream& problems) {
  std::error_code error;
  if (path.has_parent_path()) fs::create_directories(path.parent_path(), error);
  std::ofstream file{path, std::ios::binary};
  file << text;
  file.close();
  if (!file) problems << path.string() << ": cannot be written\n";
  return static_cast<bool>(file);
}

bool write_reports(const CommandOptions& options, const std::vector<ScriptReport>& reports,
                   std::ostream& problems) {
  bool written = true;
  const std::string issued =
      to_iso(std::chrono::time_point_cast<Time::duration>(std::chrono::system_clock::now()));
  for (std::size_t index = 0; !options.report_folder.empty() && index < reports.size(); ++index) {
    fhir::Document document;
    write_test_report(reports[index], {options.base_url, issued}, document);
    const std::string name = "TestReport-" + std::to_string(index + 1) + ".json";
    const std::string text = fhir::json::write(document.root(), {true, nullptr}) + '\n';
    written = write_file(options.report_folder / name, text, problems) && written;
  }
  if (!options.junit_file.empty()) {
    written = write_file(options.junit_file, junit(reports), problems) && written;
  }
  return written;
}

}  // namespace

std::optional<std::string> find_fixture(const std::string& reference,
                                        const std::vector<fs::path>& folders,
                                        const std::vector<fs::path>& roots) {
  if (reference.empty() || fs::path{reference}.is_absolute()) return std::nullopt;
  std::vector<fs::path> allowed = roots;
  allowed.insert(allowed.end(), folders.begin(), folders.end());
  std::string flat = reference;
  std::ranges::replace(flat, '/', '-');
  for (const fs::path& folder : folders) {
    for (const std::string& name : {reference, flat}) {
      for (const char* ending : {"", ".json", ".xml"}) {
        const fs::path file = folder / (name + ending);
        if (!lies_inside(file, allowed)) continue;
        if (auto text = bytes_of(file)) return text;
      }
    }
  }
  return std::nullopt;
}

std::vector<LoadedScript> load_scripts(const CommandOptions& options, std::ostream& problems) {
  std::vector<LoadedScript> scripts;
  for (const fs::path& path : options.scripts) {
    std::error_code error;
    const bool asked = !fs::is_directory(path, error);
    for (const fs::path& file : files_of(path)) {
      const auto text = bytes_of(file);
      if (!text) {
        problems << file.string() << ": cannot be read\n";
      } else {
        add_script(*text, file.parent_path(), file.string(), asked, scripts, problems);
      }
    }
  }
  for (const profiles::Artefact& one : profiles::artefacts()) {
    if (!options.builtin || one.type != "TestScript") continue;
    add_script(std::string{one.json}, {}, std::string{one.id}, true, scripts, problems);
  }
  return scripts;
}

namespace {

/// The HL7 v2 suite over MLLP; none, with a problem, when the address has no port.
std::optional<ScriptReport> run_feed(const std::string& address, std::chrono::milliseconds timeout,
                                     std::ostream& problems) {
  const std::size_t colon = address.rfind(':');
  std::uint16_t port = 0;
  const char* const end = address.data() + address.size();
  const char* const begin = colon == std::string::npos ? end : address.data() + colon + 1;
  if (const auto read = std::from_chars(begin, end, port); read.ptr != end || port == 0) {
    problems << "--mllp: HOST:PORT is wanted\n";
    return std::nullopt;
  }
  hospital::MllpSender sender{address.substr(0, colon), port, timeout};
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now).count();
  return run_v2_suite([&](std::string_view message) { return sender.send(message); },
                      std::to_string(seconds));
}

std::vector<ScriptReport> run_scripts(const std::vector<LoadedScript>& scripts,
                                      const CommandOptions& options, std::ostream& out,
                                      std::ostream& problems) {
  PocoExchange http{options.exchange};
  Profiles profiles{options.packages, problems};
  std::vector<ScriptReport> reports;
  for (const LoadedScript& loaded : scripts) {
    EngineOptions engine;
    engine.destinations = {options.base_url, options.destinations};
    engine.variables = options.variables;
    engine.headers = options.headers;
    std::vector<fs::path> folders = options.fixtures;
    if (!loaded.folder.empty()) folders.insert(folders.begin(), loaded.folder);
    engine.fixture = [&](const std::string& reference) {
      return fixture_text(reference, folders, options.scripts, options.base_url, http);
    };
    engine.profile_check = [&](fhir::Document& resource, const std::string& canonical) {
      return profiles.check(resource, canonical);
    };
    reports.push_back(Engine{http, std::move(engine)}.run(loaded.script));
    out << readable(reports.back(), options.every_action) << std::flush;
  }
  return reports;
}

}  // namespace

int run_command(const CommandOptions& options, std::ostream& out, std::ostream& problems) {
  const auto scripts = load_scripts(options, problems);
  if (scripts.empty() && options.mllp.empty()) {
    problems << "no TestScript to run\n";
    return 2;
  }
  std::vector<ScriptReport> reports;
  if (!scripts.empty()) reports = run_scripts(scripts, options, out, problems);
  if (!options.mllp.empty()) {
    auto feed = run_feed(options.mllp, options.exchange.timeout, problems);
    if (!feed) return 2;
    out << readable(*feed, options.every_action) << std::flush;
    reports.push_back(*std::move(feed));
  }
  std::size_t tests = 0;
  std::size_t passed = 0;
  for (const ScriptReport& report : reports) {
    tests += report.tests.size();
    passed += report.tests_passed();
  }
  out << reports.size() << " scripts, " << passed << " of " << tests << " tests passed\n";
  if (!write_reports(options, reports, problems)) return 2;
  return std::ranges::all_of(reports, &ScriptReport::passed) ? 0 : 1;
}

}  // namespace cpis::conformance
