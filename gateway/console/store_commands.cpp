#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/console/commands.h"
#include "gateway/console/console.h"
#include "gateway/console/journal_note.h"
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

// A head that was kept elsewhere, `CHAIN:ROWS:HASH`.
struct KnownHead {
  int chain = 0;
  std::int64_t rows = 0;
  std::string hash;  ///< in bytes
};

bool read_number(std::string_view text, auto& number) {
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  return read.ec == std::errc{} && read.ptr == end && number >= 0;
}

std::optional<KnownHead> read_head(std::string_view text) {
  KnownHead head;
  const std::size_t rows = text.find(':');
  const std::size_t hash = text.rfind(':');
  if (rows == text.npos || hash == rows) return std::nullopt;
  const std::string_view digits = text.substr(hash + 1);
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    unsigned byte = 0;
    const char* const end = digits.data() + i + 2;
    if (std::from_chars(digits.data() + i, end, byte, 16).ptr != end) return std::nullopt;
    head.hash += static_cast<char>(byte);
  }
  const bool good = read_number(text.substr(0, rows), head.chain) &&
                    read_number(text.substr(rows + 1, hash - rows - 1), head.rows) &&
                    digits.size() == 2 * store::Sha256{}.size();
  return good ? std::optional{head} : std::nullopt;
}

int verify(store::Database& database, std::vector<int> chains,
           const std::vector<KnownHead>& heads) {
  // A chain that is not there any more has rows missing, too.
  for (const KnownHead& head : heads) {
    if (std::find(chains.begin(), chains.end(), head.chain) == chains.end()) {
      chains.push_back(head.chain);
    }
  }
  int exit_code = exit_ok;
  for (const int chain : chains) {
    const auto known = std::find_if(heads.begin(), heads.end(),
                                    [&](const KnownHead& head) { return head.chain == chain; });
    store::AuditCheck check;
    const Status read = database.read([&](store::Session& session) -> Status {
      const store::AuditStore audit{chain};
      auto checked = known == heads.end() ? audit.verify(session)
                                          : audit.verify(session, known->rows, known->hash);
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

int audit_command(const std::string& config, const std::string& what, const std::string& format,
                  const std::vector<std::string>& heads) {
  std::vector<KnownHead> known;
  for (const std::string& text : heads) {
    const auto head = read_head(text);
    if (!head) {
      std::cerr << "--head is CHAIN:ROWS:HASH, as verify printed them: 0:92:06f899...\n";
      return exit_usage;
    }
    known.push_back(*head);
  }
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
  if (what == "verify") return verify(*database, chains, known);
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
  const auto settings = load_settings(config);
  const auto database = open_for_reading(config);
  if (!settings || !database) return exit_store;
  // Before the copy: what moves into the store meanwhile is told needlessly, and not never.
  const std::string missing = journal_note(settings->store_url, *database);
  if (const Status copied = database->backup(to); !copied) {
    std::cerr << "no backup was made: " << copied.error().message << '\n';
    return exit_store;
  }
  std::cout << "the store is copied to " << to << " and the copy is whole\n";
  if (!missing.empty()) std::cout << "not in the copy: " << missing << '\n';
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
