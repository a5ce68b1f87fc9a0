#include <CLI/CLI.hpp>
#include <charconv>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "conformance/runner/command.h"

namespace {

using cpis::conformance::CommandOptions;

/// `name=value` at the first separator; none when there is no name.
std::optional<std::pair<std::string, std::string>> split(const std::string& text, char separator) {
  const std::size_t at = text.find(separator);
  if (at == std::string::npos || at == 0) return std::nullopt;
  std::string value = text.substr(at + 1);
  if (separator == ':' && value.starts_with(' ')) value.erase(0, 1);
  return std::pair{text.substr(0, at), std::move(value)};
}

/// What CLI11 gives as plain texts.
struct Texts {
  std::vector<std::string> scripts;
  std::vector<std::string> fixtures;
  std::vector<std::string> packages;
  std::vector<std::string> variables;
  std::vector<std::string> headers;
  std::vector<std::string> destinations;
  std::string report_folder;
  std::string junit_file;
  int timeout_s = 30;
};

void declare(CLI::App& app, CommandOptions& options, Texts& texts) {
  app.add_option("scripts", texts.scripts, "TestScript files (JSON or XML), or folders of them");
  app.add_flag("--builtin", options.builtin, "Also run the scripts of cpis-gateway itself");
  app.add_option("-b,--base-url", options.base_url,
                 "FHIR base of the server under test, for instance http://127.0.0.1:8080/FHIR/R4");
  app.add_option("--mllp", options.mllp,
                 "HOST:PORT of an admission feed: also run the HL7 v2 suite against it");
  app.add_option("--destination", texts.destinations, "N=URL: server N of a script with several");
  app.add_option("-v,--variable", texts.variables, "NAME=VALUE: a variable of the scripts");
  app.add_option("-H,--header", texts.headers, "'Name: value': sent with every request");
  app.add_option("--fixtures", texts.fixtures, "Folder with fixtures, beside each script's own");
  app.add_option("--package", texts.packages,
                 "FHIR package (.tgz or folder) with profiles to validate against");
  app.add_option("--report", texts.report_folder, "Folder for the TestReports (JSON)");
  app.add_option("--junit", texts.junit_file, "File for a JUnit report");
  app.add_flag("--every-action", options.every_action, "Show actions that passed, too");
  app.add_option("--timeout", texts.timeout_s, "Seconds for each step of an exchange")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  app.add_option("--ca", options.exchange.authorities_file, "PEM file of trusted authorities");
  app.add_option("--cert", options.exchange.certificate_file, "PEM file for mutual TLS");
}

/// The name of the option whose value has not the right form; empty when all have.
std::string convert(const Texts& texts, CommandOptions& options) {
  options.scripts.assign(texts.scripts.begin(), texts.scripts.end());
  options.fixtures.assign(texts.fixtures.begin(), texts.fixtures.end());
  options.packages.assign(texts.packages.begin(), texts.packages.end());
  options.report_folder = texts.report_folder;
  options.junit_file = texts.junit_file;
  options.exchange.timeout = std::chrono::seconds{texts.timeout_s};
  while (options.base_url.ends_with('/')) options.base_url.pop_back();
  for (const std::string& text : texts.variables) {
    const auto pair = split(text, '=');
    if (!pair) return "--variable";
    options.variables.insert_or_assign(pair->first, pair->second);
  }
  for (const std::string& text : texts.headers) {
    const auto pair = split(text, ':');
    if (!pair) return "--header";
    options.headers.push_back({pair->first, pair->second});
  }
  for (const std::string& text : texts.destinations) {
    const auto pair = split(text, '=');
    int number = 0;
    if (!pair) return "--destination";
    const std::string& name = pair->first;
    const auto read = std::from_chars(name.data(), name.data() + name.size(), number);
    if (read.ptr != name.data() + name.size()) return "--destination";
    options.destinations.insert_or_assign(number, pair->second);
  }
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{
      "Runs FHIR R4 TestScripts against a server and says what held.\n"
      "Exit code: 0 all passed, 1 something did not, 2 nothing to run or wrong usage."};
  app.set_version_flag("--version", CPIS_VERSION);
  CommandOptions options;
  Texts texts;
  declare(app, options, texts);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& stop) {
    return app.exit(stop) == 0 ? 0 : 2;
  }
  if (options.base_url.empty() && (options.builtin || !texts.scripts.empty())) {
    std::cerr << "--base-url: which server is to be tested?\n";
    return 2;
  }
  if (const std::string wrong = convert(texts, options); !wrong.empty()) {
    std::cerr << wrong << ": the value has not the form that --help shows\n";
    return 2;
  }
  return cpis::conformance::run_command(options, std::cout, std::cerr);
}
