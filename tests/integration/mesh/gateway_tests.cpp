// The council loop through the whole gateway, offline: export, upload over MESH, partial rejection,
// correction, acceptance, a child is seen, the notice lies in the tray.

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "gateway/usecases/mesh_book.h"
#include "tests/integration/gateway_fixture.h"
#include "tests/integration/mesh/mesh_desk.h"
#include "tests/support/tcp_client.h"

namespace fs = std::filesystem;
using namespace cpis;
using namespace cpis::test;

BOOST_AUTO_TEST_SUITE(gateway_over_mesh)

namespace {

struct Loop {
  Loop() : desk{clock}, intake{exports.file("in")}, gateway{desk.gateway_config(intake)} {
    desk.run_by_itself();
  }
  void drop(const std::string& name, const std::vector<CohortRow>& rows) {
    const std::string whole = intake + "/" + name;
    std::ofstream{whole + ".part", std::ios::binary} << cohort_csv(rows);
    fs::rename(whole + ".part", whole);
  }
  bool outcome_of(std::int64_t sequence, std::string_view code) {
    return eventually([&] {
      std::string outcome;
      static_cast<void>(gateway.gateway->database().read([&](store::Session& session) -> Status {
        const auto upload = usecases::find_mesh_upload(session, "999", sequence);
        if (!upload) return upload.error();
        if (*upload) outcome = (*upload)->outcome;
        return done;
      }));
      return outcome == code;
    });
  }
  std::vector<std::string> tray(std::string_view kind) {
    std::vector<std::string> texts;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator{gateway.folder.path() + "/notices/999", none}) {
      const std::string name = entry.path().filename().string();
      if (!name.starts_with(kind) || !name.ends_with(".xml")) continue;
      std::ifstream in{entry.path()};
      texts.emplace_back(std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{});
    }
    return texts;
  }

  observe::SystemClock clock;
  MeshDesk desk;
  ScratchFolder exports;
  std::string intake;
  RunningGateway gateway;
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(the_council_loop_runs_offline, Loop) {
  std::vector<CohortRow> rows{{1}, {2}, {3, "Sampel"}, {4}};
  drop("monday.csv", rows);
  BOOST_REQUIRE(outcome_of(1, "CPF03"));
  rows[2].surname = "Sample";
  drop("tuesday.csv", rows);
  BOOST_REQUIRE(outcome_of(2, "CPF02"));
  BOOST_REQUIRE_EQUAL(desk.cpis().seen().size(), 2U);

  desk.look(3, 1);
  BOOST_REQUIRE(eventually([&] { return tray("ASN-").size() == 1; }));
  const std::string notice = tray("ASN-").front();
  BOOST_TEST(notice.find(child_number(3).digits()) != std::string::npos);
  BOOST_TEST(notice.find("C3") != std::string::npos);

  BOOST_REQUIRE(desk.held().supersede(child_number(4), std::vector{child_number(9)}));
  BOOST_REQUIRE(eventually([&] { return tray("INACTIVE-").size() == 1; }));

  // Calls about one file are in its trace; hello and the look into the inbox are about none.
  for (const peers::OfficeCall& call : desk.office().calls()) {
    const bool about_none = call.operation == mesh::Operation::handshake ||
                            call.operation == mesh::Operation::list_inbox;
    BOOST_TEST(call.traceparent.size() == (about_none ? 0U : 55U));
  }

  const std::string metrics = gateway.get("/metrics");
  BOOST_TEST(metrics.find("cpis_mesh_sent_total{council=\"999\"} 2") != std::string::npos);
  BOOST_TEST(metrics.find("cpis_mesh_answers_total{council=\"999\"} 2") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_repeat_sends_nothing_also_after_a_restart, Loop) {
  drop("monday.csv", {{1}, {2}});
  BOOST_REQUIRE(outcome_of(1, "CPF02"));
  gateway.restart();
  drop("tuesday.csv", {{2}, {1}});
  BOOST_REQUIRE(eventually([&] {
    std::error_code none;
    return !fs::exists(intake + "/tuesday.csv", none);
  }));
  BOOST_TEST(desk.cpis().seen().size() == 1U);
}

// Another NHS number for a record that CP-IS holds: nothing is sent until two different people have
// approved it over HTTP; the list keeps both names.
BOOST_FIXTURE_TEST_CASE(another_number_is_sent_when_two_people_approve_it, Loop) {
  drop("monday.csv", {{1}, {2}});
  BOOST_REQUIRE(outcome_of(1, "CPF02"));
  const std::vector<CohortRow> renumbered{{1}, {2, "Sample", "", 7}};
  drop("tuesday.csv", renumbered);
  const std::string page = "/admin/work-list?council=999";
  BOOST_REQUIRE(
      eventually([&] { return gateway.get(page).find("number-changed") != std::string::npos; }));
  const auto approve = [&](const std::string& who) {
    return gateway
        .request("POST", "/admin/work-list",
                 "Content-Type: application/json\r\nX-Opened-By: " + who + "\r\n",
                 R"({"council":"999","id":"number-changed|C2|CPP 2026-01-05","do":"approve"})")
        .substr(0, 3);
  };
  BOOST_TEST(approve("Ann Able") == "200");
  BOOST_TEST(approve("ann able") == "409");
  BOOST_TEST(approve("Bo Best") == "200");
  BOOST_TEST(gateway.get(page).find(R"("approved_by":["Ann Able","Bo Best"])") !=
             std::string::npos);
  BOOST_TEST(desk.cpis().seen().size() == 1U);
  drop("wednesday.csv", {{2, "Sample", "", 7}, {1}});
  BOOST_REQUIRE(outcome_of(2, "CPF02"));
  const std::string all = gateway.get(page + "&state=all");
  BOOST_TEST(all.find("Bo Best") != std::string::npos);
  BOOST_TEST(all.find(child_number(7).digits()) == std::string::npos);
  BOOST_TEST(all.find(child_number(2).digits()) == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
