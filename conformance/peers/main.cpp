#include <CLI/CLI.hpp>
#include <array>
#include <fstream>
#include <iostream>
#include <string>

#include "adapters/core/time.h"
#include "conformance/peers/county/county.h"
#include "conformance/peers/spine/command.h"

// cpis-peers: simulated neighbours of the gateway, for demonstrations, tests and benchmarks.

namespace {

/// Writes a county's files into a folder.
class FolderSink final : public cpis::county::CountySink {
 public:
  explicit FolderSink(const std::string& folder) {
    for (std::size_t i = 0; i < cpis::county::county_files; ++i) {
      const auto file = static_cast<cpis::county::CountyFile>(i);
      files_[i].open(folder + '/' + std::string{cpis::county::name_of(file)}, std::ios::binary);
    }
  }
  void line(cpis::county::CountyFile file, std::string_view text) override {
    files_[static_cast<std::size_t>(file)] << text;
  }
  void person(const cpis::county::CountyPerson&) override { ++people_; }
  std::size_t people() const { return people_; }
  bool good() const {
    for (const std::ofstream& file : files_) {
      if (!file.good()) return false;
    }
    return true;
  }

 private:
  std::array<std::ofstream, cpis::county::county_files> files_;
  std::size_t people_ = 0;
};

int make_county(const std::string& folder, const cpis::county::CountyOptions& options) {
  FolderSink sink{folder};
  cpis::county::generate_county(options, sink);
  if (!sink.good()) {
    std::cerr << "cpis-peers: the files cannot be written into " << folder << '\n';
    return EXIT_FAILURE;
  }
  std::cout << "  an invented county: " << options.children << " children with plans, "
            << sink.people() << " people in all\n";
  return EXIT_SUCCESS;
}

/// The verb `spine` and its options; `command` must outlive the parsing.
void add_spine_verb(CLI::App& app, cpis::peers::SpineCommand& command, int& exit_code) {
  CLI::App* verb = app.add_subcommand("spine", "Run a simulated Spine, SDS and PDS");
  verb->add_option("--folder", command.folder, "Where its certificates are written")->required();
  verb->add_option("--port", command.port, "0: any free one")->capture_default_str();
  verb->add_option("--pattern", command.pattern, "What its SDS says of queries")
      ->check(CLI::IsMember({"sync", "express", "reliable"}))
      ->capture_default_str();
  verb->add_option("--gateway", command.gateway_url, "URL that asynchronous answers go to");
  verb->add_option("--people", command.person_index, "Person index CSV, for PDS");
  verb->add_option("--plans", command.plans, "CSV: nhs_number,plan_type,start,end");
  verb->add_option("--misbehave", command.misbehave, "NHSNUMBER=fault,NHSNUMBER=fault");
  verb->add_flag("--plain", command.plain, "Without TLS");
  verb->callback([&] { exit_code = cpis::peers::run_spine(command); });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"cpis-peers: simulated neighbours of cpis-gateway"};
  app.require_subcommand(1);
  int exit_code = EXIT_SUCCESS;
  std::string folder;
  std::string today;
  cpis::county::CountyOptions county;
  bool clean = false;
  CLI::App* verb =
      app.add_subcommand("county", "Write an invented county's export and person index");
  verb->add_option("--out", folder, "Folder for the files")->required();
  verb->add_option("--children", county.children, "Children with plans")->capture_default_str();
  verb->add_option("--seed", county.seed, "The same seed gives the same county")
      ->capture_default_str();
  verb->add_option("--today", today, "YYYY-MM-DD; default: today");
  verb->add_flag("--clean", clean, "Without the flaws that real exports have");
  verb->callback([&] {
    const auto day = cpis::parse_iso_date(today);
    county.today = day ? *day
                       : cpis::london_date(std::chrono::time_point_cast<cpis::Duration>(
                             std::chrono::system_clock::now()));
    county.with_flaws = !clean;
    exit_code = make_county(folder, county);
  });
  cpis::peers::SpineCommand spine;
  add_spine_verb(app, spine, exit_code);
  CLI11_PARSE(app, argc, argv);
  return exit_code;
}
