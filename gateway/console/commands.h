#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gateway/config/settings.h"

// One function for each verb of the command line. Each gives the exit code.

namespace cpis::console {

struct ImportOptions {
  std::string config;
  std::vector<std::string> paths;
  std::string profile = "lcs";
  std::string profile_file;
  std::string people;
  std::string council;
  std::string report;   ///< file name without extension for the CSV and JSON reports
  std::string release;  ///< NAME,NAME of two people who let a held extract go
  bool resync = false;  ///< send again what CP-IS holds
  bool approve_deletes = false;
  bool dry_run = false;
};

struct WorkListOptions {
  std::string config;
  std::string council;
  std::string format = "text";           ///< text, csv or json
  bool all = false;                      ///< resolved items too
  std::string url, token;                ///< of a running gateway, to act on an item
  std::string take, close, approve, by;  ///< ids of items, and who does it
};

struct ListOptions {
  std::string config;
  std::string url;
  std::string token;
  std::string state = "waiting";
  std::string council;
  std::size_t count = 100;
  bool json = false;
  std::string open, by;  ///< id of a notice, and who opens it
};

struct MessageOptions {
  std::string config;  ///< not empty: the store itself, without a running gateway
  std::string by;      ///< with `config`: who asks, for the audit
  std::string url = "http://127.0.0.1:8080";
  std::string token;
  std::string feed;
  std::string state;
  std::string id;     ///< of one message, or the first of a range
  std::string to;     ///< the last of a range; empty: one message
  std::string after;  ///< for lists
  std::size_t count = 100;
  bool full = false;  ///< the message itself and not what is understood of it
};

struct DemoOptions {
  std::string source = "register";  ///< or spine
  bool once = false;
  std::string folder;
  std::size_t children = 2000;
  std::uint16_t http_port = 8080;
  std::uint16_t mllp_port = 2575;
};

struct ExplainOptions {
  std::vector<std::string> files;
  bool names = false;
  std::string config, feed;  ///< HL7 v2 as that feed of that configuration reads it; empty: neither
};

struct TraceOptions {
  std::string config = "cpis-gateway.conf";
  std::string number;  ///< to be confirmed; else the traits
  std::string family, given, born, gender, postcode;
};

int run_gateway(const std::string& config);
int check_config(const std::string& config, bool example);
int import_exports(const ImportOptions& options);
int explain_files(const ExplainOptions& options);
int list_notices(const ListOptions& options);
int list_accesses(const ListOptions& options);
int list_subscriptions(const ListOptions& options);
/// Stored HL7 v2 messages of a running gateway, through its operations pages.
int list_messages(const MessageOptions& options);
int show_message(const MessageOptions& options);
int replay_messages(const MessageOptions& options);
/// Another round of attempts for an alert that was given up.
int send_alert_again(const MessageOptions& options);
int list_work(const WorkListOptions& options);
/// The newest uploads and received files of each council that uses MESH.
int list_mesh(const std::string& config);
int doctor(const std::string& config, bool trace);
/// Confirms an NHS number with PDS, or finds the one of somebody; PDS keeps who asked.
int trace_person(const TraceOptions& options);
/// `verify` checks every hash of the audit trail, and each of `heads` (`CHAIN:ROWS:HASH`, kept
/// elsewhere), without which rows cut off at the end do not show; `export` prints it: `lines`
/// (JSON), `fhir` (one AuditEvent a line) or `csv`.
int audit_command(const std::string& config, const std::string& what, const std::string& format,
                  const std::vector<std::string>& heads = {});
/// Copies a store that may be in use; makes a new one from such a copy.
int backup_store(const std::string& config, const std::string& to);
int restore_store(const std::string& from, const std::string& to);
int run_demo(const DemoOptions& options);

/// Reads the configuration file; on a fault prints each finding and gives nothing.
std::optional<config::Settings> load_settings(const std::string& path);

/// The bytes of a file, or nothing with a message on standard error.
std::optional<std::string> read_whole_file(const std::string& path);

/// One line for a finding: `file:line: field: text [rule]`.
std::string line_of(const Finding& finding, const std::string& otherwise_source);

}  // namespace cpis::console
