#include "tests/support/store_under_test.h"

#include <stdexcept>
#include <utility>

#include "tests/support/mariadb_server.h"

namespace cpis::test {
namespace {

std::string new_mariadb_url() {
  static MariadbServer server;
  return server.new_database_url();
}

}  // namespace

StoreUnderTest::StoreUnderTest(const std::string& engine, const store::OpenOptions& options)
    : options_{options} {
  if (engine == "sqlite") {
    url_ = "sqlite:" + folder_.file("store.db");
  } else if (engine == "mariadb") {
    if (const auto why = MariadbServer::missing()) {
      BOOST_TEST_MESSAGE("skipped: " << *why);
      return;
    }
    url_ = new_mariadb_url();
    options_.statement_time_max = program_time_max;  // the machine may be busy
  } else {
    throw std::runtime_error{"no such engine"};
  }
  reopen();
}

void StoreUnderTest::reopen() {
  database_.reset();
  auto opened = store::open_database(url_, options_);
  BOOST_REQUIRE_MESSAGE(opened, (opened ? std::string{} : opened.error().message));
  database_ = *std::move(opened);
}

}  // namespace cpis::test
