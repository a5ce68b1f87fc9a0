#include "gateway/app/mesh_link.h"

#include <array>
#include <cstdint>
#include <utility>

#include "gateway/app/periodic.h"
#include "gateway/app/source_settings.h"
#include "gateway/net/mesh_client.h"
#include "gateway/observe/log.h"
#include "gateway/observe/metric_family.h"
#include "gateway/usecases/mesh_book.h"
#include "gateway/usecases/mesh_exchange.h"
#include "gateway/usecases/mesh_transport.h"

namespace cpis::app {
namespace {

constexpr std::chrono::milliseconds step_interval{1000};
// A chunk of a hundred megabytes takes its time.
constexpr std::chrono::seconds answer_time{120};
constexpr std::size_t answer_bytes_max = std::size_t{128} * 1024 * 1024;

Result<std::unique_ptr<net::HttpSender>> open_sender(const config::MeshLink& link) {
  net::SenderSettings sender = sender_settings(link.tls, link.authority, answer_time, 2);
  sender.answer_bytes_max = answer_bytes_max;
  return net::open_http_sender(std::move(sender));
}

net::MeshSettings client_settings(const config::MeshLink& link,
                                  const config::CouncilSetting& council) {
  net::MeshSettings settings;
  settings.url = link.url;
  settings.who = {council.mesh_mailbox, council.mesh_password, link.shared_key};
  settings.chunk_bytes = link.chunk_bytes;
  settings.gzip = link.gzip;
  settings.client_version = std::string{"cpis-gateway=="} + CPIS_VERSION;
  return settings;
}

usecases::MeshExchangeSettings exchange_settings(const config::MeshLink& link,
                                                 const config::CouncilSetting& council) {
  usecases::MeshExchangeSettings settings;
  settings.dispatch.council = council.council;
  settings.dispatch.mailbox = council.mesh_mailbox;
  settings.dispatch.believed = link.from;
  settings.dispatch.first_number = council.mesh_first_number;
  settings.dispatch.resubmit_after = link.resubmit;
  settings.to = link.to;
  settings.upload_workflow = link.workflow;
  settings.file_name = link.file_name;
  settings.subject = link.subject;
  settings.poll = link.poll;
  settings.retry = link.retry;
  return settings;
}

}  // namespace

struct MeshLink::Council {
  Council(const config::MeshLink& link, const config::CouncilSetting& setting,
          std::unique_ptr<net::HttpSender> opened, MeshLink& owner)
      : council{setting.council},
        sender{std::move(opened)},
        client{client_settings(link, setting), *sender, owner.clock_},
        exchange{exchange_settings(link, setting), owner.database_, owner.register_, owner.clock_,
                 client},
        transport{owner.database_, owner.clock_, setting.mesh_first_number,
                  [this] { thread.wake(); }},
        thread{"mesh", step_interval, [this] { step(); }} {}

  void step() {
    const Status stepped = exchange.step();
    if (stepped) return;
    observe::log(observe::Level::warning, "mesh.away",
                 {{"council", council.ods_code}, {"reason", stepped.error().message}});
  }

  const cpis::Council council;
  std::unique_ptr<net::HttpSender> sender;
  net::MeshClient client;
  usecases::MeshExchange exchange;
  usecases::MeshTransport transport;
  Periodic thread;
};

MeshLink::MeshLink(store::Database& database, registry::Register& registry, const Clock& clock)
    : database_{database}, register_{registry}, clock_{clock} {}

MeshLink::~MeshLink() { stop(); }

Result<std::unique_ptr<MeshLink>> MeshLink::open(const config::Settings& settings,
                                                 store::Database& database,
                                                 registry::Register& registry, const Clock& clock) {
  std::unique_ptr<MeshLink> link{new MeshLink{database, registry, clock}};
  for (const config::CouncilSetting& council : settings.councils) {
    if (!council.over_mesh) continue;
    auto sender = open_sender(settings.mesh);
    if (!sender) return sender.error();
    link->councils_.push_back(
        std::make_unique<Council>(settings.mesh, council, *std::move(sender), *link));
  }
  return link;
}

Status MeshLink::start() {
  for (const auto& council : councils_) {
    // Notices lie in the register until the case system has them.
    if (const Status known = register_.know(council->council); !known) return known;
    council->thread.start();
  }
  return done;
}

void MeshLink::stop() {
  for (const auto& council : councils_) council->thread.stop();
}

usecases::CouncilTransport* MeshLink::transport_of(std::string_view council) {
  for (const auto& one : councils_) {
    if (one->council.ods_code == council) return &one->transport;
  }
  return nullptr;
}

std::string MeshLink::metrics() const {
  if (councils_.empty()) return {};
  struct Row {
    std::string_view name;
    std::string_view type;
    std::string_view help;
    std::uint64_t (*value)(const Council&);
  };
  static constexpr std::array rows{
      Row{"sent_total", "counter", "Uploads that MESH has taken",
          [](const Council& of) -> std::uint64_t { return of.exchange.counters().sent; }},
      Row{"refused_total", "counter", "Sends that MESH refused: mend the settings",
          [](const Council& of) -> std::uint64_t { return of.exchange.counters().refused; }},
      Row{"failures_total", "counter", "Calls of MESH that failed",
          [](const Council& of) -> std::uint64_t { return of.exchange.counters().failures; }},
      Row{"received_total", "counter", "Files that came and were kept",
          [](const Council& of) -> std::uint64_t { return of.exchange.counters().received; }},
      Row{"damaged_total", "counter", "Downloads that were damaged",
          [](const Council& of) -> std::uint64_t { return of.exchange.counters().damaged; }},
      Row{"answers_total", "counter", "Answers to uploads",
          [](const Council& of) -> std::uint64_t { return of.exchange.dealt_with().answers; }},
      Row{"resubmitted_total", "counter", "Uploads sent again after CPF05",
          [](const Council& of) -> std::uint64_t { return of.exchange.dealt_with().resubmitted; }},
      Row{"without_effect_total", "counter", "Answers that moved nothing (CPF01, CPF04, CPF06)",
          [](const Council& of) -> std::uint64_t {
            return of.exchange.dealt_with().without_effect;
          }},
      Row{"undelivered_total", "counter", "Uploads that CP-IS never got",
          [](const Council& of) -> std::uint64_t { return of.exchange.dealt_with().undelivered; }},
      Row{"looks_total", "counter", "Looks that notices told of",
          [](const Council& of) -> std::uint64_t { return of.exchange.dealt_with().looks; }},
      Row{"unclear_total", "counter", "Files nobody could make sense of",
          [](const Council& of) -> std::uint64_t { return of.exchange.dealt_with().unclear; }},
      Row{"left_out_total", "counter", "Entries of notices that could not be read",
          [](const Council& of) -> std::uint64_t { return of.exchange.dealt_with().left_out; }},
      Row{"last_contact_seconds", "gauge", "Unix time of the last call that went well",
          [](const Council& of) -> std::uint64_t {
            return static_cast<std::uint64_t>(of.exchange.counters().last_contact / 1'000'000);
          }},
  };
  std::string out;
  for (const Row& row : rows) {
    observe::MetricFamily family{"mesh_" + std::string{row.name}, row.type, row.help};
    for (const auto& council : councils_) {
      family.add({"council", council->council.ods_code},
                 static_cast<std::int64_t>(row.value(*council)));
    }
    out += family.text();
  }
  return out;
}

Status greet_mailbox(const config::Settings& settings, const config::CouncilSetting& council,
                     const Clock& clock) {
  auto sender = open_sender(settings.mesh);
  if (!sender) return sender.error();
  return net::MeshClient{client_settings(settings.mesh, council), **sender, clock}.handshake();
}

}  // namespace cpis::app
