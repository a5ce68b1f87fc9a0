#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <future>
#include <memory>

#include "adapters/spine/cpis_fhir.h"
#include "adapters/spine/explain.h"
#include "conformance/peers/spine/memory_register.h"
#include "conformance/peers/spine/spine_peer.h"
#include "gateway/edge/ids.h"
#include "gateway/net/circuit_breaker.h"
#include "gateway/net/cpis_fhir_source.h"
#include "gateway/net/jwt_signer.h"
#include "gateway/net/pds_client.h"
#include "gateway/net/pds_source.h"
#include "gateway/net/spine_lookup.h"
#include "gateway/net/token_source.h"
#include "gateway/observe/clock.h"

using namespace cpis;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(spine_platform)

namespace {

class ManualClock final : public Clock {
 public:
  Time now() const override { return now_; }
  void pass(Duration time) { now_ += time; }

 private:
  Time now_{1'770'000'000s};
};

// Answers from a list, and keeps what was sent.
class ScriptedSender final : public net::HttpSender {
 public:
  net::HttpOutcome send(const net::HttpCall& call) override {
    calls.push_back(call);
    BOOST_REQUIRE(!answers.empty());
    net::HttpOutcome outcome = answers.front();
    answers.erase(answers.begin());
    return outcome;
  }
  void answer(int status, std::string body) {
    net::HttpOutcome outcome;
    outcome.kind = net::HttpOutcome::Kind::answered;
    outcome.status = status;
    outcome.body = std::move(body);
    answers.push_back(outcome);
  }
  void fail(net::HttpOutcome::Kind kind) {
    net::HttpOutcome outcome;
    outcome.kind = kind;
    outcome.why = {ErrorKind::unavailable, "away"};
    answers.push_back(outcome);
  }
  std::vector<net::HttpCall> calls;
  std::vector<net::HttpOutcome> answers;
};

struct KeyFile {
  KeyFile() {
    path = (std::filesystem::temp_directory_path() / ("cpis-key-" + random_hex_id())).string();
    EVP_PKEY* key = EVP_RSA_gen(2048);
    std::FILE* file = std::fopen(path.c_str(), "wb");
    PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
    pub.reset(key, EVP_PKEY_free);
  }
  ~KeyFile() { std::filesystem::remove(path); }
  std::string path;
  std::shared_ptr<EVP_PKEY> pub;
};

const KeyFile& key_file() {
  static const KeyFile file;
  return file;
}

net::JwtSigner signer() {
  auto opened = net::JwtSigner::open(key_file().path);
  BOOST_REQUIRE(opened);
  return *opened;
}

std::string from_base64url(std::string_view text) {
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    bits = (bits << 6U) | static_cast<std::uint32_t>(letters.find(c));
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out += static_cast<char>((bits >> held) & 0xFFU);
  }
  return out;
}

ProtectionQuestion question_of(const NhsNumber& person, Time now) {
  Caller caller;
  caller.organisation_code = "RZ9";
  caller.person_name = "Dr Kit Marlowe";
  return {random_uuid(), person, caller, now, now + 5min};
}

const NhsNumber child = *NhsNumber::parse("9990000018");
const std::string token_answer = spine::write_token({"token-1", 600s});

}  // namespace

BOOST_AUTO_TEST_CASE(assertions_are_signed_with_rs512_and_verify) {
  const auto jwt = signer().sign({"kid", "key", "https://127.0.0.1/token", "id", Time{}});
  BOOST_REQUIRE(jwt);
  const std::size_t dot = jwt->rfind('.');
  const std::string input = jwt->substr(0, dot);
  const std::string signature = from_base64url(jwt->substr(dot + 1));
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_DigestVerifyInit(context, nullptr, EVP_sha512(), nullptr, key_file().pub.get());
  const int valid = EVP_DigestVerify(
      context, reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
      reinterpret_cast<const unsigned char*>(input.data()), input.size());
  EVP_MD_CTX_free(context);
  BOOST_TEST(valid == 1);
  BOOST_TEST(!net::JwtSigner::open("/nonexistent/key"));
}

BOOST_AUTO_TEST_CASE(a_token_is_kept_renewed_before_its_end_and_replaced_when_refused) {
  ManualClock clock;
  ScriptedSender sender;
  net::TokenSource tokens{{"https://127.0.0.1/token", "key", "kid"}, signer(), sender, clock};
  sender.answer(200, token_answer);
  BOOST_TEST(*tokens.access_token() == "token-1");
  BOOST_TEST(*tokens.access_token() == "token-1");
  BOOST_TEST(sender.calls.size() == 1U);
  clock.pass(541s);
  sender.answer(200, spine::write_token({"token-2", 600s}));
  BOOST_TEST(*tokens.access_token() == "token-2");
  tokens.refused("token-1");  // an old one: nothing to do
  BOOST_TEST(*tokens.access_token() == "token-2");
  // While the endpoint is in trouble the token that is there is used up to its end.
  clock.pass(560s);
  sender.answer(500, "");
  BOOST_TEST(*tokens.access_token() == "token-2");
  BOOST_TEST(*tokens.access_token() == "token-2");
  BOOST_TEST(sender.calls.size() == 3U);
  clock.pass(40s);
  sender.answer(503, "");
  BOOST_TEST((tokens.access_token().error().kind == ErrorKind::unavailable));
  sender.answer(200, spine::write_token({"token-2", 600s}));
  BOOST_TEST(*tokens.access_token() == "token-2");
  tokens.refused("token-2");
  sender.answer(400, R"({"error_description":"Invalid 'exp' claim"})");
  BOOST_TEST((tokens.access_token().error().kind == ErrorKind::forbidden));
}

BOOST_AUTO_TEST_CASE(pds_is_asked_five_times_a_second_at_most) {
  ManualClock clock;
  net::RateLimit limit{5};
  int taken = 0;
  for (int i = 0; i < 100; ++i) taken += limit.take(clock.now()) == Duration{0} ? 1 : 0;
  BOOST_TEST(taken == 5);
  clock.pass(200ms);
  BOOST_TEST((limit.take(clock.now()) == Duration{0}));
  BOOST_TEST((limit.take(clock.now()) == 200ms));
  // Over ten seconds of constant pressure: fifty, and the burst.
  taken = 0;
  for (int i = 0; i < 1'000; ++i) {
    clock.pass(10ms);
    taken += limit.take(clock.now()) == Duration{0} ? 1 : 0;
  }
  BOOST_TEST(taken <= 55);
  BOOST_TEST(taken >= 49);
}

BOOST_AUTO_TEST_CASE(a_refused_token_is_renewed_once_under_the_same_request_id) {
  ManualClock clock;
  ScriptedSender sender;
  net::TokenSource tokens{{"https://127.0.0.1/token", "key", "kid"}, signer(), sender, clock};
  net::PdsClient pds{{"https://127.0.0.1/pds", "RZ9"}, sender, tokens, clock};
  sender.answer(200, token_answer);
  sender.answer(401, "{}");
  sender.answer(200, spine::write_token({"token-2", 600s}));
  sender.answer(200, spine::write_patient({child, "Lark", {"Robin"}, {}, "", true, false}));
  const auto read = pds.read(child);
  BOOST_REQUIRE(read);
  BOOST_TEST(read->person.restricted);
  BOOST_REQUIRE_EQUAL(sender.calls.size(), 4U);
  const auto header = [&](std::size_t call, std::string_view name) {
    for (const auto& [key, value] : sender.calls[call].headers) {
      if (key == name) return value;
    }
    return std::string{};
  };
  BOOST_TEST(header(1, "X-Request-ID") == header(3, "X-Request-ID"));
  BOOST_TEST(header(3, "Authorization") == "Bearer token-2");
  BOOST_TEST(header(3, "NHSD-End-User-Organisation-ODS") == "RZ9");
}

namespace {
// A register behind PDS; what PDS and its token service say is scripted.
struct BehindPds {
  ProtectionAnswer ask() {
    std::promise<ProtectionAnswer> told;
    source.ask(question_of(child, clock.now()),
               [&](ProtectionAnswer answer) { told.set_value(std::move(answer)); });
    return told.get_future().get();
  }
  const observe::SystemClock clock{};
  ScriptedSender sender;
  net::TokenSource tokens{{"https://127.0.0.1/token", "key", "kid"}, signer(), sender, clock};
  net::PdsClient pds{{"https://127.0.0.1/pds", ""}, sender, tokens, clock};
  peers::MemoryRegister held;
  net::PdsSource source{{.patience = 60s}, pds, held, clock};
};
}  // namespace

BOOST_FIXTURE_TEST_CASE(while_pds_is_away_questions_go_out_with_the_number_as_it_came, BehindPds) {
  sender.answer(200, token_answer);
  sender.fail(net::HttpOutcome::Kind::not_sent);
  BOOST_TEST(std::holds_alternative<NoneHeld>(ask()));
  BOOST_TEST(source.counters().unconfirmed == 1U);
  // Too many at a time: a place is waited for, and PDS is asked again.
  sender.answer(429, "{}");
  sender.answer(200, spine::write_patient({child, "Lark", {"Robin"}, {}, "", false, false}));
  BOOST_TEST(std::holds_alternative<NoneHeld>(ask()));
  BOOST_TEST(source.counters().confirmed == 1U);
  // Somebody on the way does not know the path: that is not PDS's word about the number.
  sender.answer(404, "<html>no such page</html>");
  BOOST_TEST(std::holds_alternative<NoneHeld>(ask()));
  BOOST_TEST(source.counters().unconfirmed == 2U);
  sender.answer(404, spine::write_outcome("information", "not_found", "RESOURCE_NOT_FOUND", ""));
  const ProtectionAnswer unknown = ask();
  BOOST_REQUIRE(std::holds_alternative<CouldNotAsk>(unknown));
  BOOST_TEST(!std::get<CouldNotAsk>(unknown).may_have_been_received);
  // After failures in a row PDS is not waited for any more.
  for (int i = 0; i < 3; ++i) {
    sender.fail(net::HttpOutcome::Kind::lost);
    ask();
  }
  const std::size_t calls = sender.calls.size();
  BOOST_TEST(std::holds_alternative<NoneHeld>(ask()));
  BOOST_TEST(sender.calls.size() == calls);
}

// Their patience is ours: no call before it is over, and nobody waits here for longer than it
// helps.
BOOST_AUTO_TEST_CASE(pds_is_left_in_peace_for_as_long_as_it_asks) {
  ManualClock clock;
  ScriptedSender sender;
  net::TokenSource tokens{{"https://127.0.0.1/token", "key", "kid"}, signer(), sender, clock};
  net::PdsClient pds{{"https://127.0.0.1/pds", ""}, sender, tokens, clock};
  sender.answer(200, token_answer);
  sender.answer(429, spine::write_outcome("error", "throttled", "TOO_MANY_REQUESTS", ""));
  sender.answers.back().headers = {{"retry-after", "4"}};
  BOOST_TEST((pds.read(child).error().kind == ErrorKind::busy));
  BOOST_TEST((pds.wait() == 4s));
  clock.pass(3'999ms);
  BOOST_TEST((pds.read(child).error().kind == ErrorKind::busy));
  BOOST_TEST(sender.calls.size() == 2U);
  peers::MemoryRegister held;
  net::PdsSource source{{.patience = 500us}, pds, held, clock};
  std::promise<ProtectionAnswer> told;
  source.ask(question_of(child, clock.now()),
             [&](ProtectionAnswer answer) { told.set_value(std::move(answer)); });
  BOOST_TEST(std::holds_alternative<NoneHeld>(told.get_future().get()));
  BOOST_TEST(source.counters().unconfirmed == 1U);
  clock.pass(1ms);
  sender.answer(200, spine::write_patient({child, "Lark", {"Robin"}, {}, "", false, false}));
  BOOST_TEST(static_cast<bool>(pds.read(child)));
}

// A restricted person is confirmed and asked about like any other. Nothing but the number is taken
// from PDS, so that even an address which PDS should have withheld is nowhere here.
BOOST_FIXTURE_TEST_CASE(a_restricted_person_is_asked_about_and_where_they_live_is_not_read,
                        BehindPds) {
  held.put({Plan{PlanType::cpp, {*parse_iso_date("2025-01-15"), 0}, {}, {}},
            {"961", "Wrenshire", "01632960110", "01632960119"},
            {child, "", "", {}, {}, false},
            Time{},
            ""});
  const spine::PdsHome home{"1 Hidden Close", "ZZ99 9ZZ", "01632960777", "Y99999"};
  const std::string told = spine::write_patient({child, "Lark", {}, {}, "", true, false}, &home);
  BOOST_REQUIRE(told.find("Hidden Close") != std::string::npos);
  sender.answer(200, token_answer);
  sender.answer(200, told);
  BOOST_TEST(std::holds_alternative<ProtectionRecord>(ask()));
  BOOST_TEST(held.looks(child) == 1U);
  BOOST_TEST(source.counters().confirmed == 1U);
  BOOST_TEST(source.counters().restricted == 1U);
  const spine::Explanation words = spine::explain(told);
  BOOST_TEST(words.text.find("restricted") != std::string::npos);
  for (const std::string& secret : {home.line, home.postcode, home.phone, home.practice}) {
    BOOST_TEST(words.text.find(secret) == std::string::npos, secret);
  }
}

// What the simulated PDS keeps to itself.
BOOST_AUTO_TEST_CASE(the_simulated_pds_hides_restricted_people_from_searches_by_place) {
  const observe::SystemClock clock;
  peers::MemoryRegister held;
  peers::SpinePeer peer{{}, held, clock};
  BOOST_REQUIRE(peer.start());
  const auto born = parse_iso_date("2018-04-12");
  const spine::PdsHome home{"1 Hidden Close", "ZZ99 9ZZ", "01632960777", "Y99999"};
  peer.know({child, "Lark", {"Robin"}, born, "female", true, false}, home);
  const NhsNumber open = *NhsNumber::parse("9990000026");
  peer.know({open, "Wren", {"Jo"}, born, "female", false, false}, home);
  auto http = net::open_http_sender({});
  BOOST_REQUIRE(http);
  net::TokenSource tokens{
      {peer.base_url() + "/oauth2/token", "key", "kid"}, signer(), **http, clock};
  const std::string base = peer.base_url() + "/personal-demographics/FHIR/R4";
  net::PdsClient pds{{base, "", 1'000}, **http, tokens, clock};
  const auto read = pds.read(child);
  BOOST_REQUIRE(read);
  BOOST_TEST(read->person.restricted);
  const auto found = pds.trace({"Lark", {}, born, "", ""});
  BOOST_REQUIRE(found);
  BOOST_TEST((found->nhs_number == child));
  BOOST_TEST((pds.trace({"Lark", {}, born, "", "ZZ99 9ZZ"}).error().kind == ErrorKind::not_found));
  BOOST_TEST(static_cast<bool>(pds.trace({"Wren", {}, born, "", "ZZ99 9ZZ"})));
  const auto raw = [&](const NhsNumber& number) {
    net::HttpCall call;
    call.url = base + spine::patient_path(number);
    call.headers = {{"Authorization", "Bearer x"}};
    return (*http)->send(call).body;
  };
  BOOST_TEST(raw(open).find("Hidden Close") != std::string::npos);
  BOOST_TEST(raw(child).find("Hidden Close") == std::string::npos);
  peer.stop();
}

BOOST_AUTO_TEST_CASE(sds_is_asked_once_kept_and_its_old_answer_serves_while_it_is_away) {
  ManualClock clock;
  ScriptedSender sender;
  net::SdsSettings settings;
  settings.base_url = "https://127.0.0.1/sds";
  net::SpineLookup lookup{settings, std::nullopt, sender, clock};
  spine::Contract contract;
  contract.url = "https://127.0.0.1/reliable";
  sender.answer(200, spine::write_devices({{"928000000001", "YES-1"}}));
  sender.answer(200, spine::write_endpoints({contract}));
  const auto first = lookup.find("s:i");
  BOOST_REQUIRE(first);
  BOOST_TEST(first->asid == "928000000001");
  BOOST_REQUIRE(lookup.find("s:i"));
  BOOST_TEST(sender.calls.size() == 2U);
  clock.pass(13h);
  sender.fail(net::HttpOutcome::Kind::not_sent);
  BOOST_TEST(lookup.find("s:i")->asid == "928000000001");
  // Nobody waits for SDS while it is known to be away.
  BOOST_TEST(lookup.find("s:i")->asid == "928000000001");
  BOOST_TEST(sender.calls.size() == 3U);
  clock.pass(30s);
  sender.answer(200, spine::write_devices({{"928000000002", "YES-1"}}));
  sender.answer(200, spine::write_endpoints({contract}));
  BOOST_TEST(lookup.find("s:i")->asid == "928000000002");
  contract.asid = "manual";
  net::SpineLookup by_hand{settings, contract, sender, clock};
  BOOST_TEST(by_hand.find("s:i")->asid == "manual");
  BOOST_TEST(sender.calls.size() == 5U);
}

BOOST_AUTO_TEST_CASE(those_who_waited_for_sds_are_told_what_the_first_one_was_told) {
  ManualClock clock;
  ScriptedSender sender;
  net::SdsSettings settings;
  settings.base_url = "https://127.0.0.1/sds";
  net::SpineLookup lookup{settings, std::nullopt, sender, clock};
  sender.fail(net::HttpOutcome::Kind::not_sent);
  BOOST_TEST((lookup.find("s:i").error().kind == ErrorKind::unavailable));
  BOOST_TEST((lookup.find("s:i").error().kind == ErrorKind::unavailable));
  BOOST_TEST(sender.calls.size() == 1U);
  clock.pass(1s);
  sender.fail(net::HttpOutcome::Kind::not_sent);
  BOOST_TEST(!lookup.find("s:i"));
  BOOST_TEST(sender.calls.size() == 2U);
}

BOOST_AUTO_TEST_CASE(the_circuit_opens_after_failures_and_lets_one_probe_through) {
  ManualClock clock;
  net::CircuitBreaker breaker{3, 10s};
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST(breaker.may_call(clock.now()));
    breaker.failed(clock.now());
  }
  BOOST_TEST((breaker.state() == net::CircuitBreaker::State::open));
  BOOST_TEST(!breaker.may_call(clock.now()));
  clock.pass(10s);
  BOOST_TEST(breaker.may_call(clock.now()));
  BOOST_TEST(!breaker.may_call(clock.now()));
  breaker.failed(clock.now());
  BOOST_TEST(!breaker.may_call(clock.now() + 9s));
  BOOST_TEST(breaker.may_call(clock.now() + 10s));
  breaker.succeeded();
  BOOST_TEST((breaker.state() == net::CircuitBreaker::State::closed));
  BOOST_TEST(breaker.may_call(clock.now()));
}

BOOST_AUTO_TEST_CASE(the_fhir_upstream_answers_from_a_running_peer_and_refuses_systems) {
  const observe::SystemClock clock;
  peers::MemoryRegister held;
  const Date day = *parse_iso_date("2025-01-15");
  held.put({Plan{PlanType::lac, {day, 0}, {}, {}},
            {"961", "Wrenshire", "01632960110", "01632960119"},
            {child, "", "", {}, {}, false},
            Time{},
            ""});
  peers::SpinePeer peer{{}, held, clock};
  BOOST_REQUIRE(peer.start());
  auto sender = net::open_http_sender({});
  BOOST_REQUIRE(sender);
  net::CpisFhirSettings settings;
  settings.base_url = peer.base_url() + "/cpis/FHIR/R4";
  net::CpisFhirSource source{
      settings, **sender,
      [](const ProtectionQuestion&) -> Result<std::string> { return std::string{"t"}; }, clock};
  const auto ask = [&](ProtectionQuestion question) {
    std::promise<ProtectionAnswer> told;
    source.ask(std::move(question), [&](ProtectionAnswer answer) { told.set_value(answer); });
    return told.get_future().get();
  };
  const ProtectionAnswer answer = ask(question_of(child, clock.now()));
  const auto* record = std::get_if<ProtectionRecord>(&answer);
  BOOST_REQUIRE(record);
  BOOST_TEST((record->plans.at(0).plan.type == PlanType::lac));
  BOOST_TEST(record->plans.at(0).council.emergency_phone == "01632960119");
  const NhsNumber nobody = *NhsNumber::parse("9990000026");
  BOOST_TEST(std::holds_alternative<NoneHeld>(ask(question_of(nobody, clock.now()))));
  auto by_system = question_of(child, clock.now());
  by_system.caller.kind = Caller::Kind::system;
  const ProtectionAnswer refused = ask(by_system);
  BOOST_REQUIRE(std::holds_alternative<CouldNotAsk>(refused));
  BOOST_TEST(!std::get<CouldNotAsk>(refused).may_have_been_received);
  peer.stop();
}

// A refused token was not listened to: once more with another, under the same id. And then never.
BOOST_AUTO_TEST_CASE(the_fhir_upstream_is_asked_once_more_when_it_refuses_the_token) {
  ManualClock clock;
  ScriptedSender sender;
  net::TokenSource tokens{{"https://127.0.0.1/token", "key", "kid"}, signer(), sender, clock};
  net::CpisFhirSettings settings;
  settings.base_url = "https://127.0.0.1/cpis";
  settings.token_refused = [&](const std::string& token) { tokens.refused(token); };
  net::CpisFhirSource source{
      settings, sender, [&](const ProtectionQuestion&) { return tokens.access_token(); }, clock};
  const auto ask = [&] {
    std::promise<ProtectionAnswer> told;
    source.ask(question_of(child, clock.now()),
               [&](ProtectionAnswer answer) { told.set_value(std::move(answer)); });
    return told.get_future().get();
  };
  sender.answer(200, token_answer);
  sender.answer(401, spine::write_outcome("error", "login", "ACCESS_DENIED", ""));
  sender.answer(200, spine::write_token({"token-2", 600s}));
  sender.answer(200, spine::write_care_teams(nullptr));
  BOOST_TEST(std::holds_alternative<NoneHeld>(ask()));
  BOOST_REQUIRE_EQUAL(sender.calls.size(), 4U);
  BOOST_TEST((sender.calls[1].headers[1] == sender.calls[3].headers[1]));  // TraceID
  BOOST_TEST(sender.calls[3].headers[0].second == "Bearer token-2");

  sender.answer(401, "");
  sender.answer(200, token_answer);
  sender.answer(401, "");
  const ProtectionAnswer refused = ask();
  BOOST_REQUIRE(std::holds_alternative<CouldNotAsk>(refused));
  BOOST_TEST((std::get<CouldNotAsk>(refused).why.kind == ErrorKind::forbidden));
  BOOST_TEST(sender.calls.size() == 7U);
  BOOST_TEST(source.counters().asked == 2U);
  BOOST_TEST(source.counters().none_held == 1U);
  BOOST_TEST(source.counters().failed[static_cast<std::size_t>(ErrorKind::forbidden)] == 1U);
}

BOOST_AUTO_TEST_CASE(nobody_at_home_means_nothing_was_sent) {
  const observe::SystemClock clock;
  peers::MemoryRegister held;
  peers::SpinePeer peer{{}, held, clock};
  const auto port = peer.start();
  BOOST_REQUIRE(port);
  const std::string url = peer.base_url() + "/sds/Device";
  auto sender = net::open_http_sender({});
  BOOST_REQUIRE(sender);
  BOOST_TEST((*sender)->send({"GET", url}).status == 200);
  peer.stop();
  auto fresh = net::open_http_sender({});
  BOOST_REQUIRE(fresh);
  const net::HttpOutcome outcome = (*fresh)->send({"GET", "http://localhost:1/"});
  BOOST_TEST((outcome.kind == net::HttpOutcome::Kind::not_sent));
}

BOOST_AUTO_TEST_SUITE_END()
