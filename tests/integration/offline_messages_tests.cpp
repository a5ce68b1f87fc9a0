// `cpis-gateway messages ... --config`: the store's messages without a running gateway.

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>

#include "gateway/console/commands.h"
#include "tests/integration/gateway_fixture.h"
#include "tests/support/text.h"

using namespace cpis::test;
using cpis::console::MessageOptions;

BOOST_AUTO_TEST_SUITE(offline_messages_tests)

namespace {

struct Site {
  Site() {
    options.config = running.folder.path() + "/offline.conf";
    std::ofstream{options.config} << gateway_config(running.folder.path());
    running.send(adt("A04", child_without_record, "20180412", "E", "V1", "C1"));
    running.settle();
  }

  /// What a command printed, with its exit code in front.
  std::string run(int (*command)(const MessageOptions&)) const {
    std::ostringstream out;
    std::streambuf* const screen = std::cout.rdbuf(out.rdbuf());
    const int code = command(options);
    std::cout.rdbuf(screen);
    return std::to_string(code) + ' ' + out.str();
  }

  RunningGateway running;
  MessageOptions options;
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(messages_are_listed_and_explained_beside_a_running_gateway_and_without,
                        Site) {
  for (const bool stopped : {false, true}) {
    if (stopped) running.gateway->stop();
    const std::string listed = run(cpis::console::list_messages);
    BOOST_TEST(listed.starts_with("0 "));
    BOOST_TEST(has(listed, "\ted\tfinished\tC1\t"));
    options.id = listed.substr(2, listed.find('\t') - 2);
    const std::string shown = run(cpis::console::show_message);
    BOOST_TEST(has(shown, "0 id: " + options.id));
    BOOST_TEST(!has(shown, std::string{child_without_record}));
  }
}

BOOST_FIXTURE_TEST_CASE(what_is_audited_says_who_asks, Site) {
  running.gateway->stop();
  options.id = run(cpis::console::list_messages).substr(2);
  options.id = options.id.substr(0, options.id.find('\t'));
  options.full = true;
  BOOST_TEST(!run(cpis::console::show_message).starts_with("0 "));
  options.by = "Sam Keeper";
  BOOST_TEST(has(run(cpis::console::show_message), std::string{child_without_record}));
  std::ostringstream out;
  std::streambuf* const screen = std::cout.rdbuf(out.rdbuf());
  BOOST_TEST(cpis::console::audit_command(options.config, "export", "lines") == 0);
  std::cout.rdbuf(screen);
  BOOST_TEST(has(out.str(), "message.read"));
  BOOST_TEST(has(out.str(), "Sam Keeper"));
}

// Rows cut off at the end leave a whole chain: only a head that was kept elsewhere tells.
BOOST_FIXTURE_TEST_CASE(an_audit_that_lost_its_end_shows_against_a_head_kept_elsewhere, Site) {
  running.gateway->stop();
  const auto verify = [&](const std::vector<std::string>& heads) {
    std::ostringstream out;
    std::streambuf* const screen = std::cout.rdbuf(out.rdbuf());
    const int code = cpis::console::audit_command(options.config, "verify", "lines", heads);
    std::cout.rdbuf(screen);
    return std::to_string(code) + ' ' + out.str();
  };
  const std::string whole = verify({});
  BOOST_REQUIRE(whole.starts_with("0 chain 0: "));
  const std::string rows = cpis::test::between(whole, "chain 0: ", " rows");
  const std::string head = cpis::test::between(whole, "head ", "\n");
  BOOST_TEST(verify({"0:" + rows + ':' + head}).starts_with("0 "));
  const std::string more = std::to_string(std::stol(rows) + 1);
  BOOST_TEST(has(verify({"0:" + more + ':' + head}), "the chain ends before the known row"));
  const std::string other = std::string(head.size(), '0');
  BOOST_TEST(has(verify({"0:" + rows + ':' + other}), "the chain was rewritten"));
  BOOST_TEST(verify({"7:3:" + head}).starts_with("1 "));
  BOOST_TEST(verify({head}).starts_with("2 "));
}

BOOST_FIXTURE_TEST_CASE(a_replay_waits_for_the_gateway_to_start, Site) {
  running.gateway->stop();
  options.id = run(cpis::console::list_messages).substr(2);
  options.id = options.id.substr(0, options.id.find('\t'));
  options.by = "Sam Keeper";
  BOOST_TEST(has(run(cpis::console::replay_messages), "\"replayed\":1"));
  BOOST_TEST(has(run(cpis::console::list_messages), "\twaiting\t"));
}

BOOST_FIXTURE_TEST_CASE(the_store_of_a_running_gateway_is_not_written_to, Site) {
  options.id = "1";
  options.by = "Sam Keeper";
  BOOST_TEST(!run(cpis::console::replay_messages).starts_with("0 "));
}

BOOST_AUTO_TEST_SUITE_END()
