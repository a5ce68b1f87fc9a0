// Speed of reading and validating FHIR: bench_fhir_validate FOLDER [FILE...]
// FOLDER: JSON resources for the bulk figures. FILE: validated warm, one by one.
#include <algorithm>
#include <chrono>
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
using Clock = std::chrono::steady_clock;

namespace {

std::string text_of(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// The best of several rounds, in seconds.
double best_of(int rounds, const std::function<void()>& work) {
  double best = 1e9;
  for (int i = 0; i < rounds; ++i) {
    const auto begin = Clock::now();
    work();
    best = std::min(best, std::chrono::duration<double>(Clock::now() - begin).count());
  }
  return best;
}

void print_bulk(std::string_view what, double seconds, std::size_t bytes, std::size_t files) {
  std::cout << what << ": " << static_cast<double>(bytes) / 1e6 / seconds << " MB/s, "
            << seconds * 1e6 / static_cast<double>(files) << " us a resource\n";
}

void bulk(const fs::path& folder, Validator& validator) {
  std::vector<std::string> texts;
  std::size_t bytes = 0;
  for (const auto& entry : fs::directory_iterator{folder}) {
    texts.push_back(text_of(entry.path()));
    bytes += texts.back().size();
  }
  Document document;
  Issues issues;
  ValidateOptions structure;
  structure.structure_only = true;
  const auto each = [&](const std::function<void()>& work) {
    return best_of(5, [&] {
      for (const std::string& text : texts) {
        issues.clear();
        json::read_view(text, document, issues);
        work();
      }
    });
  };
  print_bulk("read", each([] {}), bytes, texts.size());
  print_bulk("read and validate structure",
             each([&] { validator.validate(document, issues, structure); }), bytes, texts.size());
  print_bulk("read and validate all", each([&] { validator.validate(document, issues); }), bytes,
             texts.size());
  print_bulk("read and write", each([&] { json::write(document.root()); }), bytes, texts.size());
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
  const Terminology terminology{Definitions::r4()};
  Validator validator{Definitions::r4(), &terminology};
  bulk(argv[1], validator);
  for (int i = 2; i < argc; ++i) single(argv[i], validator);
  return 0;
}
