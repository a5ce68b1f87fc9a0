#include "gateway/console/validate_report.h"

#include "fhir/json/writer.h"
#include "fhir/tree/document.h"

namespace cpis::console {
namespace {

using fhir::Document;
using fhir::Element;
using fhir::Issue;
using fhir::Kind;

std::string xml_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += ' ';
    } else {
      out += c;
    }
  }
  return out;
}

std::string where(const std::string& file, const Issue& issue) {
  std::string text = file;
  if (issue.line != 0) {
    text += ':' + std::to_string(issue.line) + ':' + std::to_string(issue.column);
  }
  return text;
}

std::string line_of(const std::string& file, const Issue& issue) {
  std::string line = where(file, issue) + ": " + std::string{name_of(issue.severity)} + ": ";
  if (!issue.path.empty()) line += issue.path + ": ";
  return line + issue.diagnostics + " [" + issue.rule + "]\n";
}

void add_number(Document& doc, Element& parent, std::string_view name, std::uint64_t value) {
  doc.append(parent, name, std::to_string(value), Kind::number);
}

std::string_view sarif_level(fhir::Severity severity) {
  if (severity == fhir::Severity::warning) return "warning";
  return severity == fhir::Severity::information ? "note" : "error";
}

void add_sarif_result(Document& doc, Element& run, const std::string& file, const Issue& issue) {
  Element& result = doc.append_item(run, "results");
  doc.append(result, "ruleId", issue.rule);
  doc.append(result, "level", sarif_level(issue.severity));
  const std::string text =
      issue.path.empty() ? issue.diagnostics : issue.path + ": " + issue.diagnostics;
  doc.append(doc.append(result, "message"), "text", text);
  Element& location = doc.append(doc.append_item(result, "locations"), "physicalLocation");
  doc.append(doc.append(location, "artifactLocation"), "uri", file);
  if (issue.line != 0) {
    Element& region = doc.append(location, "region");
    add_number(doc, region, "startLine", issue.line);
    add_number(doc, region, "startColumn", issue.column);
  }
}

}  // namespace

std::string text_report(const FileFindings& found, bool quiet) {
  std::string out;
  for (const Issue& issue : found.issues) {
    const bool fault = issue.severity <= fhir::Severity::error;
    if (fault || !quiet) out += line_of(found.file, issue);
  }
  if (found.issues.dropped() != 0) {
    out += found.file + ": and " + std::to_string(found.issues.dropped()) + " more\n";
  }
  if (found.issues.ok() && !quiet) out += found.file + ": valid\n";
  return out;
}

std::string json_report(const std::vector<FileFindings>& all) {
  Document doc;
  Element& root = doc.set_fragment("");
  for (const FileFindings& found : all) {
    Element& file = doc.append_item(root, "files");
    doc.append(file, "file", found.file);
    doc.append(file, "valid", found.issues.ok() ? "true" : "false", Kind::boolean);
    for (const Issue& issue : found.issues) {
      Element& element = doc.append_item(file, "issues");
      doc.append(element, "severity", name_of(issue.severity));
      doc.append(element, "code", name_of(issue.code));
      doc.append(element, "rule", issue.rule);
      doc.append(element, "path", issue.path);
      add_number(doc, element, "line", issue.line);
      add_number(doc, element, "column", issue.column);
      doc.append(element, "text", issue.diagnostics);
    }
  }
  return fhir::json::write(doc.root()) + '\n';
}

std::string junit_report(const std::vector<FileFindings>& all) {
  std::size_t failures = 0;
  for (const FileFindings& found : all) failures += found.issues.ok() ? 0U : 1U;
  std::string out =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"fhir\" tests=\"" +
      std::to_string(all.size()) + "\" failures=\"" + std::to_string(failures) + "\">\n";
  for (const FileFindings& found : all) {
    out += "  <testcase name=\"" + xml_escaped(found.file) + "\"";
    if (found.issues.ok()) {
      out += "/>\n";
      continue;
    }
    out += "><failure message=\"" + std::to_string(found.issues.errors()) + " errors\">" +
           xml_escaped(text_report(found, true)) + "</failure></testcase>\n";
  }
  return out + "</testsuite>\n";
}

std::string sarif_report(const std::vector<FileFindings>& all) {
  Document doc;
  Element& root = doc.set_fragment("");
  doc.append(root, "version", "2.1.0");
  doc.append(root, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
  Element& run = doc.append_item(root, "runs");
  Element& driver = doc.append(doc.append(run, "tool"), "driver");
  doc.append(driver, "name", "cpis-gateway validate");
  doc.append(driver, "version", CPIS_VERSION);
  for (const FileFindings& found : all) {
    for (const Issue& issue : found.issues) add_sarif_result(doc, run, found.file, issue);
  }
  return fhir::json::write(doc.root()) + '\n';
}

}  // namespace cpis::console
