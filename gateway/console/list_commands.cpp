#include <iostream>

#include "fhir/json/reader.h"
#include "fhir/tree/document.h"
#include "gateway/console/commands.h"
#include "gateway/console/console.h"
#include "gateway/console/http_get.h"
#include "gateway/observe/clock.h"
#include "gateway/register/register.h"
#include "gateway/store/open.h"

namespace cpis::console {
namespace {

using registry::NoticeRow;

int print_page(const ListOptions& options, const std::string& path, std::string_view rows,
               const std::vector<std::string_view>& columns) {
  const auto fetched = http_get(options.url + path, options.token);
  if (!fetched || fetched->status != 200) {
    std::cerr << (fetched ? "the gateway answered HTTP " + std::to_string(fetched->status)
                          : fetched.error().message)
              << '\n';
    return exit_failed;
  }
  if (options.json) {
    std::cout << fetched->body << '\n';
    return exit_ok;
  }
  fhir::Document page;
  fhir::Issues issues;
  fhir::json::ReadOptions fragment;
  fragment.fragment = true;
  if (!fhir::json::read_view(fetched->body, page, issues, fragment)) return exit_failed;
  for (const fhir::Element& row : page.root().children(rows)) {
    for (const std::string_view column : columns) std::cout << row.value_of(column) << '\t';
    std::cout << '\n';
  }
  return exit_ok;
}

struct Opened {
  std::unique_ptr<store::Database> database;
  std::unique_ptr<registry::Register> registry;
};

std::optional<Opened> open_register(const ListOptions& options, const Clock& clock) {
  if (options.config.empty()) {
    std::cerr << "say --url of a running gateway, or --config of one that does not run\n";
    return std::nullopt;
  }
  const auto settings = load_settings(options.config);
  if (!settings) return std::nullopt;
  store::OpenOptions read_only;
  read_only.read_only = settings->store_url.find("mysql://") == std::string::npos;
  auto database = store::open_database(settings->store_url, read_only);
  if (!database) {
    std::cerr << "the store cannot be opened: " << database.error().message << '\n';
    return std::nullopt;
  }
  auto held = registry::Register::open(**database, clock, {settings->visibility});
  if (!held) {
    std::cerr << "the register cannot be read: " << held.error().message << '\n';
    return std::nullopt;
  }
  return Opened{*std::move(database), *std::move(held)};
}

NoticeRow::State state_of(const std::string& name) {
  if (name == "delivered") return NoticeRow::State::delivered;
  return name == "acknowledged" ? NoticeRow::State::acknowledged : NoticeRow::State::waiting;
}

// Opens a notice in somebody's name, through the running gateway: it is the one that keeps who did.
int open_notice(const ListOptions& options) {
  if (options.url.empty() || options.by.empty()) {
    std::cerr << "a notice is opened with --open ID --by NAME --url of the running gateway\n";
    return exit_usage;
  }
  const auto page =
      http_ask({options.url + "/admin/notices/" + options.open, options.token, options.by, {}});
  if (!page || page->status != 200) {
    std::cerr << (page ? "the gateway answered HTTP " + std::to_string(page->status)
                       : page.error().message)
              << '\n';
    return exit_failed;
  }
  std::cout << page->body << '\n';
  return exit_ok;
}

}  // namespace

int list_notices(const ListOptions& options) {
  if (!options.open.empty()) return open_notice(options);
  if (!options.url.empty()) {
    return print_page(options,
                      "/admin/notices?state=" + options.state + "&council=" + options.council +
                          "&count=" + std::to_string(options.count),
                      "notices",
                      {"created", "council", "kind", "la_person_id", "nhs_number", "file"});
  }
  const observe::SystemClock clock;
  const auto opened = open_register(options, clock);
  if (!opened) return exit_store;
  const auto rows =
      opened->registry->notices(state_of(options.state), options.council, options.count);
  if (!rows) {
    std::cerr << rows.error().message << '\n';
    return exit_store;
  }
  for (const NoticeRow& notice : *rows) {
    std::cout << to_iso(notice.created) << '\t' << notice.council << '\t'
              << (notice.kind == NoticeRow::Kind::access ? "access" : "inactive-number") << '\t'
              << notice.local_id << '\t' << notice.person.masked() << '\t' << notice.file << '\n';
  }
  return exit_ok;
}

int list_accesses(const ListOptions& options) {
  if (!options.url.empty()) {
    return print_page(options, "/admin/accesses?count=" + std::to_string(options.count), "accesses",
                      {"at", "organisation", "role", "kind", "nhs_number", "id"});
  }
  const observe::SystemClock clock;
  const auto opened = open_register(options, clock);
  if (!opened) return exit_store;
  const auto rows = opened->registry->accesses(std::nullopt, options.count);
  if (!rows) {
    std::cerr << rows.error().message << '\n';
    return exit_store;
  }
  for (const AccessEvent& access : *rows) {
    std::cout << to_iso(access.at) << '\t' << access.by.organisation_code << '\t'
              << access.by.role_name << '\t'
              << (access.by.kind == Caller::Kind::person ? "person" : "system") << '\t'
              << access.person.masked() << '\t' << access.id << '\n';
  }
  return exit_ok;
}

int list_subscriptions(const ListOptions& options) {
  if (options.url.empty()) {
    std::cerr << "say --url of a running gateway\n";
    return exit_usage;
  }
  return print_page(options, "/admin/subscriptions", "subscriptions",
                    {"id", "client", "topic", "status", "content", "events", "error"});
}

}  // namespace cpis::console
