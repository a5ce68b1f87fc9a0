#include "tests/support/store_under_test.h"

#include <stdexcept>
#include <utility>

namespace cpis::test {

StoreUnderTest::StoreUnderTest(const std::string& engine, const store::OpenOptions& options)
    : options_{options} {
  if (engine != "sqlite") throw std::runtime_error{"no such engine"};
  url_ = "sqlite:" + folder_.file("store.db");
  reopen();
}

void StoreUnderTest::reopen() {
  database_.reset();
  auto opened = store::open_database(url_, options_);
  BOOST_REQUIRE_MESSAGE(opened, (opened ? std::string{} : opened.error().message));
  database_ = *std::move(opened);
}

}  // namespace cpis::test
