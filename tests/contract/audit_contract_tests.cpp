#include <atomic>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "gateway/store/audit_export.h"
#include "gateway/store/audit_store.h"
#include "tests/support/store_under_test.h"

namespace cpis::store {
namespace {

namespace data = boost::unit_test::data;
using test::store_engines;
using test::StoreUnderTest;

const Time start = *parse_iso_time("2026-01-05T09:00:00Z");

AuditEntry entry(std::string_view subject, std::string_view action = "check") {
  return {start,
          "corr-1",
          "nurse-1",
          "A. Nurse",
          "R8001",
          "RX1",
          "ehr/main",
          action,
          subject,
          "records",
          "{\"unscheduled\":true}"};
}

std::int64_t append(Database& database, const AuditEntry& what, int chain = 0) {
  std::int64_t seq = 0;
  const Status status = database.write([&](Session& session) -> Status {
    const auto added = AuditStore{chain}.append(session, what);
    if (!added) return added.error();
    seq = *added;
    return done;
  });
  BOOST_REQUIRE_MESSAGE(status, (status ? "" : status.error().message));
  return seq;
}

AuditCheck verify(Database& database, int chain = 0, std::int64_t known_seq = 0,
                  std::string_view known_head = {}) {
  AuditCheck check;
  BOOST_REQUIRE(database.read([&](Session& session) -> Status {
    const auto verified = AuditStore{chain}.verify(session, known_seq, known_head);
    if (!verified) return verified.error();
    check = *verified;
    return done;
  }));
  return check;
}

void tamper(Database& database, std::string_view sql) {
  BOOST_REQUIRE(database.write([&](Session& session) -> Status {
    const auto changed = session.execute(sql);
    if (!changed) return changed.error();
    if (*changed == 0) return Error{ErrorKind::fault, "the test changed nothing"};
    return done;
  }));
}

BOOST_AUTO_TEST_SUITE(audit_contract_tests)

BOOST_DATA_TEST_CASE(rows_are_numbered_and_read_back, data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  BOOST_TEST(append(*store, entry("a")) == 1);
  BOOST_TEST(append(*store, entry("b", "import")) == 2);
  store.reopen();
  BOOST_TEST(append(*store, entry("a")) == 3);
  std::vector<std::string> seen;
  BOOST_REQUIRE(store->read([&](Session& session) {
    return AuditStore{}.read(session, 1, 10, [&](const AuditRow& row) -> Status {
      seen.push_back(std::to_string(row.seq) + std::string{row.entry.action} +
                     std::string{row.entry.subject});
      BOOST_TEST((row.entry.at == start));
      BOOST_TEST(row.entry.actor_name == "A. Nurse");
      BOOST_TEST(row.entry.detail == "{\"unscheduled\":true}");
      BOOST_TEST(row.hash.size() == 32U);
      return done;
    });
  }));
  BOOST_TEST((seen == std::vector<std::string>{"2importb", "3checka"}));
}

BOOST_DATA_TEST_CASE(a_subject_is_found_over_all_chains, data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  append(*store, entry("anna"), 0);
  append(*store, entry("ben"), 0);
  append(*store, entry("anna"), 1);
  std::vector<std::int64_t> chains;
  BOOST_REQUIRE(store->read([&](Session& session) {
    return AuditStore::read_subject(session, "anna", start, 10, [&](const AuditRow& row) -> Status {
      chains.push_back(row.chain);
      return done;
    });
  }));
  BOOST_TEST((chains == std::vector<std::int64_t>{0, 1}));
}

BOOST_DATA_TEST_CASE(an_untouched_chain_verifies, data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  BOOST_TEST(!verify(*store).broken_at.has_value());
  BOOST_REQUIRE(store->write([](Session& session) -> Status {
    for (int i = 0; i < 2500; ++i) {
      const auto added = AuditStore{}.append(session, entry("subject " + std::to_string(i)));
      if (!added) return added.error();
    }
    return done;
  }));
  append(*store, entry("other chain"), 5);
  const AuditCheck check = verify(*store);
  BOOST_TEST(!check.broken_at.has_value());
  BOOST_TEST(check.rows == 2500);
  BOOST_TEST(!verify(*store, 0, 2500, bytes_of(check.head)).broken_at.has_value());
  BOOST_TEST(verify(*store, 5).rows == 1);
}

BOOST_DATA_TEST_CASE(odd_text_verifies_as_it_was_stored, data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  AuditEntry odd = entry("\xC3 not UTF-8");
  const std::string long_name(1000, 'n');
  odd.actor_name = long_name;
  odd.detail = {};
  append(*store, odd);
  append(*store, entry("Zo\u00eb \U0001F9D2 "));
  BOOST_TEST(verify(*store).rows == 2);
  BOOST_TEST(!verify(*store).broken_at.has_value());
}

struct Tampering {
  const char* sql;
  std::int64_t broken_at;
  const char* why;
};
std::ostream& operator<<(std::ostream& out, const Tampering& t) { return out << t.why; }

const Tampering tamperings[] = {
    {"UPDATE audit SET subject = 'someone else' WHERE seq = 3", 3, "a changed column"},
    {"UPDATE audit SET at = at + 1 WHERE seq = 3", 3, "a changed time"},
    {"UPDATE audit SET actor_id = 'nurse-1A', actor_name = '. Nurse' WHERE seq = 3", 3,
     "text moved from one column to the next"},
    {"DELETE FROM audit WHERE seq = 2", 2, "a removed row"},
    {"DELETE FROM audit WHERE seq = 1", 1, "the first row removed"},
    {"UPDATE audit SET prev_hash = hash WHERE seq = 4", 4, "a broken link"},
    {"UPDATE audit SET hash = prev_hash WHERE seq = 4", 4, "a changed hash"},
};

BOOST_DATA_TEST_CASE(what_was_changed_afterwards_shows,
                     data::make(store_engines) * data::make(tamperings), engine, tampering) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  for (int i = 0; i < 5; ++i) append(*store, entry("anna"));
  tamper(*store, tampering.sql);
  BOOST_TEST_CONTEXT(tampering.why) {
    const AuditCheck check = verify(*store);
    BOOST_REQUIRE(check.broken_at.has_value());
    BOOST_TEST(*check.broken_at == tampering.broken_at);
    BOOST_TEST(!check.why.empty());
  }
}

// Cutting off the end leaves a chain that is right in itself; the head kept elsewhere tells.
BOOST_DATA_TEST_CASE(a_known_head_shows_rows_cut_off_at_the_end, data::make(store_engines),
                     engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  for (int i = 0; i < 3; ++i) append(*store, entry("anna"));
  const AuditCheck whole = verify(*store);
  tamper(*store, "DELETE FROM audit WHERE seq = 3");
  BOOST_TEST(!verify(*store).broken_at.has_value());
  BOOST_TEST(verify(*store, 0, 3, bytes_of(whole.head)).broken_at.value() == 3);
  append(*store, entry("ben"));
  BOOST_TEST(verify(*store, 0, 3, bytes_of(whole.head)).broken_at.value() == 3);
}

// Audit before query: when the trail cannot be written, the work it belongs to does not happen.
BOOST_DATA_TEST_CASE(a_row_is_committed_with_its_work_or_not_at_all, data::make(store_engines),
                     engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  const Status failed = store->write([](Session& session) -> Status {
    const auto added = AuditStore{}.append(session, entry("anna"));
    if (!added) return added.error();
    return Error{ErrorKind::conflict, "no"};
  });
  BOOST_TEST(!failed);
  BOOST_TEST(append(*store, entry("ben")) == 1);
  BOOST_TEST(verify(*store).rows == 1);
}

BOOST_DATA_TEST_CASE(an_export_goes_on_where_the_last_one_ended, data::make(store_engines),
                     engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  AuditEntry odd = entry("anna");
  odd.detail = "a \"quoted\" line\nand a tab\t\\";
  append(*store, odd);
  std::ostringstream first;
  BOOST_TEST(*export_audit(*store, 0, 0, first) == 1);
  const std::string line = first.str();
  const std::string want_start =
      R"({"chain":0,"seq":1,"at":"2026-01-05T09:00:00.000Z","at_us":1767603600000000,)"
      R"("correlation_id":"corr-1","actor_id":"nurse-1",)";
  BOOST_TEST(line.substr(0, want_start.size()) == want_start);
  const std::string want_detail = R"("detail":"a \"quoted\" line\u000aand a tab\u0009\\","hash":")";
  BOOST_TEST(line.find(want_detail) != std::string::npos, line);
  BOOST_TEST(line.substr(line.size() - 3) == "\"}\n");
  append(*store, entry("ben"));
  append(*store, entry("other"), 4);
  std::ostringstream second;
  BOOST_TEST(*export_audit(*store, 0, 1, second) == 2);
  BOOST_TEST(second.str().find("\"subject\":\"ben\"") != std::string::npos);
  BOOST_TEST(second.str().find("anna") == std::string::npos);
  std::ostringstream nothing;
  BOOST_TEST(*export_audit(*store, 0, 2, nothing) == 2);
  BOOST_TEST(nothing.str().empty());
  std::vector<int> chains;
  BOOST_REQUIRE(store->read([&](Session& session) -> Status {
    const auto known = audit_chains(session);
    if (!known) return known.error();
    chains = *known;
    return done;
  }));
  BOOST_TEST((chains == std::vector<int>{0, 4}));
}

// The tail is kept within a transaction; what was rolled back must not be followed.
BOOST_DATA_TEST_CASE(rows_of_works_that_fail_leave_no_gap, data::make(store_engines), engine) {
  StoreUnderTest store{engine};
  if (store.skipped()) return;
  std::atomic<int> told{0};
  for (int i = 0; i < 40; ++i) {
    const bool queued = store->submit(
        [i](Session& session) -> Status {
          for (int row = 0; row < 3; ++row) {
            const auto added = AuditStore{i % 2}.append(session, entry(std::to_string(i)));
            if (!added) return added.error();
          }
          if (i % 4 == 3) return Error{ErrorKind::conflict, "the test refuses"};
          return done;
        },
        [&told](const Status&) { ++told; });
    BOOST_REQUIRE(queued);
  }
  BOOST_REQUIRE(store->write([](Session&) -> Status { return done; }));
  BOOST_TEST(told == 40);
  BOOST_TEST(verify(*store, 0).rows == 60);
  BOOST_TEST(!verify(*store, 0).broken_at.has_value());
  BOOST_TEST(verify(*store, 1).rows == 30);
  BOOST_TEST(!verify(*store, 1).broken_at.has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace cpis::store
