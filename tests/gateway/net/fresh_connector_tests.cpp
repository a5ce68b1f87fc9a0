#include "gateway/net/fresh_connector.h"

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "tests/support/scratch_folder.h"
#include "tests/support/test_certificates.h"

using cpis::net::FreshConnector;
using cpis::net::steady_now;
using cpis::test::KeyPair;
using cpis::test::TestAuthority;

BOOST_AUTO_TEST_SUITE(fresh_connector_tests)

namespace {

void copy_over(const std::string& from, const std::string& to) {
  std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing);
}

}  // namespace

// A gateway runs for years, a certificate for one and a revocation list for days.
BOOST_AUTO_TEST_CASE(files_that_were_replaced_are_used_and_unusable_ones_are_not) {
  const cpis::test::ScratchFolder folder;
  TestAuthority authority{folder.path(), "authority"};
  const KeyPair old = authority.issue("old", "DNS:old.test");
  const std::string list = folder.path() + "/list.pem";
  const std::string certificate = folder.path() + "/own.pem";
  const std::string key = folder.path() + "/own.key";
  copy_over(authority.revoke({}), list);
  copy_over(old.certificate_file, certificate);
  copy_over(old.key_file, key);
  auto opened = FreshConnector::open({authority.certificate_file(), certificate, key, list});
  BOOST_REQUIRE(opened);
  FreshConnector& fresh = **opened;

  auto now = steady_now();
  const auto look = [&] { return fresh.at(now += FreshConnector::look_time); };
  const auto first = look();
  BOOST_TEST((look() == first));
  copy_over(authority.revoke({old}), list);
  BOOST_TEST((fresh.at(now) == first));  // not looked at all the time
  const auto second = look();
  BOOST_TEST((second != first));
  BOOST_TEST((look() == second));

  std::filesystem::remove(list);
  BOOST_TEST((look() == second));  // while somebody copies it
  copy_over(authority.revoke({}), list);
  const auto third = look();
  BOOST_TEST((third != second));
  BOOST_TEST(!FreshConnector::open({folder.path() + "/none.pem"}));
}

BOOST_AUTO_TEST_SUITE_END()
