#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <string>

#include "fhir/definitions/definitions.h"
#include "profiles/fhir/artefacts.h"
#include "tests/support/scratch_folder.h"

extern char** environ;

using namespace cpis;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(package_script_tests)

// What `./dev package` writes must be a package that we, and everybody else, can load.
BOOST_AUTO_TEST_CASE(the_script_makes_a_package_that_loads) {
  const test::ScratchFolder scratch;
  const fs::path out = scratch.path();
  std::string script = std::string{CPIS_SOURCE} + "/profiles/package.sh";
  std::string folder = out.string();
  char* arguments[] = {script.data(), folder.data(), nullptr};
  pid_t child = 0;
  BOOST_REQUIRE_EQUAL(posix_spawn(&child, script.c_str(), nullptr, nullptr, arguments, environ), 0);
  int status = 0;
  waitpid(child, &status, 0);
  BOOST_REQUIRE(WIFEXITED(status));
  BOOST_TEST(WEXITSTATUS(status) == 0);

  fhir::Issues issues;
  const auto package =
      fhir::Package::load(out / ("cpis-gateway.fhir.r4-" CPIS_VERSION ".tgz"), issues);
  BOOST_REQUIRE(package.has_value());
  BOOST_TEST(issues.empty());
  BOOST_TEST(package->name() == "cpis-gateway.fhir.r4");
  BOOST_TEST(package->version() == CPIS_VERSION);
  std::size_t structures = 0;
  for (const profiles::Artefact& one : profiles::artefacts()) {
    if (one.type == "StructureDefinition") ++structures;
  }
  BOOST_TEST(package->structures().size() == structures);
}

BOOST_AUTO_TEST_SUITE_END()
