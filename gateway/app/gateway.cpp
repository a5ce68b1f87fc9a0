#include "gateway/app/gateway.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include "gateway/app/doors.h"
#include "gateway/app/engines.h"
#include "gateway/app/feed_mappings.h"
#include "gateway/app/gateway_number.h"
#include "gateway/app/mesh_link.h"
#include "gateway/app/notice_settings.h"
#include "gateway/app/periodic.h"
#include "gateway/app/severity_policy.h"
#include "gateway/app/source.h"
#include "gateway/app/validation_packages.h"
#include "gateway/app/webhook.h"
#include "gateway/auth/token_door.h"
#include "gateway/config/feed_rows.h"
#include "gateway/edge/ids.h"
#include "gateway/fhir_api/cds_door.h"
#include "gateway/fhir_api/fhir_service.h"
#include "gateway/fhir_api/hl7_door.h"
#include "gateway/fhir_api/operations.h"
#include "gateway/fhir_api/registered_subscribers.h"
#include "gateway/fhir_api/websocket_door.h"
#include "gateway/intake/folder_watch.h"
#include "gateway/intake/message_folder.h"
#include "gateway/net/mailbox.h"
#include "gateway/observe/log.h"
#include "gateway/register/register_change.h"
#include "gateway/resources/resource_book.h"
#include "gateway/store/arrival_journal.h"
#include "gateway/store/open.h"
#include "gateway/store/replay_store.h"
#include "gateway/store/retention.h"
#include "gateway/store/row_ids.h"
#include "gateway/store/secret.h"
#include "gateway/store/settle.h"
#include "gateway/store/sha256.h"
#include "gateway/store/subscription_store.h"
#include "gateway/usecases/council_book.h"
#include "gateway/usecases/deliver_alerts.h"
#include "gateway/usecases/deliver_notices.h"
#include "gateway/usecases/handle_admission.h"
#include "gateway/usecases/receive_message.h"
#include "gateway/usecases/register_news.h"
#include "gateway/usecases/tell_subscribers.h"
#include "profiles/social_care/mapping_profiles.h"

namespace cpis::app {
namespace {

using observe::Level;

constexpr std::chrono::milliseconds notice_interval{1000};
constexpr std::chrono::milliseconds intake_interval{2000};
constexpr std::chrono::milliseconds live_interval{1000};
constexpr std::chrono::milliseconds follow_interval{1000};
constexpr std::chrono::hours retention_interval{1};
constexpr std::chrono::milliseconds upkeep_interval{5'000};
constexpr std::chrono::hours age_interval{1};
constexpr std::chrono::milliseconds drain_time{10'000};
// Requests of one caller about one person within this time are one clinical look.
constexpr std::chrono::minutes look_window{10};

std::int64_t largest_id(store::Database& database) {
  std::int64_t largest = 0;
  const auto ask = [&](std::string_view sql) {
    static_cast<void>(database.read([&](store::Session& session) {
      return session.query(sql, {}, [&](const store::Row& row) -> Status {
        largest = std::max(largest, row.integer(0));
        return done;
      });
    }));
  };
  ask("SELECT COALESCE(MAX(id), 0) FROM inbox");
  ask("SELECT COALESCE(MAX(id), 0) FROM outbox");
  ask("SELECT COALESCE(MAX(change_id), 0) FROM resource");
  return largest;
}

// The key of page links: of the store, so that every gateway on it can open them, after a restart
// too. Without the store a link made now is not good for long, and nothing else is lost.
net::SealedText::Key page_key(store::Database& database) {
  const auto secret = store::secret_of(database, "page-links", random_hex_id() + random_hex_id());
  const store::Sha256 hash = store::sha256(secret ? *secret : random_hex_id() + random_hex_id());
  net::SealedText::Key key{};
  std::copy(hash.begin(), hash.end(), key.begin());
  return key;
}

usecases::AdmissionSettings admission_settings(const config::Settings& settings,
                                               const GatewayNumber& number,
                                               std::shared_ptr<const usecases::FeedMappings> maps) {
  usecases::AdmissionSettings admission;
  for (const config::Feed& feed : settings.feeds) {
    admission.feeds[feed.name] = {config::reading_of(feed), feed.check, feed.process_tests};
    if (feed.engine) config::apply(*feed.engine, admission.engines[feed.name]);
  }
  const hl7v2::FeedSettings by_http =
      config::reading_over_http(settings, fhir_api::Hl7Door::feed_name);
  // Without a nominated person nobody can be asked about in anybody's name.
  admission.feeds[by_http.name] = {by_http, *missing_in(settings.check_caller) == 0};
  hl7v2::FeedSettings by_fhir;
  by_fhir.name = usecases::WriteResources::feed_name;
  by_fhir.organisation_ods = settings.check_caller.organisation_code;
  admission.feeds[by_fhir.name] = {by_fhir, *missing_in(settings.check_caller) == 0};
  admission.rules = settings.check;
  admission.check_caller = settings.check_caller;
  admission.webhook_url = settings.webhook_url;
  admission.alert_file = settings.alert_file;
  admission.companions = settings.companions;
  admission.mappings = std::move(maps);
  admission.gateway = number.name();
  return admission;
}

store::RetryPolicy subscriber_retries(const config::Settings& settings) {
  return {std::chrono::seconds{2}, std::chrono::minutes{5}, settings.subscription_attempts};
}

// Many requests and messages are answered by one commit.
void wake_loops_once(const std::function<void()>& tell) {
  const net::WakesGathered gathered;
  tell();
}

// Only a store that nobody else writes has one: the file is on this machine.
Result<std::unique_ptr<store::ArrivalJournal>> open_journal(const config::Settings& settings,
                                                            store::Database& database) {
  std::unique_ptr<store::ArrivalJournal> none;
  const auto file = store::sqlite_file(settings.store_url);
  if (!file || settings.burst_bytes_max == 0) return none;
  auto disk = store::open_journal_disk(store::journal_of(*file));
  if (!disk) return disk.error();
  store::ArrivalJournal::Settings limits;
  limits.bytes_max = settings.burst_bytes_max;
  return store::ArrivalJournal::open(database, *std::move(disk), limits);
}

// Exports go the way of the council that the intake folder belongs to.
usecases::ImportExport importing_of(const config::Settings& settings, store::Database& database,
                                    registry::Register& registry, const Clock& clock,
                                    MeshLink& mesh) {
  const config::CouncilSetting* council = config::find_council(settings);
  usecases::CouncilTransport* transport =
      council == nullptr ? nullptr : mesh.transport_of(council->council.ods_code);
  if (transport != nullptr) return {database, registry, clock, *transport};
  return {database, registry, clock};
}

void log_packages(const ValidationPackages& packages) {
  if (packages.definitions == nullptr) return;
  observe::log(packages.findings.ok() ? Level::info : Level::warning, "validate.packages",
               {{"profiles", std::to_string(packages.definitions->package_structures().size())},
                {"findings", std::to_string(packages.findings.size())}});
}

}  // namespace

struct Gateway::Parts {
  Parts(const config::Settings& with, const Clock& now, std::unique_ptr<store::Database> opened,
        std::unique_ptr<store::ArrivalJournal> arrivals, GatewayNumber which,
        std::unique_ptr<registry::Register> held, std::unique_ptr<Source> from,
        std::unique_ptr<MeshLink> exchange, usecases::DeliverAlerts::Post post,
        usecases::TellSubscribers::Post tell,
        std::vector<usecases::SendEngineAlerts::Destination> engines_to_tell,
        usecases::DeliverNotices::Settings delivery, fhir::Policy severities,
        std::shared_ptr<const fhir::Definitions> packages,
        std::shared_ptr<const usecases::FeedMappings> maps)
      : settings{with},
        clock{now},
        database{std::move(opened)},
        journal{std::move(arrivals)},
        number{std::move(which)},
        registry{std::move(held)},
        source{std::move(from)},
        mesh{std::move(exchange)},
        ids{number.value(), largest_id(*database)},
        mappings{std::move(maps)},
        workers{net::WorkerPool::Settings{with.workers, with.queue, log_fault}},
        looks{look_window},
        gatekeeper{settings, clock},
        refusals{*database, clock},
        assertions{settings, clock, *database},
        validation{std::move(severities), packages},
        terminology{std::move(packages)},
        check{{*database, source->asked(), source->local(), clock, with.answer_time}},
        alerts{{*database, clock, std::move(post), number.name(), {}}},
        engines{{*database, clock, number.name() + ".engines"}, std::move(engines_to_tell)},
        admission{
            {*database, clock, ids, check, book, source->questions_can_be_repeated(),
             [this] { wake_alerts(); }, [this] { return receive.most_arriving(); },
             [this](usecases::Topic topic) { return subscribers.watched(topic); }, journal.get()},
            admission_settings(with, number, mappings)},
        receive{{*database, clock, ids, [this] { admission.wake(); }, journal.get()}},
        notices{*database, *registry, clock, std::move(delivery)},
        writes{{*database, clock, ids, book, [this] { admission.wake(); },
                [this] { subscribers.wake(); }}},
        links{page_key(*database)},
        rights{settings},
        subscribers{{*database, clock, ids, book, writes, rights, std::move(tell),
                     [this] { return own_base(); }, subscriber_retries(settings),
                     number.name() + ".subscriptions"}},
        services{settings, clock,      check,    source->local(), book,        workers,
                 looks,    gatekeeper, refusals, validation,      terminology, *database,
                 writes,   *mappings,  links,    rights,          {}},
        fhir{services},
        cds{services, assertions},
        websockets{services, [this] { subscribers.wake(); }},
        operations{{services, *database, *registry, receive, admission, alerts, engines, notices,
                    subscribers.counts(), journal.get(), [this] { admission.wake(); },
                    [this] { wake_alerts(); },
                    [this] { return doors ? &doors->counters() : nullptr; },
                    [this] { return source->metrics() + mesh->metrics(); },
                    [this] { return websockets.sockets(); }}},
        importing{importing_of(settings, *database, *registry, clock, *mesh)},
        notice_thread{"notice", notice_interval, [this] { deliver_notices(); }},
        intake_thread{"intake", intake_interval, [this] { take_files(); }},
        live_thread{"live", live_interval, [this] { tick(); }},
        follow_thread{"follow", follow_interval, [this] { follow(); }},
        retention_thread{"retention", retention_interval, [this] { purge(); }},
        upkeep_thread{"upkeep", upkeep_interval, [this] { look_after_door(); }} {}

  // Readers of live pages and of websockets.
  void tick() {
    operations.live().tick();
    websockets.tick();
  }

  // Uploads of other processes on this store, and what other gateways wrote.
  void follow() {
    const auto look = [](std::string_view what, const Status& followed) {
      if (!followed) observe::log(Level::error, what, {{"reason", followed.error().message}});
    };
    look("register.not_followed", registry->follow());
    if (database->is_exclusive()) return;
    look("resources.not_followed", book.follow(*database, clock.now()));
    look("gateway.number_not_kept", number.prolong(*database, clock.now()));
  }

  void wake_alerts() {
    subscribers.wake();
    alerts.wake();
    engines.wake();
  }

  // As clients outside see it; without http.base_url, as it is seen on this machine.
  std::string own_base() const {
    const std::string scheme = settings.http_tls.enabled() ? "https://" : "http://";
    const std::string here = scheme + settings.http_address + ':' +
                             std::to_string(doors ? doors->http_port() : settings.http_port);
    return (settings.base_url.empty() ? here : settings.base_url) +
           std::string{fhir_api::base_path};
  }

  static void log_fault(const char* what) {
    observe::log(Level::error, "worker.fault", {{"reason", what}});
  }

  void deliver_notices() {
    if (settings.notice_tray.empty()) return;
    const auto laid = notices.step();
    if (!laid) {
      observe::log(Level::error, "notices.not_delivered", {{"reason", laid.error().message}});
    }
  }

  Status open_intake() {
    if (settings.intake_folder.empty()) return done;
    const auto* shipped = profiles::find_mapping_profile(settings.intake_profile);
    if (shipped == nullptr) {
      return Error{ErrorKind::bad_input, "intake.profile: there is no such profile"};
    }
    auto profile = social_care::read_profile(shipped->json);
    if (!profile) return profile.error();
    const config::CouncilSetting* council = config::find_council(settings);
    social_care::set_authority(*profile, council->dfe_code, council->council);
    std::error_code trouble;
    std::filesystem::create_directories(settings.intake_folder, trouble);
    watch.emplace(settings.intake_folder, *std::move(profile), importing, clock,
                  settings.intake_hours);
    return done;
  }

  void open_message_folders() {
    for (const config::Feed& feed : settings.feeds) {
      if (feed.folder.empty()) continue;
      std::error_code trouble;
      std::filesystem::create_directories(feed.folder, trouble);
      message_folders.push_back(std::make_unique<intake::MessageFolder>(
          feed.folder, config::reading_of(feed), receive, clock));
    }
  }

  void take_files() {
    for (const auto& folder : message_folders) {
      const auto taken = folder->step();
      if (!taken) {
        observe::log(Level::error, "feed.file_not_taken", {{"reason", taken.error().message}});
      }
    }
    take_exports();
  }

  void purge_events(Time before) {
    constexpr std::size_t rows_in_one_work = 500;
    std::int64_t purged = 1;
    while (purged > 0) {
      const Status done_now = database->write([&](store::Session& session) -> Status {
        const auto rows = store::SubscriptionStore{}.purge(session, before, rows_in_one_work);
        if (!rows) return rows.error();
        const auto changes = registry::purge_changes(session, before, rows_in_one_work);
        if (!changes) return changes.error();
        purged = *rows + *changes;
        return done;
      });
      if (done_now) continue;
      return observe::log(Level::warning, "retention.not_purged",
                          {{"reason", done_now.error().message}});
    }
  }

  void purge() {
    purge_events(clock.now() - std::chrono::hours{24 * settings.message_days});
    store::RetentionSettings keep;
    keep.inbox = keep.outbox = std::chrono::hours{24 * settings.message_days};
    keep.quarantined = std::chrono::hours{24 * settings.quarantined_days};
    const auto purged = store::purge_expired(*database, keep, clock.now());
    const Status forgotten = database->write([&](store::Session& session) {
      return store::any_rows(store::ReplayStore{}.purge(session, clock.now()));
    });
    if (!purged || !forgotten) {
      observe::log(Level::warning, "retention.not_purged",
                   {{"reason", purged ? forgotten.error().message : purged.error().message}});
    }
    if (purged && purged->quarantined > 0) {
      observe::log(Level::warning, "retention.quarantined_purged",
                   {{"messages", purged->quarantined}});
    }
  }

  // Keys of tokens that are due, and certificates that were replaced.
  void look_after_door() {
    gatekeeper.refresh_keys();
    assertions.refresh_keys();
    if (doors) doors->reload_certificates();
  }

  void take_exports() {
    if (!watch) return;
    const auto taken = watch->step();
    // An upload is on its way: the export waits for its answer.
    if (!taken && taken.error().kind != ErrorKind::busy) {
      observe::log(Level::error, "intake.not_taken", {{"reason", taken.error().message}});
    }
    look_at_ages();
  }

  // An extract that does not come is as silent as one that has nothing new.
  void look_at_ages() {
    const Time now = clock.now();
    if (now < next_look_at_ages) return;
    next_look_at_ages = now + age_interval;
    const auto ages = usecases::extract_ages(*database, now);
    if (!ages) return;
    for (const usecases::ExtractAge& one : *ages) {
      if (one.age <= settings.extract_alarm) continue;
      observe::log(Level::error, "intake.extract_old",
                   {{"council", one.council},
                    {"hours", static_cast<std::uint64_t>(one.age / std::chrono::hours{1})}});
    }
  }

  config::Settings settings;
  const Clock& clock;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<store::ArrivalJournal> journal;
  GatewayNumber number;
  std::unique_ptr<registry::Register> registry;
  std::unique_ptr<Source> source;
  std::unique_ptr<MeshLink> mesh;
  store::RowIds ids;
  resources::ResourceBook book;
  std::shared_ptr<const usecases::FeedMappings> mappings;
  net::WorkerPool workers;
  fhir_api::LookBook looks;
  auth::Gatekeeper gatekeeper;
  auth::RefusalAudit refusals;
  auth::AssertionVerifier assertions;
  std::unique_ptr<auth::TokenDoor> tokens;
  fhir_api::ValidateApi validation;
  fhir_api::TerminologyApi terminology;
  usecases::CheckPerson check;
  usecases::DeliverAlerts alerts;
  usecases::SendEngineAlerts engines;
  usecases::HandleAdmission admission;
  usecases::ReceiveMessage receive;
  usecases::DeliverNotices notices;
  usecases::WriteResources writes;
  net::SealedText links;
  fhir_api::RegisteredSubscribers rights;
  usecases::TellSubscribers subscribers;
  fhir_api::Services services;
  fhir_api::FhirService fhir;
  fhir_api::CdsDoor cds;
  fhir_api::WebsocketDoor websockets;
  std::unique_ptr<fhir_api::Hl7Door> hl7;
  fhir_api::Operations operations;
  usecases::ImportExport importing;
  std::optional<intake::FolderWatch> watch;
  std::vector<std::unique_ptr<intake::MessageFolder>> message_folders;
  Time next_look_at_ages{};  // the intake's thread only
  Periodic notice_thread;
  Periodic intake_thread;
  Periodic live_thread;
  Periodic follow_thread;
  Periodic retention_thread;
  Periodic upkeep_thread;
  std::unique_ptr<Doors> doors;
  bool started = false;
};

Gateway::Gateway(std::unique_ptr<Parts> parts) : parts_{std::move(parts)} {}
Gateway::~Gateway() { stop(); }

Result<std::unique_ptr<Gateway>> Gateway::open(const config::Settings& settings,
                                               const Clock& clock) {
  auto database = store::open_database(settings.store_url);
  if (!database) return database.error();
  auto journal = open_journal(settings, **database);
  if (!journal) return journal.error();
  auto number = GatewayNumber::take(**database, clock.now());
  if (!number) return number.error();
  auto held = registry::Register::open(**database, clock, {settings.visibility});
  if (!held) return held.error();
  auto source = Source::open(settings, **database, **held, clock);
  if (!source) return source.error();
  auto mesh = MeshLink::open(settings, **database, **held, clock);
  if (!mesh) return mesh.error();
  auto post = webhook_post(settings.webhook_token);
  if (!post) return post.error();
  auto tell = subscriber_post();
  if (!tell) return tell.error();
  auto engines = engine_destinations(settings);
  if (!engines) return engines.error();
  auto delivery = notice_settings(settings);
  if (!delivery) return delivery.error();
  auto policy = severity_policy_of(settings.validate_policy);
  if (!policy) return policy.error();
  auto packages = load_validation_packages(settings.validate_packages);
  if (!packages) return packages.error();
  log_packages(*packages);
  auto mappings = load_feed_mappings(settings);
  if (!mappings) return mappings.error();
  auto parts = std::make_unique<Parts>(
      settings, clock, *std::move(database), *std::move(journal), *std::move(number),
      *std::move(held), *std::move(source), *std::move(mesh), *std::move(post), *std::move(tell),
      *std::move(engines), *std::move(delivery), *std::move(policy),
      std::move(packages->definitions), *std::move(mappings));
  const Status loaded = parts->database->read([&](store::Session& session) {
    std::vector<std::string> types{"Patient", "Encounter", "Flag", "Subscription"};
    types.insert(types.end(), usecases::companion_types.begin(), usecases::companion_types.end());
    return parts->book.load(session, types);
  });
  if (!loaded) return loaded.error();
  return std::unique_ptr<Gateway>{new Gateway{std::move(parts)}};
}

Status Gateway::start() {
  Parts& parts = *parts_;
  parts.database->around_answers(wake_loops_once);
  if (parts.journal) parts.journal->around_answers(wake_loops_once);
  // Who is to be told, before anything happens.
  parts.subscribers.use(parts.websockets);
  parts.subscribers.load();
  parts.registry->tell(usecases::register_news(
      *parts.registry, parts.book, parts.clock, parts.settings.check_caller.organisation_code,
      [&parts](usecases::Topic topic) { return parts.subscribers.watched(topic); },
      [&parts] { parts.subscribers.wake(); }));
  // What came while no gateway ran, and from then on, where others can write to the store.
  parts.follow();
  if (!parts.database->is_exclusive()) parts.follow_thread.start();
  if (const Status started = parts.admission.start(); !started) return started;
  if (const Status started = parts.alerts.start(); !started) return started;
  if (const Status started = parts.engines.start(); !started) return started;
  parts.notice_thread.start();
  if (const Status watched = parts.open_intake(); !watched) return watched;
  parts.open_message_folders();
  if (const Status exchanging = parts.mesh->start(); !exchanging) return exchanging;
  parts.intake_thread.start();
  parts.retention_thread.start();
  parts.hl7 = std::make_unique<fhir_api::Hl7Door>(parts.services, parts.receive);
  auto tokens = auth::TokenDoor::open(parts.settings, parts.clock, parts.assertions, parts.workers);
  if (!tokens) return tokens.error();
  parts.tokens = *std::move(tokens);
  if (parts.tokens->keys()) {
    parts.gatekeeper.trust_own(parts.tokens->issuer(), parts.tokens->keys());
  }
  parts.look_after_door();
  auto doors = Doors::open(parts.settings,
                           {parts.gatekeeper, parts.workers, *parts.tokens, parts.fhir, *parts.hl7,
                            parts.cds, parts.websockets, parts.operations},
                           parts.receive, parts.source->inbound());
  if (!doors) return doors.error();
  parts.doors = *std::move(doors);
  parts.doors->start();  // only now: whoever comes in may ask about the doors
  if (const Status started = parts.subscribers.start(); !started) return started;
  // It looks after keys and certificates: only once all of them are in their place.
  parts.upkeep_thread.start();
  parts.live_thread.start();
  parts.started = true;
  observe::log(Level::info, "gateway.ready",
               {{"version", CPIS_VERSION}, {"http_port", static_cast<int>(http_port())}});
  return done;
}

void Gateway::stop() {
  if (!parts_) return;
  Parts& parts = *parts_;
  parts.live_thread.stop();
  parts.follow_thread.stop();
  parts.operations.live().stop();
  parts.websockets.stop();
  if (parts.doors) parts.doors->drain(drain_time);
  parts.admission.stop();
  if (parts.journal) parts.journal->close();
  parts.subscribers.stop();
  parts.alerts.stop();
  parts.engines.stop();
  parts.notice_thread.stop();
  parts.intake_thread.stop();
  parts.mesh->stop();
  parts.retention_thread.stop();
  parts.upkeep_thread.stop();
  // Whatever was audited has been asked when this returns; after it nobody asks any more.
  static_cast<void>(parts.database->write([](store::Session&) -> Status { return done; }));
  parts.source->close();
  parts.workers.drain();
  parts.number.give_back(*parts.database);
  parts.database->close();
  if (std::exchange(parts.started, false)) observe::log(Level::info, "gateway.stopped");
}

void Gateway::reload() { parts_->upkeep_thread.wake(); }

std::uint16_t Gateway::http_port() const {
  return parts_->doors ? parts_->doors->http_port() : std::uint16_t{0};
}
std::uint16_t Gateway::feed_port(const std::string& feed) const {
  return parts_->doors ? parts_->doors->feed_port(feed) : std::uint16_t{0};
}
std::uint16_t Gateway::spine_port() const {
  return parts_->doors ? parts_->doors->spine_port() : std::uint16_t{0};
}
store::Database& Gateway::database() { return *parts_->database; }
registry::Register& Gateway::registry() { return *parts_->registry; }

}  // namespace cpis::app
