#include "tests/integration/spine/desk_spine.h"

#include <boost/test/unit_test.hpp>
#include <condition_variable>
#include <future>
#include <mutex>
#include <stdexcept>

#include "gateway/edge/ids.h"
#include "gateway/net/tls.h"

namespace cpis::test {
namespace {

using namespace std::chrono_literals;
constexpr auto patience_max = 60s;

NhsNumber number_of(int number) {
  std::uint64_t base = 9990000000ULL + static_cast<std::uint64_t>(number) * 100;
  for (;; ++base) {
    if (const auto valid = NhsNumber::from_value(base)) return *valid;
  }
}

}  // namespace

DeskSpine::DeskSpine(Options options) : options_{options} {
  folder_ = std::filesystem::temp_directory_path() / ("cpis-desk-" + random_hex_id());
  std::filesystem::create_directories(folder_);
  auto certificates = peers::make_certificates(folder_.string());
  BOOST_REQUIRE(certificates);
  certificates_ = *certificates;
  peers::SpinePeerSettings settings;
  settings.tls = certificates_;
  settings.pattern = options_.pattern;
  settings.late_by = options_.late_by;
  peer_ = std::make_unique<peers::SpinePeer>(settings, register_, clock_);
  const auto port = peer_->start();
  BOOST_REQUIRE_MESSAGE(port, (port ? "" : port.error().message));
  auto database = store::open_database((folder_ / "store.db").string());
  BOOST_REQUIRE_MESSAGE(database, (database ? "" : database.error().message));
  database_ = std::move(*database);
  net::SenderSettings sender;
  sender.certificate_file = certificates_->client_certificate;
  sender.key_file = certificates_->client_key;
  sender.authority_file = certificates_->authority;
  sender.answer_time = options_.answer_time;
  auto opened = net::open_http_sender(sender);
  BOOST_REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().message));
  sender_ = std::move(*opened);
  start_gateway();
}

DeskSpine::~DeskSpine() {
  peer_->stop();
  stop_gateway();
  database_->close();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void DeskSpine::start_gateway() {
  net::SdsSettings sds;
  sds.base_url = peer_->base_url() + "/sds";
  lookup_ = std::make_unique<net::SpineLookup>(sds, std::nullopt, *sender_, clock_);
  net::SpineSettings settings;
  settings.asid = "555000000099";
  settings.party_key = "RZ9-800001";
  settings.reply_to = "https://localhost/";
  settings.threads = 16;
  settings.failures_max = 1'000;  // the circuit has a test of its own
  auto source = net::SpineSource::open(settings, *database_, *sender_, *lookup_, clock_);
  BOOST_REQUIRE_MESSAGE(source, (source ? "" : source.error().message));
  {
    const std::lock_guard lock{source_mutex_};
    source_ = std::move(*source);
  }

  inbound_pool_ = std::make_unique<net::WorkerPool>(net::WorkerPool::Settings{4, 1'000, {}});
  inbound_ = std::make_unique<net::SpineInbound>(*source_, *inbound_pool_);
  loops_ = std::make_unique<net::LoopGroup>(net::LoopSettings{});
  net::TlsSettings tls;
  tls.certificate_file = certificates_->server_certificate;
  tls.key_file = certificates_->server_key;
  tls.client_ca_file = certificates_->authority;
  tls.client_certificate = net::ClientCertificate::required;
  auto slot = net::TlsSlot::open(tls);
  BOOST_REQUIRE_MESSAGE(slot, (slot ? "" : slot.error().message));
  net::ListenerSettings listener;
  listener.name = "spine-inbound";
  listener.endpoint = {"127.0.0.1", 0};
  listener.tls = *slot;
  listener.protocol = http::http_protocol({}, *inbound_);
  const auto port = loops_->listen(listener);
  BOOST_REQUIRE_MESSAGE(port, (port ? "" : port.error().message));
  loops_->start();
  peer_->send_answers_to("https://localhost:" + std::to_string(*port) + "/responsehandler");
}

void DeskSpine::stop_gateway() {
  if (loops_) loops_->drain(net::Milliseconds{2'000});
  if (inbound_pool_) inbound_pool_->drain();
  std::unique_ptr<net::SpineSource> ended;
  {
    const std::lock_guard lock{source_mutex_};
    ended = std::move(source_);
  }
  ended.reset();
  loops_.reset();
  inbound_.reset();
  inbound_pool_.reset();
}

void DeskSpine::restart() {
  stop_gateway();
  start_gateway();
}

NhsNumber DeskSpine::child(int number) {
  const NhsNumber person = number_of(number);
  const Plan plan{PlanType::cpp, {*parse_iso_date("2025-01-15"), 0}, {}, {}};
  register_.put({plan,
                 {"961", "Wrenshire County Council", "01632960110", "01632960119"},
                 {person, "", "", {"Robin", "Lark"}, parse_iso_date("2017-03-04"), false},
                 Time{},
                 ""});
  return person;
}

ProtectionQuestion DeskSpine::question(const NhsNumber& person,
                                       std::chrono::milliseconds patience) {
  Caller caller;
  caller.kind = Caller::Kind::system;
  caller.organisation_code = "RZ9";
  caller.organisation_name = "WREN HOSPITALS NHS TRUST";
  caller.role_code = "R0680";
  caller.role_name = "Safeguarding Lead";
  caller.person_name = "Ms Indra Vale";
  caller.system_id = "gateway";
  const Time now = clock_.now();
  return {random_uuid(), person, caller, now, now + patience};
}

ProtectionAnswer DeskSpine::ask(ProtectionQuestion question) {
  return ask_traced(std::move(question), {});
}

ProtectionAnswer DeskSpine::ask_traced(ProtectionQuestion question, store::QuestionTrace trace) {
  struct Told {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<ProtectionAnswer> answers;
  };
  const auto told = std::make_shared<Told>();
  const auto answered = [told, twice = told_twice_](ProtectionAnswer answer) {
    const std::lock_guard lock{told->mutex};
    if (!told->answers.empty()) ++*twice;
    told->answers.push_back(std::move(answer));
    told->changed.notify_all();
  };
  net::SpineSource* source = nullptr;
  {
    const std::lock_guard lock{source_mutex_};
    source = source_.get();
  }
  source->ask_traced(std::move(question), std::move(trace), answered);
  std::unique_lock lock{told->mutex};
  const bool came =
      told->changed.wait_for(lock, patience_max, [&] { return !told->answers.empty(); });
  // Asked from several threads, and Boost.Test is for one.
  if (!came) throw std::runtime_error{"no outcome was told"};
  return told->answers.front();
}

bool DeskSpine::is_resolved(const std::string& question_id) {
  bool resolved = false;
  const Status read = database_->read([&](store::Session& session) -> Status {
    const auto row = net::exchange_by_question(session, question_id);
    if (!row) return row.error();
    resolved = row->has_value() && (*row)->exchange.state == spine::ExchangeState::resolved &&
               (*row)->exchange.outcome != spine::Outcome::open;
    return done;
  });
  return read && resolved;
}

bool DeskSpine::eventually(const std::function<bool()>& fulfilled) {
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock{mutex};
  const auto until = std::chrono::steady_clock::now() + patience_max;
  while (!fulfilled()) {
    if (std::chrono::steady_clock::now() > until) return false;
    never.wait_for(lock, 10ms);
  }
  return true;
}

}  // namespace cpis::test
