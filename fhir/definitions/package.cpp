#include "fhir/definitions/package.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <system_error>

#include "fhir/definitions/core.h"
#include "fhir/json/reader.h"
#include "fhir/xml/reader.h"

namespace cpis::fhir {

namespace {

namespace fs = std::filesystem;

Issue problem(Severity severity, IssueCode code, std::string_view file, std::string_view why) {
  Issue issue;
  issue.severity = severity;
  issue.code = code;
  issue.rule = "package-file";
  issue.diagnostics = std::string{file} + ": " + std::string{why};
  return issue;
}

std::optional<std::string> read_bytes(const fs::path& path, std::size_t bytes_max) {
  std::ifstream in{path, std::ios::binary};
  if (!in) return std::nullopt;
  std::string bytes;
  std::error_code error;
  const auto size = fs::file_size(path, error);
  if (error || size > bytes_max) return std::nullopt;
  bytes.assign(std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{});
  return bytes;
}

bool is_wanted(std::string_view name) {
  const std::string_view last = name.substr(name.rfind('/') + 1);
  return (last.ends_with(".json") || last.ends_with(".xml")) && !last.starts_with('.');
}

/// The first finding that made a file unreadable.
std::string_view reason(const Issues& findings) {
  for (const Issue& issue : findings) {
    if (issue.severity == Severity::fatal) return issue.diagnostics;
  }
  return "no FHIR resource";
}

}  // namespace

std::optional<Package> Package::load(const fs::path& path, Issues& issues,
                                     const ArchiveLimits& limits) {
  std::error_code error;
  if (fs::is_directory(path, error)) {
    Package package;
    if (!package.load_folder(path, issues, limits)) return std::nullopt;
    return package;
  }
  const auto bytes = read_bytes(path, limits.packed_bytes_max);
  if (!bytes) {
    issues.add(problem(Severity::fatal, IssueCode::not_found, path.filename().string(),
                       "no such package, or not readable, or too big"));
    return std::nullopt;
  }
  return from_archive(*bytes, issues, limits);
}

std::optional<Package> Package::from_archive(std::string_view bytes, Issues& issues,
                                             const ArchiveLimits& limits) {
  Package package;
  const auto take = [&](std::string_view name, std::string content) {
    if (name.starts_with("./")) name.remove_prefix(2);
    if (!name.starts_with("package/") || name.find("/example") != std::string_view::npos) return;
    if (name == "package/package.json") return package.read_manifest(std::move(content), issues);
    if (is_wanted(name)) package.add_file(name, std::move(content), issues);
  };
  if (!read_archive(bytes, limits, take, issues)) return std::nullopt;
  return package;
}

bool Package::load_folder(const fs::path& path, Issues& issues, const ArchiveLimits& limits) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::recursive_directory_iterator at{path, error}, end; !error && at != end;
       at.increment(error)) {
    if (!at->is_regular_file(error) || !is_wanted(at->path().filename().string())) continue;
    files.push_back(at->path());
    if (files.size() > limits.files_max) break;
  }
  if (error || files.size() > limits.files_max) {
    issues.add(problem(Severity::fatal, error ? IssueCode::processing : IssueCode::too_costly,
                       path.filename().string(),
                       "the folder cannot be read, or has too many files"));
    return false;
  }
  std::ranges::sort(files);
  for (const fs::path& file : files) {
    auto bytes = read_bytes(file, limits.file_bytes_max);
    const std::string name = file.filename().string();
    if (!bytes) {
      issues.add(problem(Severity::warning, IssueCode::not_found, name, "not readable"));
    } else if (name == "package.json") {
      read_manifest(std::move(*bytes), issues);
    } else {
      add_file(name, std::move(*bytes), issues);
    }
  }
  return true;
}

void Package::read_manifest(std::string content, Issues& issues) {
  Document document;
  Issues findings;
  json::ReadOptions options;
  options.fragment = true;
  if (!json::read(std::move(content), document, findings, options)) {
    issues.add(problem(Severity::warning, IssueCode::invalid, "package.json", reason(findings)));
    return;
  }
  name_ = arena_.copy(document.root().value_of("name"));
  version_ = arena_.copy(document.root().value_of("version"));
}

void Package::add_file(std::string_view name, std::string content, Issues& issues) {
  Document document;
  Issues findings;
  bool read = false;
  if (name.ends_with(".xml")) {
    xml::ReadOptions options;
    options.strict = false;
    options.schema = &CoreDefinitions::instance().types();
    read = xml::read(std::move(content), document, findings, options);
  } else {
    json::ReadOptions options;
    options.strict = false;
    read = json::read(std::move(content), document, findings, options);
  }
  if (!read || !document.root().resource()) {
    issues.add(problem(Severity::warning, IssueCode::invalid, name, reason(findings)));
    return;
  }
  if (document.root().resource_type() != "Bundle") return add(document.root(), issues);
  for (const Element& entry : document.root().children("entry")) {
    if (const Element* const resource = entry.first("resource")) add(*resource, issues);
  }
}

void Package::add(const Element& resource, Issues& issues) {
  constexpr std::array wanted{std::string_view{"StructureDefinition"}, std::string_view{"ValueSet"},
                              std::string_view{"CodeSystem"}, std::string_view{"SearchParameter"}};
  const std::string_view type = resource.resource_type();
  if (std::ranges::find(wanted, type) == wanted.end()) return;
  const std::string_view url = resource.value_of("url");
  if (url.empty() || url.find('|') != std::string_view::npos) {
    issues.add(problem(Severity::warning, IssueCode::value, type, "no canonical url; not loaded"));
    return;
  }
  ResourceReader reader{arena_, CoreDefinitions::instance().types(), issues};
  if (type == "StructureDefinition") structures_.push_back(reader.structure(resource));
  if (type == "ValueSet") value_sets_.push_back(reader.value_set(resource));
  if (type == "CodeSystem") code_systems_.push_back(reader.code_system(resource));
  if (type == "SearchParameter") search_parameters_.push_back(reader.search_parameter(resource));
}

}  // namespace cpis::fhir
