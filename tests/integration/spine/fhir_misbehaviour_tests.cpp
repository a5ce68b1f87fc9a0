// The misbehaviour matrix over the CP-IS FHIR API: each fault, and what a caller is told.

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <future>

#include "conformance/peers/spine/memory_register.h"
#include "conformance/peers/spine/spine_peer.h"
#include "gateway/edge/ids.h"
#include "gateway/net/cpis_fhir_source.h"
#include "gateway/observe/clock.h"
#include "tests/integration/spine/desk_spine.h"

namespace data = boost::unit_test::data;
using namespace cpis;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(spine_fhir_misbehaviour)

namespace {

using M = peers::Misbehaviour;

enum class Told { records, none, unknown };

struct Row {
  M fault;
  Told told;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Row& row) {
  return out << peers::name_of(row.fault) << ": " << row.why;
}

// The API remembers no question, so nothing is ever asked again: what passes is unknown too.
const Row rows[] = {
    {M::none, Told::records, "all is well"},
    {M::late, Told::unknown, "the caller's time is over"},
    {M::never, Told::unknown, "silence is not none"},
    {M::twice, Told::records, "one request has one answer"},
    {M::cut_off, Told::unknown, "half a searchset says nothing"},
    {M::wrong_reference, Told::unknown, "plans of another person"},
    {M::http_500, Told::unknown, "trouble there"},
    {M::soap_fault, Told::unknown, "we are refused"},
    {M::passing_fault, Told::unknown, "asked again it would be a second look"},
    {M::mcci_error, Told::unknown, "an OperationOutcome is no searchset, whatever the status"},
    {M::nrf, Told::none, "an empty searchset"},
    {M::garbage, Told::unknown, "a web page"},
    {M::slow_drip, Told::unknown, "each byte comes in time, the answer does not"},
};

// Only patience ends these.
bool ends_by_time(M fault) {
  return fault == M::late || fault == M::never || fault == M::slow_drip;
}

Told kind_of(const ProtectionAnswer& answer) {
  if (std::holds_alternative<NoneHeld>(answer)) return Told::none;
  return std::holds_alternative<ProtectionRecord>(answer) ? Told::records : Told::unknown;
}

const NhsNumber child = *NhsNumber::parse("9990000018");

}  // namespace

BOOST_DATA_TEST_CASE(one_question_one_outcome_and_unknown_is_never_none, data::make(rows), row) {
  const observe::SystemClock clock;
  peers::MemoryRegister held;
  held.put({Plan{PlanType::cpp, {*parse_iso_date("2025-01-15"), 0}, {}, {}},
            {"961", "Wrenshire County Council", "01632960110", "01632960119"},
            {child, "", "", {}, {}, false},
            Time{},
            ""});
  peers::SpinePeerSettings desk;
  desk.late_by = 20s;
  peers::SpinePeer peer{desk, held, clock};
  BOOST_REQUIRE(peer.start());
  peer.misbehave(child, row.fault);
  net::SenderSettings patience;
  patience.answer_time = ends_by_time(row.fault) ? 400ms : 60s;
  auto sender = net::open_http_sender(patience);
  BOOST_REQUIRE(sender);
  net::CpisFhirSettings settings;
  settings.base_url = peer.base_url() + "/cpis/FHIR/R4";
  settings.failures_max = 1'000;
  std::atomic<int> outcomes{0};
  std::promise<ProtectionAnswer> told;
  {
    net::CpisFhirSource source{
        settings, **sender,
        [](const ProtectionQuestion&) -> Result<std::string> { return std::string{"t"}; }, clock};
    Caller caller;
    caller.organisation_code = "RZ9";
    caller.person_name = "Dr Kit Marlowe";
    const Time now = clock.now();
    source.ask({random_uuid(), child, caller, now, now + 5min}, [&](ProtectionAnswer answer) {
      if (++outcomes == 1) told.set_value(std::move(answer));
    });
    BOOST_TEST((kind_of(told.get_future().get()) == row.told));
  }
  BOOST_TEST(outcomes == 1);
  // Whoever had waited long enough may be faster than the peer, which still reads.
  BOOST_TEST(test::DeskSpine::eventually([&] { return peer.seen().size() == 1U; }));
  BOOST_TEST(held.looks(child) <= 1U);
  peer.stop();
}

BOOST_AUTO_TEST_SUITE_END()
