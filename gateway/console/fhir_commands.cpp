#include "gateway/console/fhir_commands.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>

#include "fhir/definitions/definitions.h"
#include "fhir/definitions/package.h"
#include "fhir/definitions/resource_writer.h"
#include "fhir/json/reader.h"
#include "fhir/json/writer.h"
#include "fhir/path/run.h"
#include "fhir/terminology/terminology.h"
#include "fhir/validate/validator.h"
#include "fhir/xml/reader.h"
#include "fhir/xml/writer.h"
#include "gateway/app/severity_policy.h"
#include "gateway/console/commands.h"
#include "gateway/console/console.h"
#include "gateway/console/validate_report.h"
#include "profiles/fhir/product_package.h"

namespace cpis::console {
namespace {

bool looks_like_xml(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  return first != text.npos && text[first] == '<';
}

bool read_resource(std::string text, fhir::Document& document, fhir::Issues& issues) {
  fhir::xml::ReadOptions as_xml;
  as_xml.schema = &fhir::Definitions::r4().types();
  return looks_like_xml(text) ? fhir::xml::read(std::move(text), document, issues, as_xml)
                              : fhir::json::read(std::move(text), document, issues);
}

std::vector<std::string> files_below(const std::vector<std::string>& paths) {
  namespace fs = std::filesystem;
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    if (!fs::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator{path}) {
      const auto ending = entry.path().extension();
      if (entry.is_regular_file() && (ending == ".json" || ending == ".xml")) {
        files.push_back(entry.path().string());
      }
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

void show_progress(std::size_t done_files, std::size_t of) {
  if (of < 20 || isatty(STDERR_FILENO) == 0) return;
  std::cerr << "\rvalidating " << done_files << " of " << of << (done_files == of ? "\n" : "")
            << std::flush;
}

}  // namespace

std::unique_ptr<fhir::Definitions> load_definitions(const std::vector<std::string>& packages) {
  fhir::Issues issues;
  std::vector<fhir::Package> loaded;
  loaded.push_back(profiles::product_package());
  for (const std::string& path : packages) {
    auto package = fhir::Package::load(path, issues);
    if (!package) {
      std::cerr << path << ": cannot be read as a FHIR package\n";
      for (const fhir::Issue& issue : issues) std::cerr << "  " << issue.diagnostics << '\n';
      return nullptr;
    }
    loaded.push_back(*std::move(package));
  }
  auto definitions = std::make_unique<fhir::Definitions>(std::move(loaded), issues);
  for (const fhir::Issue& issue : issues) {
    if (issue.severity <= fhir::Severity::error) std::cerr << issue.diagnostics << '\n';
  }
  return definitions;
}

int validate_files(const ValidateFiles& options) {
  const auto definitions = load_definitions(options.packages);
  if (!definitions) return exit_failed;
  const fhir::Terminology terminology{*definitions};
  fhir::Validator validator{*definitions, &terminology};
  fhir::ValidateOptions how;
  how.profiles = options.profiles;
  how.best_practice = options.best_practice;
  how.must_support = options.must_support;
  const auto policy = app::severity_policy_of(options.policy);
  if (!policy) {
    std::cerr << policy.error().message << '\n';
    return exit_usage;
  }
  how.policy = *policy;
  std::vector<FileFindings> all;
  bool valid = true;
  const std::vector<std::string> files = files_below(options.files);
  for (const std::string& file : files) {
    auto text = read_whole_file(file);
    if (!text) return exit_failed;
    FileFindings found{file, fhir::Issues{}};
    fhir::Document document;
    const bool read = read_resource(*std::move(text), document, found.issues);
    found.issues = how.policy.revise(found.issues);
    if (read) {
      validator.validate(document, found.issues, how);
    }
    valid = valid && found.issues.ok();
    if (options.format == "text") {
      std::cout << text_report(found, options.quiet);
    } else {
      all.push_back(std::move(found));
    }
    show_progress(static_cast<std::size_t>(&file - files.data()) + 1, files.size());
  }
  if (options.format == "json") std::cout << json_report(all);
  if (options.format == "junit") std::cout << junit_report(all);
  if (options.format == "sarif") std::cout << sarif_report(all);
  return valid ? exit_ok : exit_findings;
}

int evaluate_fhirpath(const std::string& expression, const std::string& file, bool strict) {
  const auto text = read_whole_file(file);
  if (!text) return exit_failed;
  fhir::path::RunOptions options;
  options.strict = strict;
  const fhir::path::RunResult result = fhir::path::run(expression, *text, options);
  for (const fhir::Issue& issue : result.issues) std::cerr << issue.diagnostics << '\n';
  for (const std::string& line : result.traced) std::cerr << line << '\n';
  if (result.error)
    std::cerr << result.error->message << " (at " << result.error->position << ")\n";
  for (const fhir::path::RunItem& item : result.items) {
    std::cout << (item.path.empty() ? "-" : item.path) << '\t' << item.type << '\t' << item.text
              << '\n';
  }
  return result.ok() ? exit_ok : exit_findings;
}

int convert_file(const std::string& file, const std::string& to) {
  auto text = read_whole_file(file);
  if (!text) return exit_failed;
  fhir::Document document;
  fhir::Issues issues;
  const bool read = read_resource(*std::move(text), document, issues);
  if (!read) {
    std::cerr << text_report({file, issues}, true);
    return exit_findings;
  }
  const fhir::Schema& schema = fhir::Definitions::r4().types();
  if (to == "xml") {
    fhir::xml::WriteOptions options;
    options.pretty = true;
    options.schema = &schema;
    std::cout << fhir::xml::write(document.root(), issues, options) << '\n';
  } else {
    fhir::json::WriteOptions options;
    options.pretty = true;
    options.schema = &schema;
    std::cout << fhir::json::write(document.root(), options) << '\n';
  }
  std::cerr << text_report({file, issues}, true);
  return issues.ok() ? exit_ok : exit_findings;
}

int make_snapshot(const std::string& file, const std::vector<std::string>& packages) {
  auto text = read_whole_file(file);
  if (!text) return exit_failed;
  fhir::Issues issues;
  std::vector<fhir::Package> loaded;
  for (const std::string& path : packages) {
    auto package = fhir::Package::load(path, issues);
    if (package) loaded.push_back(*std::move(package));
  }
  fhir::Package one;
  one.add_file(file, *std::move(text), issues);
  if (one.structures().empty()) {
    std::cerr << file << ": holds no StructureDefinition\n";
    return exit_findings;
  }
  const std::string url{one.structures().front().structure.url};
  loaded.push_back(std::move(one));
  const fhir::Definitions definitions{std::move(loaded), issues};
  for (const fhir::Issue& issue : issues) std::cerr << issue.diagnostics << '\n';
  const fhir::StructureDefinition* structure = definitions.structure(url);
  if (structure == nullptr || structure->elements.empty()) {
    std::cerr << file << ": no snapshot can be made; is the base known? --package brings it\n";
    return exit_findings;
  }
  fhir::Document document;
  fhir::write_structure(*structure, document);
  fhir::json::WriteOptions options;
  options.pretty = true;
  std::cout << fhir::json::write(document.root(), options) << '\n';
  return exit_ok;
}

}  // namespace cpis::console
