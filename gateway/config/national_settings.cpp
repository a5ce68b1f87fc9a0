#include "adapters/core/nhs_number.h"
#include "gateway/config/values.h"

// The keys that say where protection records come from: protection.*, spine.*, cpis_fhir.*.

namespace cpis::config {

TlsFiles read_tls(const Values& values, const std::string& prefix, Findings& findings) {
  TlsFiles tls{values.text(prefix + ".certificate"), values.text(prefix + ".key"),
               values.text(prefix + ".client_ca")};
  if (tls.enabled() == tls.key.empty()) {
    report(findings, values.entry(prefix + ".certificate"), prefix,
           "certificate and key go together: set both or neither");
  }
  return tls;
}

namespace {

constexpr std::string_view https = "https://";

SpineLink read_spine(const Values& values, Findings& findings) {
  SpineLink link;
  link.asid = values.text("spine.asid");
  link.party_key = values.text("spine.party_key");
  link.tls = read_tls(values, "spine.tls", findings);
  link.tls.crl = values.text("spine.tls.crl");
  link.authority = values.text("spine.tls.ca");
  link.pattern = values.text("spine.pattern");
  link.scheduled_marker = values.text("spine.scheduled_marker");
  link.reply_to = values.text("spine.reply_to");
  link.contract_url = values.text("spine.contract.url");
  link.contract_asid = values.text("spine.contract.asid");
  link.contract_party_key = values.text("spine.contract.party_key");
  link.contract_cpa_id = values.text("spine.contract.cpa_id");
  link.sds_url = values.text("spine.sds.url");
  link.sds_api_key = values.text("spine.sds.api_key");
  link.sds_ods_code = values.text("spine.sds.ods_code");
  link.inbound_address = values.text("spine.inbound.address");
  link.inbound_port = static_cast<std::uint16_t>(values.number("spine.inbound.port"));
  link.inbound_tls = read_tls(values, "spine.inbound.tls", findings);
  link.inbound_tls.crl = values.text("spine.inbound.tls.crl");
  link.threads = values.number("spine.threads");
  link.failures_max = static_cast<int>(values.number("spine.failures"));
  link.rest = std::chrono::seconds{values.number("spine.rest_seconds")};
  return link;
}

CpisFhirLink read_cpis_fhir(const Values& values, Findings& findings) {
  CpisFhirLink link;
  link.url = values.text("cpis_fhir.url");
  link.patient_flag_form = values.text("cpis_fhir.form") == "patient-flag";
  link.tls = read_tls(values, "cpis_fhir.tls", findings);
  link.authority = values.text("cpis_fhir.tls.ca");
  link.callers_token = values.text("cpis_fhir.token.from") == "caller";
  link.token_url = values.text("cpis_fhir.token.url");
  link.token_api_key = values.text("cpis_fhir.token.api_key");
  link.token_key_id = values.text("cpis_fhir.token.key_id");
  link.token_key = values.text("cpis_fhir.token.key");
  return link;
}

PdsLink read_pds(const Values& values, Findings& findings) {
  PdsLink link;
  link.url = values.text("pds.url");
  link.tls = read_tls(values, "pds.tls", findings);
  link.authority = values.text("pds.tls.ca");
  link.token_url = values.text("pds.token.url");
  link.token_api_key = values.text("pds.token.api_key");
  link.token_key_id = values.text("pds.token.key_id");
  link.token_key = values.text("pds.token.key");
  link.test_number = values.text("pds.test_number");
  link.calls_each_second = static_cast<int>(values.number("pds.calls_each_second"));
  return link;
}

// Speaks of the key's own line, or of the line that chose the source when the key is not there.
class Demands {
 public:
  Demands(const Values& values, Findings& findings) : values_{values}, findings_{findings} {}

  void refuse(std::string_view key, std::string why) {
    const Entry* entry = values_.entry(key);
    report(findings_, entry != nullptr ? entry : values_.entry("protection.source"), key,
           std::move(why));
  }
  void present(std::string_view key, std::string why) {
    if (values_.text(key).empty()) refuse(key, "is missing: " + std::move(why));
  }
  void is_https(std::string_view key) {
    const std::string url = values_.text(key);
    if (url.empty() || url.starts_with(https)) return;
    refuse(key, "must begin with https://; nothing about a child is sent in clear text");
  }

 private:
  const Values& values_;
  Findings& findings_;
};

void check_spine(const SpineLink& link, Demands& demands) {
  const bool sync = link.pattern == "sync";
  demands.present("spine.asid", "the ASID that this gateway was given");
  demands.present("spine.tls.certificate", "Spine knows us by our client certificate");
  demands.is_https("spine.contract.url");
  demands.is_https("spine.sds.url");
  if (link.contract_url.empty()) {
    demands.present("spine.sds.url", "say where SDS is, or give spine.contract.url");
  } else {
    demands.present("spine.contract.asid", "the ASID of the system that answers queries");
  }
  if (sync) return;
  demands.present("spine.party_key", "ebXML messages name our party key; not for pattern sync");
  if (!link.contract_url.empty()) {
    demands.present("spine.contract.party_key", "ebXML messages are addressed to a party key");
    demands.present("spine.contract.cpa_id", "ebXML messages name their CPA");
  }
  const TlsFiles& inbound = link.inbound_tls;
  demands.present("spine.inbound.tls.certificate",
                  "answers come to a listener of ours; only pattern sync needs none");
  if (inbound.enabled()) {
    demands.present("spine.inbound.tls.client_ca", "whoever brings answers must prove to be Spine");
  }
}

void check_pds(const PdsLink& link, Demands& demands) {
  if (link.url.empty()) return;
  demands.is_https("pds.url");
  demands.is_https("pds.token.url");
  demands.present("pds.token.url", "where access tokens come from");
  demands.present("pds.token.api_key", "the application's key at that service");
  demands.present("pds.token.key_id", "the kid of the registered public key");
  demands.present("pds.token.key", "the PEM file of the private key");
  if (!link.test_number.empty() && !NhsNumber::parse(link.test_number)) {
    demands.refuse("pds.test_number", "is not an NHS number");
  }
}

void check_cpis_fhir(const Settings& settings, Demands& demands) {
  demands.present("cpis_fhir.url", "the base URL of the CP-IS FHIR API");
  demands.is_https("cpis_fhir.url");
  demands.is_https("cpis_fhir.token.url");
  if (!settings.cpis_fhir.callers_token) {
    demands.present("cpis_fhir.token.url", "where access tokens come from");
    demands.present("cpis_fhir.token.api_key", "the application's key at that service");
    demands.present("cpis_fhir.token.key_id", "the kid of the registered public key");
    demands.present("cpis_fhir.token.key", "the PEM file of the private key");
  } else if (!settings.demand_token) {
    demands.refuse("cpis_fhir.token.from",
                   "caller needs http.auth = token: somebody has to bring one");
  }
  for (const Feed& feed : settings.feeds) {
    if (!feed.check) continue;
    demands.refuse("feed." + feed.name + ".check",
                   "must be no: the CP-IS FHIR API answers people only, so each arrival would end "
                   "as an alert that nothing is known");
  }
}

}  // namespace

void read_national(const Values& values, Settings& settings, Findings& findings) {
  const std::string source = values.text("protection.source");
  settings.source = source == "spine"       ? SourceKind::spine
                    : source == "cpis-fhir" ? SourceKind::cpis_fhir
                                            : SourceKind::embedded;
  settings.spine = read_spine(values, findings);
  settings.cpis_fhir = read_cpis_fhir(values, findings);
  settings.pds = read_pds(values, findings);
}

void check_national(const Settings& settings, const Values& values, Findings& findings) {
  Demands demands{values, findings};
  if (settings.source == SourceKind::spine) {
    check_spine(settings.spine, demands);
    check_pds(settings.pds, demands);
  }
  if (settings.source == SourceKind::cpis_fhir) check_cpis_fhir(settings, demands);
}

}  // namespace cpis::config
