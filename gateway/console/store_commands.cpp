#include <iostream>

#include "gateway/console/commands.h"
#include "gateway/console/console.h"
#include "gateway/fhir_api/audit_event.h"
#include "gateway/store/audit_export.h"
#include "gateway/store/audit_store.h"
#include "gateway/store/open.h"
#include "gateway/store/sqlite_backup.h"

namespace cpis::console {
namespace {

std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += digits[static_cast<unsigned char>(c) >> 4];
    text += digits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

// The store beside a running gateway: reading takes no lock.
std::unique_ptr<store::Database> open_for_reading(const std::string& config) {
  const auto settings = load_settings(config);
  if (!settings) return nullptr;
  store::OpenOptions options;
  options.read_only = settings->store_url.find("mysql://") == std::string::npos;
  auto database = store::open_database(settings->store_url, options);
  if (!database) {
    std::cerr << "the store cannot be opened: " << database.error().message << '\n';
    return nullptr;
  }
  return *std::move(database);
}

int verify(store::Database& database, const std::vector<int>& chains) {
  int exit_code = exit_ok;
  for (const int chain : chains) {
    store::AuditCheck check;
    const Status read = database.read([&](store::Session& session) -> Status {
      auto checked = store::AuditStore{chain}.verify(session);
      if (!checked) return checked.error();
      check = *std::move(checked);
      return done;
    });
    if (!read) {
      std::cerr << "the audit cannot be read: " << read.error().message << '\n';
      return exit_store;
    }
    std::cout << "chain " << chain << ": " << check.rows << " rows, ";
    if (check.broken_at) {
      std::cout << "BROKEN at row " << *check.broken_at << ": " << check.why << '\n';
      exit_code = exit_findings;
    } else {
      std::cout << "whole; head " << hex(store::bytes_of(check.head)) << '\n';
    }
  }
  return exit_code;
}

}  // namespace

int audit_command(const std::string& config, const std::string& what, const std::string& format) {
  const auto database = open_for_reading(config);
  if (!database) return exit_store;
  std::vector<int> chains;
  const Status read = database->read([&](store::Session& session) -> Status {
    auto found = store::audit_chains(session);
    if (!found) return found.error();
    chains = *std::move(found);
    return done;
  });
  if (!read) {
    std::cerr << "the audit cannot be read: " << read.error().message << '\n';
    return exit_store;
  }
  if (what == "verify") return verify(*database, chains);
  if (format == "csv") std::cout << fhir_api::audit_csv_header();
  for (const int chain : chains) {
    const auto last = format == "lines"
                          ? store::export_audit(*database, chain, 0, std::cout)
                          : store::export_audit(*database, chain, 0, std::cout,
                                                format == "csv" ? fhir_api::audit_csv_line
                                                                : fhir_api::audit_event_line);
    if (!last) {
      std::cerr << "the audit cannot be exported: " << last.error().message << '\n';
      return exit_store;
    }
  }
  return exit_ok;
}

int backup_store(const std::string& config, const std::string& to) {
  const auto database = open_for_reading(config);
  if (!database) return exit_store;
  if (const Status copied = database->backup(to); !copied) {
    std::cerr << "no backup was made: " << copied.error().message << '\n';
    return exit_store;
  }
  std::cout << "the store is copied to " << to << " and the copy is whole\n";
  return exit_ok;
}

int restore_store(const std::string& from, const std::string& to) {
  if (const Status restored = store::restore_backup(from, to); !restored) {
    std::cerr << "nothing was restored: " << restored.error().message << '\n';
    return exit_store;
  }
  std::cout << "restored to " << to << '\n';
  return exit_ok;
}

}  // namespace cpis::console
