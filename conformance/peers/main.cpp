#include <CLI/CLI.hpp>
#include <array>
#include <fstream>
#include <iostream>
#include <string>

#include "adapters/core/time.h"
#include "conformance/peers/county/county.h"
#include "conformance/peers/hospital/command.h"
#include "conformance/peers/mesh/command.h"
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

/// The verb `mesh` and its options; `command` must outlive the parsing.
void add_mesh_verb(CLI::App& app, cpis::peers::MeshCommand& command, int& exit_code) {
  CLI::App* verb = app.add_subcommand("mesh", "Run a simulated MESH with CP-IS behind it");
  verb->add_option("--folder", command.folder, "Where its certificates and register are written")
      ->required();
  verb->add_option("--port", command.port, "0: any free one")->capture_default_str();
  verb->add_option("--council", command.council, "ODS code of the council")->capture_default_str();
  verb->add_option("--mailbox", command.mailbox, "Its mailbox")->capture_default_str();
  verb->add_option("--password", command.password, "Of that mailbox")->capture_default_str();
  verb->add_option("--key", command.shared_key, "Shared key of the environment")
      ->capture_default_str();
  verb->add_option("--cpis-mailbox", command.cpis_mailbox, "Of CP-IS")->capture_default_str();
  verb->add_option("--people", command.person_index, "Person index CSV, for identities");
  verb->add_option("--misbehave", command.misbehave, "operation=fault,operation=fault");
  verb->add_flag("--plain", command.plain, "Without TLS");
  verb->callback([&] { exit_code = cpis::peers::run_mesh(command); });
}

/// The verb `hospital` and its options; `command` must outlive the parsing.
void add_hospital_verb(CLI::App& app, cpis::hospital::HospitalCommand& command, int& exit_code) {
  CLI::App* verb = app.add_subcommand("hospital", "Send the ADT feed of a simulated hospital");
  verb->add_option("--to", command.to, "HOST:PORT of an MLLP listener, or - to print")
      ->capture_default_str();
  verb->add_option("--rate", command.rate, "Messages a second; 0: as soon as answered")
      ->check(CLI::Range(0.0, 100'000.0))
      ->capture_default_str();
  verb->add_option("--count", command.count, "Messages; 0: until it is told to stop");
  verb->add_option("--seconds", command.seconds, "How long; 0: until it is told to stop")
      ->check(CLI::Range(0.0, 1e6));
  verb->add_option("--seed", command.seed, "The same seed gives the same feed")
      ->capture_default_str();
  verb->add_option("--connections", command.connections, "One message outstanding on each")
      ->check(CLI::Range(1, 1'000))
      ->capture_default_str();
  verb->add_option("--dialect", command.dialects,
                   "itk, ed-system, epic, pims, ipm, cerner; several for a mix; default: all");
  verb->add_option("--arrivals-per-day", command.arrivals_per_day, "In the feed's own time")
      ->check(CLI::Range(1, 100'000'000))
      ->capture_default_str();
  verb->add_option("--people", command.people, "Person index CSV: who turns up among invented");
  verb->add_option("--known", command.share_known, "Share of arrivals that are of --people")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  verb->add_option("--disconnects", command.share_disconnected,
                   "Share of messages whose connection is dropped before the answer")
      ->check(CLI::Range(0.0, 1.0));
  verb->add_option("--trust", command.trust, "ODS code of the trust")->capture_default_str();
  verb->add_option("--site", command.site, "ODS code of the site")->capture_default_str();
  verb->add_option("--start", command.start,
                   "First day of the feed, YYYY-MM-DD; default: thirty days ago");
  verb->callback([&] { exit_code = cpis::hospital::run_hospital(command); });
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
  cpis::peers::MeshCommand mesh;
  add_mesh_verb(app, mesh, exit_code);
  cpis::hospital::HospitalCommand hospital;
  add_hospital_verb(app, hospital, exit_code);
  CLI11_PARSE(app, argc, argv);
  return exit_code;
}
