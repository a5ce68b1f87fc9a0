#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/caller.h"
#include "adapters/core/council.h"
#include "adapters/core/finding.h"
#include "adapters/core/rules/office_hours.h"
#include "adapters/core/rules/visibility.h"
#include "adapters/core/rules/who_is_checked.h"
#include "adapters/hl7v2/feed_settings.h"

namespace cpis::config {

struct TlsFiles {
  std::string certificate;
  std::string key;
  std::string client_ca;
  std::string crl = {};  ///< revocation lists that the peer is looked up in; empty: not
  bool enabled() const { return !certificate.empty(); }
};

/// A registered client of the FHIR door.
struct Client {
  std::string name;
  std::string id;            ///< OAuth2 client id
  std::string token_sha256;  ///< 64 hexadecimal digits, lower case; empty: no static token
  std::string keys;          ///< file or URL of its JWKS, for private_key_jwt; empty: none
  std::string certificate;   ///< SHA-256 of its TLS certificate, 64 hexadecimal digits, lower case
  std::string scopes;        ///< SMART scopes that it may be given, at most
  std::vector<std::string> organisations;  ///< ODS codes its users may belong to
  Caller caller;
  bool admin = false;
  bool read_messages = false;  ///< may read stored messages whole
  bool enabled = true;
  bool may_notify = true;         ///< B0107
  bool may_look_silently = true;  ///< B0170
  int rate_per_minute = 0;        ///< 0: no limit
  int burst = 0;                  ///< requests that may come at once
};

/// Somebody whose tokens are taken.
struct Issuer {
  std::string name;
  std::string url;  ///< `iss`, to the letter
  std::vector<std::string> audiences;
  std::string jwks;       ///< file or URL
  std::string authority;  ///< PEM: who signs the certificate of that URL; empty: the system's
  bool scopes_of_client = false;  ///< tokens carry no SMART scopes: the registered ones count
};

/// The embedded token endpoint.
struct TokenEndpoint {
  bool enabled = false;
  std::string key;     ///< PEM file with the private key that signs
  std::string key_id;  ///< `kid`
  std::chrono::seconds life{300};
};

/// Where HL7 v2 alerts about the arrivals of a feed go, and how they are written. Empty texts: the
/// writer's own (hl7v2::AlertMessageSettings).
struct EngineAlert {
  std::string host;
  std::uint16_t port = 0;
  bool encrypted = false;
  TlsFiles tls;           ///< our client certificate, if it wants one
  std::string authority;  ///< who signs its certificate; empty: the system's
  std::string trigger, structure, version;
  std::string receiving_application, receiving_facility;
  bool with_name = true;
  std::vector<std::string> segments;
  std::string wording, not_asked_wording;
  int attempts_max = 0;
};

/// One MLLP listener.
struct Feed {
  std::string name;
  std::string address;
  std::uint16_t port = 0;
  std::size_t frame_bytes_max = 0;
  std::string charset;
  std::string ack_mode;
  std::string organisation_code;
  bool check = true;
  std::string folder;           ///< files of messages are taken from there; empty: none
  std::string mapping;          ///< file or folder laid over the published v2-to-FHIR tables
  bool process_tests = false;   ///< messages marked T or D (MSH-11) count as P
  hl7v2::FeedSettings dialect;  ///< codes and places of its own (feed_dialect.h)
  TlsFiles tls;
  std::optional<EngineAlert> engine;
};

struct CouncilSetting {
  Council council;
  std::string dfe_code;
  bool over_mesh = false;
  std::string mesh_mailbox, mesh_password;
  std::int64_t mesh_first_number = 1;
  rules::OfficeHours office_hours;
  std::string notice_layout;
  std::string notice_url, emergency_notice_url, notice_token;
  bool notice_as_json = false;
};

/// How MESH is reached by the councils that use it.
struct MeshLink {
  std::string url, shared_key;
  TlsFiles tls;           ///< our client certificate; `client_ca` is not used
  std::string authority;  ///< who signs MESH's certificates; empty: the system's
  std::string to;
  std::vector<std::string> from;
  std::string workflow, file_name, subject;
  std::size_t chunk_bytes = 0;
  bool gzip = true;
  std::chrono::seconds poll{}, retry{}, resubmit{};
};

/// Where protection records come from.
enum class SourceKind : std::uint8_t { embedded, spine, cpis_fhir };

/// How Spine is asked. Files are PEM; empty texts mean "not set".
struct SpineLink {
  std::string asid, party_key;  ///< of this gateway
  TlsFiles tls;                 ///< our client certificate; `client_ca` is not used
  std::string authority;        ///< who signs Spine's certificates; empty: the system's
  std::string pattern;          ///< sds, sync, express or reliable
  std::string scheduled_marker;
  std::string reply_to;
  std::string contract_url, contract_asid, contract_party_key, contract_cpa_id;
  std::string sds_url, sds_api_key, sds_ods_code;
  std::string inbound_address;
  std::uint16_t inbound_port = 0;
  TlsFiles inbound_tls;
  std::size_t threads = 0;
  int failures_max = 0;
  std::chrono::seconds rest{};
};

/// How the CP-IS FHIR API is asked.
struct CpisFhirLink {
  std::string url;
  bool patient_flag_form = false;
  bool callers_token = false;  ///< asked with the token of whoever looks, not the application's
  TlsFiles tls;                ///< our client certificate, if it wants one
  std::string authority;
  std::string token_url, token_api_key, token_key_id, token_key;
};

struct PdsLink {
  std::string url;  ///< empty: NHS numbers are asked about as they come
  TlsFiles tls;     ///< our client certificate, if it wants one
  std::string authority;
  std::string token_url, token_api_key, token_key_id, token_key;
  std::string test_number;  ///< for `doctor --trace`
  int calls_each_second = 5;
};

/// The typed configuration. Made once at start and never changed.
struct Settings {
  std::string store_url;
  std::uint64_t burst_bytes_max = 0;  ///< of the journal beside a SQLite store; 0: none
  SourceKind source = SourceKind::embedded;
  SpineLink spine;
  CpisFhirLink cpis_fhir;
  PdsLink pds;
  std::string http_address;
  std::uint16_t http_port = 0;
  std::string base_url;
  TlsFiles http_tls;
  bool demand_token = false;
  bool client_certificate_required = false;
  std::vector<Issuer> issuers;
  TokenEndpoint token_endpoint;
  std::chrono::seconds clock_skew{30};
  std::chrono::minutes token_life_max{60};
  std::chrono::seconds jwks_refresh{300};
  std::size_t loops = 2;
  std::size_t workers = 4;
  std::size_t queue = 4096;
  std::size_t body_bytes_max = 0;
  std::size_t connections_max = 10'000;
  std::size_t connections_per_address_max = 8'000;
  std::vector<std::string> trusted_proxies;
  std::vector<std::string> cors_origins;
  bool audit_all = false;  ///< every interaction leaves an event, reads of local resources too
  bool search_lenient = false;
  bool search_narrow = true;
  std::size_t search_examined_max = 20'000;
  std::vector<std::string> validate_packages;  ///< FHIR packages or folders, for validation
  std::string validate_policy;  ///< empty, the name of a shipped severity policy, or a file
  Caller default_caller;
  std::vector<Client> clients;
  bool companions = true;        ///< messages leave more than Patient and Encounter
  std::string hl7_http_feed;     ///< the feed by whose dialect messages over HTTP are read
  bool hl7_http_status = false;  ///< the HTTP status tells a refusal; otherwise it is always 200
  std::vector<Feed> feeds;
  Caller check_caller;
  rules::CheckSettings check;
  std::chrono::seconds answer_time{30};
  std::string webhook_url;
  std::string webhook_token;
  std::string alert_file;
  std::vector<std::string> subscription_endpoints;
  std::size_t subscriptions_per_client = 20;
  int subscription_attempts = 12;
  std::string notice_tray;
  std::string intake_folder;
  std::string intake_profile;
  std::string intake_council;
  rules::OfficeHours intake_hours;
  std::chrono::seconds notice_alarm{};
  std::chrono::hours extract_alarm{};
  std::vector<CouncilSetting> councils;
  MeshLink mesh;
  rules::VisibilitySettings visibility;
  std::string log_level;
  std::string log_format;
  int message_days = 30;
  int quarantined_days = 365;
};

/// Reads and checks a configuration file. Empty when anything in it is wrong; `findings` then has
/// the line, the key and the remedy for each fault (and may hold warnings otherwise).
std::optional<Settings> read_settings(std::string_view text, Findings& findings);

/// The council whose exports come into the intake folder; null when it is not said.
const CouncilSetting* find_council(const Settings& settings);

/// True for addresses that only this machine can reach.
bool is_loopback(std::string_view address);

}  // namespace cpis::config
