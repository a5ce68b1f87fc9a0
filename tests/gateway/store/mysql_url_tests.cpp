#include "gateway/store/mysql_url.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <ostream>

#include "gateway/store/mysql_connection.h"
#include "tests/support/scratch_folder.h"

namespace cpis::store {
namespace {

namespace data = boost::unit_test::data;

std::string text_of(const MysqlUrl& url) {
  std::string out = url.user + " " + url.password + " " + url.database + " " + url.ssl_ca;
  for (const auto& endpoint : url.endpoints) {
    out += " [" + endpoint.host + "]" + std::to_string(endpoint.port);
  }
  return out;
}

struct Good {
  std::string_view url;
  std::string_view want;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Good& c) { return out << c.why; }

constexpr Good good[] = {
    {"mysql://u:p@127.0.0.1:3307/cpis", "u p cpis  [127.0.0.1]3307", "the plain form"},
    {"mysql://u:p@localhost/cpis", "u p cpis  [localhost]3306", "the usual port"},
    {"mysql://u@localhost/cpis", "u  cpis  [localhost]3306", "no password"},
    {"mysql://u:a%40b%3A%2F@localhost/cpis", "u a@b:/ cpis  [localhost]3306", "encoded signs"},
    {"mysql://u:a@b@localhost/cpis", "u a@b cpis  [localhost]3306", "an @ left as it is"},
    {"mysql://u:p@[::1]:3307,127.0.0.1/cpis", "u p cpis  [::1]3307 [127.0.0.1]3306",
     "IPv6, two hosts"},
    {"mysql://u:p@db1,db2:3307,db3/cpis?ssl-ca=/etc/ca.pem",
     "u p cpis /etc/ca.pem [db1]3306 [db2]3307 [db3]3306", "a cluster with TLS"},
    {"mysql://u:p@db1/cpis?tls=off", "u p cpis  [db1]3306", "no TLS, said aloud"},
};

struct Bad {
  std::string_view url;
  std::string_view says;
};
std::ostream& operator<<(std::ostream& out, const Bad& c) { return out << c.says; }

constexpr Bad bad[] = {
    {"postgres://u:secret@h/d", "mysql://"},
    {"mysql://localhost/cpis", "the user is missing"},
    {"mysql://:secret@localhost/cpis", "the user is missing"},
    {"mysql://u:secret@localhost", "database's name"},
    {"mysql://u:secret@localhost/", "database's name"},
    {"mysql://u:secret@/cpis", "a host is empty"},
    {"mysql://u:secret@localhost,/cpis", "a host is empty"},
    {"mysql://u:secret@localhost:/cpis", "a port is empty"},
    {"mysql://u:secret@localhost:0/cpis", "1 to 65535"},
    {"mysql://u:secret@localhost:65536/cpis", "1 to 65535"},
    {"mysql://u:secret@localhost:33x/cpis", "1 to 65535"},
    {"mysql://u:secret@[::1/cpis", "without its ']'"},
    {"mysql://u:secret@[::1]x/cpis", "no port"},
    {"mysql://u:secret%4@localhost/cpis", "hexadecimal"},
    {"mysql://u:secret%zz@localhost/cpis", "hexadecimal"},
    {"mysql://u:secret@localhost/cpis?ssl_ca=x", "unknown option 'ssl_ca'"},
    {"mysql://u:secret@localhost/cpis?ssl-ca", "without a value"},
    {"mysql://u:secret@db1/cpis", "is not this machine"},
    {"mysql://u:secret@localhost,db2/cpis", "is not this machine"},
    {"mysql://u:secret@db1/cpis?tls=off&ssl-ca=x", "contradict"},
    {"mysql://u@localhost/cpis?password-file=/no/such/file", "cannot be read"},
};

BOOST_AUTO_TEST_SUITE(mysql_url_tests)

BOOST_DATA_TEST_CASE(reads, data::make(good), c) {
  BOOST_TEST_CONTEXT(c.why) {
    const auto url = parse_mysql_url(c.url);
    BOOST_REQUIRE_MESSAGE(url, (url ? "" : url.error().message));
    BOOST_TEST(text_of(*url) == c.want);
  }
}

BOOST_DATA_TEST_CASE(refuses_without_repeating_the_password, data::make(bad), c) {
  const auto url = parse_mysql_url(c.url);
  BOOST_REQUIRE(!url);
  BOOST_TEST((url.error().kind == ErrorKind::bad_input));
  BOOST_TEST(url.error().message.find(c.says) != std::string::npos, url.error().message);
  BOOST_TEST(url.error().message.find("secret") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_password_may_stand_in_a_file) {
  const test::ScratchFolder folder;
  std::ofstream{folder.file("password")} << "p@ss word\nmore\n";
  const auto url =
      parse_mysql_url("mysql://u@localhost/cpis?password-file=" + folder.file("password"));
  BOOST_REQUIRE(url);
  BOOST_TEST(url->password == "p@ss word");
}

BOOST_AUTO_TEST_CASE(error_numbers_mean_what_the_retry_rules_say) {
  for (const int lost : {1047, 1180, 1927, 2002, 2006, 2013, 2055}) {
    BOOST_TEST((mysql_trouble(lost) == Trouble::lost));
    BOOST_TEST((mysql_error_kind(lost) == ErrorKind::unavailable));
  }
  for (const int repeat : {1205, 1213}) BOOST_TEST((mysql_trouble(repeat) == Trouble::repeat));
  BOOST_TEST((mysql_error_kind(1062) == ErrorKind::conflict));
  BOOST_TEST((mysql_error_kind(1091) == ErrorKind::conflict));
  BOOST_TEST((mysql_trouble(1062) == Trouble::none));
  BOOST_TEST((mysql_error_kind(1064) == ErrorKind::fault));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace cpis::store
