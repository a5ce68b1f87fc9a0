// What the audit says about requests that came in, and about those that did not.

#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/store/audit_store.h"
#include "tests/integration/front_door_world.h"
#include "tests/support/tcp_client.h"
#include "tests/support/text.h"

using namespace cpis::test;

BOOST_AUTO_TEST_SUITE(front_door_audit_tests)

namespace {

const std::string flag = "/FHIR/R4/Flag?patient=" + std::string{child_on_plan};

}  // namespace

BOOST_AUTO_TEST_CASE(the_audit_names_every_resource_before_it_is_shown) {
  const FrontDoorWorld w;
  const std::string answer = w.get(flag + "&_include=Flag:detail&_include=Flag:author",
                                   bearer("static-epr") + "X-Correlation-ID: named-1\r\n");
  BOOST_REQUIRE_EQUAL(answer.substr(0, 3), "200");
  const std::string mark = R"("fullUrl":"https://gateway.example/FHIR/R4/)";
  std::vector<std::string> shown;
  for (std::size_t at = answer.find(mark); at != std::string::npos; at = answer.find(mark, at)) {
    at += mark.size();
    shown.push_back(answer.substr(at, answer.find('"', at) - at));
  }
  BOOST_TEST(shown.size() == 4U);  // Flag, CarePlan, CareTeam, Organization
  std::string detail;
  std::size_t rows = 0;
  BOOST_REQUIRE(w.gateway->gateway->database().read([&](cpis::store::Session& session) {
    rows = 0;
    return cpis::store::AuditStore{}.read(session, 0, 10'000,
                                          [&](const cpis::store::AuditRow& row) -> cpis::Status {
                                            if (row.entry.correlation_id == "named-1") {
                                              ++rows;
                                              detail = row.entry.detail;
                                            }
                                            return cpis::done;
                                          });
  }));
  BOOST_TEST(rows == 1U);
  for (const std::string& resource : shown) BOOST_TEST(has(detail, resource));
}

BOOST_AUTO_TEST_CASE(a_refused_request_is_in_the_audit_without_a_person) {
  const FrontDoorWorld w;
  const auto rows = [&] {
    std::string found;
    const auto read = w.gateway->gateway->database().read([&](cpis::store::Session& session) {
      found.clear();
      return cpis::store::AuditStore{}.read(
          session, 0, 10'000, [&](const cpis::store::AuditRow& row) -> cpis::Status {
            const auto& e = row.entry;
            if (e.action != "refused") return cpis::done;
            for (const std::string_view part : {e.correlation_id, e.actor_id, e.actor_name,
                                                e.source, e.subject, e.outcome, e.detail}) {
              found += std::string{part} + '|';
            }
            found += '\n';
            return cpis::done;
          });
    });
    BOOST_REQUIRE(read);
    return found;
  };
  // Only so many rows are kept in a second, and the cases above were refused in a hurry.
  BOOST_REQUIRE(eventually([&] {
    w.get(flag, bearer("static-ward") + "X-Correlation-ID: refused-1\r\n");
    w.get(flag, bearer("wrong") + "X-Correlation-ID: refused-2\r\n");
    return has(rows(), "refused-1|ward") && has(rows(), "refused-2");
  }));
  const std::string all = rows();
  BOOST_TEST(has(all, "refused-1|ward||127.0.0.1||403|GET Flag: this caller is not permitted"));
  BOOST_TEST(has(all, "refused-2|||127.0.0.1||401|GET Flag: the token is not known here"));
  BOOST_TEST(!has(all, child_on_plan));
  BOOST_TEST(!has(all, "wrong"));
}

BOOST_AUTO_TEST_SUITE_END()
