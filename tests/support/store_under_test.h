#pragma once

#include <boost/test/unit_test.hpp>
#include <memory>
#include <optional>
#include <string>

#include "gateway/store/database.h"
#include "gateway/store/open.h"
#include "tests/support/scratch_folder.h"

namespace cpis::test {

/// An empty store of one engine, for contract suites:
///
///     BOOST_DATA_TEST_CASE(a_behaviour, data::make(store_engines), engine) {
///       StoreUnderTest store{engine};
///       if (store.skipped()) return;
///       store->write(...);
///     }
class StoreUnderTest {
 public:
  /// `engine` is one of `store_engines`. MariaDB is started when it is first needed, once for the
  /// program; where Debian's package is missing the case says so and `skipped` is true.
  explicit StoreUnderTest(const std::string& engine, const store::OpenOptions& options = {});

  bool skipped() const { return database_ == nullptr; }
  store::Database* operator->() { return database_.get(); }
  store::Database& operator*() { return *database_; }
  const std::string& url() const { return url_; }

  /// Closes the store and opens it again, as after a restart.
  void reopen();
  void close() { database_.reset(); }

 private:
  ScratchFolder folder_;
  std::string url_;
  store::OpenOptions options_;
  std::unique_ptr<store::Database> database_;
};

inline const std::string store_engines[] = {"sqlite", "mariadb"};

}  // namespace cpis::test
