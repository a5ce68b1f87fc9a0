// One event for each interaction of the FHIR face, naming what it showed, before it is shown.

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "gateway/store/audit_store.h"
#include "tests/integration/gateway_fixture.h"
#include "tests/support/text.h"

namespace data = boost::unit_test::data;
using namespace cpis;
using namespace cpis::test;

BOOST_AUTO_TEST_SUITE(interaction_audit_tests)

namespace {

const std::string json_type = "Content-Type: application/fhir+json\r\n";
const std::string base = "/FHIR/R4/";
constexpr std::string_view second_child = "9990000034";

std::string person(std::string_view number) {
  return R"({"resourceType":"Patient","id":")" + std::string{number} +
         R"(","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":")" +
         std::string{number} + R"("}],"name":[{"family":"Sample"}],"birthDate":"2018-04-12"})";
}

std::string attendance(std::string_view id, std::string_view patient) {
  return R"({"resourceType":"Encounter","id":")" + std::string{id} +
         R"(","status":"finished","class":{"system":)"
         R"("http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"EMER"},)"
         R"("subject":{"reference":"Patient/)" +
         std::string{patient} +
         R"("},"period":{"start":"2026-01-05T09:00:00Z","end":"2026-01-05T12:00:00Z"}})";
}

std::string latex_flag(std::string_view patient) {
  return R"({"resourceType":"Flag","id":"latex","status":"active","code":{"text":"Latex allergy"},)"
         R"("subject":{"reference":"Patient/)" +
         std::string{patient} + R"("}})";
}

/// One row of the audit, in words.
struct Event {
  std::string action, subject, outcome, detail;
};

struct World : RunningGateway {
  explicit World(std::string_view extent)
      : RunningGateway{"audit.interactions = " + std::string{extent} + '\n'} {
    upload_people(gateway->registry());
    put("Patient/" + std::string{child_without_record}, person(child_without_record));
    put("Patient/" + std::string{second_child}, person(second_child));
    put("Encounter/e1", attendance("e1", child_without_record));
    put("Encounter/e2", attendance("e2", second_child));
    put("Flag/latex", latex_flag(child_without_record));
    settle();
  }
  void put(const std::string& path, const std::string& body) const {
    const std::string answer = request("PUT", base + path, json_type, body);
    BOOST_REQUIRE_MESSAGE(answer.starts_with("201"), answer);
  }
  std::string ask(const std::string& id, const std::string& method, const std::string& path,
                  const std::string& body = "", const std::string& headers = "") const {
    return request(method, base + path, json_type + headers + "X-Correlation-ID: " + id + "\r\n",
                   body);
  }
  /// What requests of this correlation id left, in order.
  std::vector<Event> events(std::string_view id) const {
    std::vector<Event> found;
    const Status read = gateway->database().read([&](store::Session& session) {
      found.clear();
      return store::AuditStore{}.read(
          session, 0, 100'000, [&](const store::AuditRow& row) -> Status {
            const auto& e = row.entry;
            if (e.correlation_id == id) {
              found.push_back({std::string{e.action}, std::string{e.subject},
                               std::string{e.outcome}, std::string{e.detail}});
            }
            return done;
          });
    });
    // Asked from several threads, and Boost.Test is for one.
    if (!read) throw std::runtime_error{read.error().message};
    return found;
  }
};

struct Interaction {
  std::string_view method, path, body, headers, status;
  std::string_view action, subject, outcome, detail;
  bool always;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Interaction& c) { return out << c.why; }

constexpr std::string_view likeness =
    R"({"resourceType":"Patient","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number",)"
    R"("value":"9990000026"}]})";

constexpr Interaction interactions[] = {
    {"GET", "Patient/9990000026", "", "", "200", "Patient.read", "9990000026", "200",
     "; Patient/9990000026", false, "a read"},
    {"GET", "Patient/9990000026", "", "If-None-Match: W/\"1\"\r\n", "304", "Patient.read",
     "9990000026", "304", "; Patient/9990000026", false, "a conditional read"},
    {"GET", "Encounter/e1?_elements=status", "", "", "200", "Encounter.read", "9990000026", "200",
     "?_elements=status; Encounter/e1", false, "a part of a resource"},
    {"GET", "Encounter/e1/_history/1", "", "", "200", "Encounter.vread", "9990000026", "200",
     "; Encounter/e1/_history/1", false, "a version"},
    {"GET", "Encounter/e1/_history", "", "", "200", "Encounter.history-instance", "9990000026",
     "200", "; Encounter/e1/_history/1", false, "the versions of one"},
    {"GET", "Encounter?patient=9990000026", "", "", "200", "Encounter.search", "9990000026", "200",
     "?patient=9990000026; Encounter/e1", false, "a search"},
    {"GET", "Encounter?date=2026-01-05&_include=Encounter:patient&_sort=_id", "", "", "200",
     "Encounter.search", "", "200",
     "?date=2026-01-05&_include=Encounter%3Apatient&_sort=_id; Encounter/e1 Encounter/e2 "
     "Patient/9990000026 Patient/9990000034",
     false, "a search that shows two people, with what is included"},
    {"GET", "Patient/9990000034/Encounter", "", "", "200", "Encounter.search", "9990000034", "200",
     "; Encounter/e2", false, "a compartment"},
    {"GET", "Encounter?patient=9990000042", "", "", "200", "Encounter.search", "9990000042", "200",
     "?patient=9990000042;", false, "a search that finds nothing is about somebody all the same"},
    {"GET", "Encounter/none", "", "", "404", "Encounter.read", "", "404", ";", false,
     "what is not there"},
    {"GET", "Encounter?colour=red", "", "", "400", "Encounter.search", "", "400", "?colour=red;",
     false, "a parameter that there is not"},
    {"GET", "Encounter/e1/$meta", "", "", "200", "Encounter.meta", "9990000026", "200",
     "; Encounter/e1", false, "$meta"},
    {"POST", "Patient/$match", likeness, "", "200", "Patient.match", "9990000026", "200",
     "; Patient/9990000026", true, "$match"},
    {"GET", "Patient/9990000026/$everything", "", "", "200", "Patient.everything", "9990000026",
     "asked", "unscheduled; Patient/9990000026 Encounter/e1 Flag/latex", true,
     "$everything, a look"},
    {"GET", "Flag/latex", "", "", "200", "Flag.read", "9990000026", "200", "; Flag/latex", true,
     "a flag of this place"},
    {"GET", "Flag?patient=9990000026&_include=Flag:patient", "", "", "200", "Flag.search",
     "9990000026", "asked", "unscheduled; Flag/latex Patient/9990000026", true,
     "flags, a look, with those of this place"},
    {"GET", "Flag/latex/_history/1", "", "", "200", "Flag.vread", "9990000026", "200",
     "; Flag/latex/_history/1", true, "a version of a flag"},
    {"PATCH", "Encounter/e2", R"([{"op":"replace","path":"/status","value":"cancelled"}])",
     "Content-Type: application/json-patch+json\r\n", "200", "Encounter.patch", "9990000034",
     "written", "; Encounter/e2/_history/2", true, "a patch"},
    {"POST", "Patient", likeness, "If-None-Exist: identifier=9990000026\r\n", "200",
     "Patient.create", "9990000026", "200", "; Patient/9990000026", true,
     "a create that finds what is there shows it"},
    {"DELETE", "Flag/latex", "", "", "204", "Flag.delete", "9990000026", "written",
     "; Flag/latex/_history/2", true, "a delete"},
    {"PUT", "Patient/9990000026", R"({"resourceType":"Patient"})", "", "400", "Patient.update",
     "9990000026", "400", ";", false, "a write that is refused"},
};

std::string sent(const World& world, const Interaction& row) {
  std::string headers{row.headers};
  const std::string type = has(headers, "Content-Type") ? "" : json_type;
  return world.request(std::string{row.method}, base + std::string{row.path},
                       type + headers + "X-Correlation-ID: case-1\r\n", std::string{row.body});
}

}  // namespace

BOOST_DATA_TEST_CASE(every_interaction_leaves_one_event_that_names_what_it_showed,
                     data::make(interactions), row) {
  const World world{"all"};
  const std::string answer = sent(world, row);
  BOOST_TEST_CONTEXT(answer) { BOOST_TEST(answer.starts_with(row.status)); }
  const auto events = world.events("case-1");
  BOOST_REQUIRE_EQUAL(events.size(), 1U);
  BOOST_TEST(events[0].action == row.action);
  BOOST_TEST(events[0].subject == row.subject);
  BOOST_TEST(events[0].outcome == row.outcome);
  BOOST_TEST(events[0].detail == row.detail);
}

BOOST_DATA_TEST_CASE(by_default_looks_flags_matches_and_writes_leave_one, data::make(interactions),
                     row) {
  const World world{"protection"};
  static_cast<void>(sent(world, row));
  const auto events = world.events("case-1");
  BOOST_REQUIRE_EQUAL(events.size(), row.always ? 1U : 0U);
  if (row.always) BOOST_TEST(events[0].detail == row.detail);
}

BOOST_AUTO_TEST_CASE(each_entry_of_a_bundle_leaves_its_own_event_and_none_twice) {
  const World world{"all"};
  const std::string batch =
      R"({"resourceType":"Bundle","type":"batch","entry":[)"
      R"({"request":{"method":"GET","url":"Encounter/e1"}},)"
      R"({"request":{"method":"GET","url":"Patient?identifier=9990000034"}}]})";
  BOOST_REQUIRE(world.ask("bundle-1", "POST", "", batch).starts_with("200"));
  const auto one = world.events("bundle-1");
  BOOST_REQUIRE_EQUAL(one.size(), 2U);
  BOOST_TEST(one[0].detail == "; Encounter/e1");
  BOOST_TEST(one[1].detail == "?identifier=9990000034; Patient/9990000034");
  const std::string found =
      R"({"resourceType":"Bundle","type":"transaction","entry":[{"resource":)" +
      std::string{likeness} +
      R"(,"request":{"method":"POST","url":"Patient","ifNoneExist":"identifier=9990000026"}},)"
      R"({"resource":)" +
      attendance("e3", second_child) + R"(,"request":{"method":"PUT","url":"Encounter/e3"}}]})";
  const std::string answer = world.ask("bundle-2", "POST", "", found);
  BOOST_TEST_CONTEXT(answer) { BOOST_REQUIRE(answer.starts_with("200")); }
  const auto two = world.events("bundle-2");
  BOOST_REQUIRE_EQUAL(two.size(), 2U);
  BOOST_TEST(two[0].action == "Encounter.create");
  BOOST_TEST(two[1].action == "system.transaction");
  BOOST_TEST(has(two[1].detail, "Patient/9990000026"));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_written_into_the_audit_is_not_shown) {
  const World all{"all"};
  const World some{"protection"};
  all.gateway->database().close();
  some.gateway->database().close();
  const std::string refused = all.ask("closed-1", "GET", "Patient/9990000026");
  BOOST_TEST(refused.starts_with("503"));
  BOOST_TEST(!has(refused, "Sample"));
  BOOST_TEST(!has(refused, "9990000026"));
  const std::string match = some.ask("closed-2", "POST", "Patient/$match", std::string{likeness});
  BOOST_TEST(match.starts_with("503"));
  BOOST_TEST(!has(match, "Sample"));
  BOOST_TEST(some.ask("closed-3", "GET", "Patient/9990000026").starts_with("200"));
}

BOOST_AUTO_TEST_CASE(the_event_is_durable_before_the_answer_whoever_else_asks) {
  constexpr int clients = 4, times = 25;
  const World world{"all"};
  std::vector<int> late(clients, 0);
  std::vector<std::thread> threads;
  for (int client = 0; client < clients; ++client) {
    threads.emplace_back([&world, &late, client] {
      for (int i = 0; i < times; ++i) {
        const std::string id = "order-" + std::to_string(client) + '-' + std::to_string(i);
        const std::string answer = world.ask(id, "GET", "Encounter/e1");
        if (!answer.starts_with("200") || world.events(id).size() != 1) ++late[std::size_t(client)];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const int each : late) BOOST_TEST(each == 0);
}

BOOST_AUTO_TEST_CASE(an_event_that_is_changed_afterwards_shows) {
  const World world{"all"};
  BOOST_REQUIRE(world.ask("tamper-1", "GET", "Encounter?date=2026-01-05").starts_with("200"));
  const auto verified = [&] {
    store::AuditCheck check;
    BOOST_REQUIRE(world.gateway->database().read([&](store::Session& session) -> Status {
      auto read = store::AuditStore{}.verify(session);
      if (!read) return read.error();
      check = *std::move(read);
      return done;
    }));
    return check;
  };
  BOOST_TEST(!verified().broken_at);
  // Somebody takes the second person out of it.
  BOOST_REQUIRE(world.gateway->database().write([](store::Session& session) -> Status {
    const auto changed = session.execute("UPDATE audit SET detail = ? WHERE correlation_id = ?",
                                         {"?date=2026-01-05; Encounter/e1", "tamper-1"});
    return changed ? done : Status{changed.error()};
  }));
  BOOST_TEST(verified().broken_at.has_value());
}

BOOST_AUTO_TEST_CASE(a_page_is_audited_by_the_search_it_belongs_to) {
  const World world{"all"};
  const std::string first = world.ask("page-1", "GET", "Encounter?date=2026-01-05&_count=1");
  const std::string mark = R"("relation":"next","url":")";
  const std::size_t at = first.find(mark);
  BOOST_REQUIRE(at != std::string::npos);
  const std::size_t from = first.find("/FHIR/R4/", at) + base.size();
  const std::string next = first.substr(from, first.find('"', from) - from);
  BOOST_REQUIRE(world.ask("page-2", "GET", next).starts_with("200"));
  const auto one = world.events("page-1"), two = world.events("page-2");
  BOOST_REQUIRE_EQUAL(one.size(), 1U);
  BOOST_REQUIRE_EQUAL(two.size(), 1U);
  BOOST_TEST(has(two[0].detail, "date=2026-01-05"));
  BOOST_TEST(has(one[0].detail, "Encounter/e1") != has(two[0].detail, "Encounter/e1"));
  BOOST_TEST(has(one[0].detail, "Encounter/e2") != has(two[0].detail, "Encounter/e2"));
}

BOOST_AUTO_TEST_SUITE_END()
