// Speed of reading and validating FHIR, one thread: bench_fhir_validate FOLDER [FILE...]
// FOLDER: JSON resources for the bulk figures: as they stand, without blanks (as lines of NDJSON)
// and as Bundles. FILE: validated warm, one by one. Processor time, so that what else the machine
// does counts as little as can be.
#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/json/reader.h"
#include "fhir/json/writer.h"
#include "fhir/terminology/terminology.h"
#include "fhir/validate/validator.h"
#include "fhir/xml/reader.h"
#include "fhir/xml/writer.h"

namespace fs = std::filesystem;
using namespace cpis::fhir;

namespace {

std::string text_of(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// The best of several rounds, in seconds.
double best_of(int rounds, const std::function<void()>& work) {
  double best = 1e9;
  for (int i = 0; i < rounds; ++i) {
    const std::clock_t begin = std::clock();
    work();
    best = std::min(best, static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC);
  }
  return best;
}

std::vector<std::string> texts_below(const fs::path& folder) {
  std::vector<std::string> texts;
  for (const auto& entry : fs::directory_iterator{folder}) {
    if (entry.path().extension() == ".json") texts.push_back(text_of(entry.path()));
  }
  return texts;
}

std::vector<std::string> without_blanks(const std::vector<std::string>& texts) {
  std::vector<std::string> lines;
  Document document;
  Issues issues;
  for (const std::string& text : texts) {
    if (json::read_view(text, document, issues)) lines.push_back(json::write(document.root()));
  }
  return lines;
}

std::vector<std::string> bundles_of(const std::vector<std::string>& lines) {
  constexpr std::size_t entries = 50;
  std::vector<std::string> bundles;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const bool first = i % entries == 0;
    if (first) bundles.emplace_back(R"({"resourceType":"Bundle","type":"collection","entry":[)");
    bundles.back().append(first ? "" : ",").append(R"({"resource":)").append(lines[i]).append("}");
    if (i % entries == entries - 1 || i + 1 == lines.size()) bundles.back().append("]}");
  }
  return bundles;
}

void bulk(std::string_view form, const std::vector<std::string>& texts, Validator& validator) {
  std::size_t bytes = 0;
  for (const std::string& text : texts) bytes += text.size();
  Document document;
  Issues issues;
  ValidateOptions structure;
  structure.structure_only = true;
  const auto measure = [&](std::string_view what, const std::function<void()>& work) {
    const double seconds = best_of(40, [&] {
      for (const std::string& text : texts) {
        issues.clear();
        json::read_view(text, document, issues);
        work();
      }
    });
    std::cout << form << ", " << what << ": " << static_cast<double>(bytes) / 1e6 / seconds
              << " MB/s, " << seconds * 1e6 / static_cast<double>(texts.size()) << " us each\n";
  };
  measure("read", [] {});
  measure("read and validate structure", [&] { validator.validate(document, issues, structure); });
  measure("read and validate all", [&] { validator.validate(document, issues); });
  measure("read and write", [&] { json::write(document.root()); });
}

void single(const fs::path& file, Validator& validator) {
  const std::string text = text_of(file);
  const Schema& schema = Definitions::r4().types();
  Document document;
  Issues issues;
  if (!json::read_view(text, document, issues)) return;
  constexpr int repeats = 200;
  const auto each = [&](const std::function<void()>& work) {
    const double seconds = best_of(15, [&] {
      for (int i = 0; i < repeats; ++i) work();
    });
    return seconds * 1e6 / repeats;
  };
  const double warm = each([&] {
    issues.clear();
    validator.validate(document, issues);
  });
  std::string xml_text;
  const double to_xml = each([&] {
    Document again;
    json::read_view(text, again, issues);
    xml_text = xml::write(again.root(), issues, {.schema = &schema});
  });
  std::string json_text;
  const double to_json = each([&] {
    Document again;
    xml::read(xml_text, again, issues, {.schema = &schema});
    json_text = json::write(again.root());
  });
  std::cout << file.filename().string() << ", " << text.size() << " bytes: validate " << warm
            << " us, JSON to XML " << to_xml << " us, XML to JSON " << to_json << " us\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: bench_fhir_validate FOLDER [FILE...]\n";
    return 2;
  }
  const double load = best_of(5, [] { const Definitions fresh; });
  std::cout << "definitions of R4 ready: " << load * 1e3 << " ms\n";
  const Terminology terminology{Definitions::r4()};
  const double prepare = best_of(3, [&] { const Validator made{Definitions::r4(), &terminology}; });
  std::cout << "validator ready: " << prepare * 1e3 << " ms\n";
  Validator validator{Definitions::r4(), &terminology};
  const std::vector<std::string> texts = texts_below(argv[1]);
  const std::vector<std::string> lines = without_blanks(texts);
  std::cout << texts.size() << " resources\n";
  bulk("as published", texts, validator);
  bulk("NDJSON", lines, validator);
  bulk("Bundles of 50", bundles_of(lines), validator);
  for (int i = 2; i < argc; ++i) single(argv[i], validator);
  return 0;
}
