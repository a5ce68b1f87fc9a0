#include "gateway/app/source_settings.h"

namespace cpis::app {
namespace {

std::optional<spine::Pattern> pattern_of(const std::string& name) {
  if (name == "sync") return spine::Pattern::sync;
  if (name == "express") return spine::Pattern::express;
  if (name == "reliable") return spine::Pattern::reliable;
  return std::nullopt;  // as SDS says
}

}  // namespace

net::SenderSettings sender_settings(const config::TlsFiles& tls, const std::string& authority,
                                    std::chrono::seconds answer_time, std::size_t threads) {
  net::SenderSettings sender;
  sender.certificate_file = tls.certificate;
  sender.key_file = tls.key;
  sender.authority_file = authority;
  sender.revocation_file = tls.crl;
  sender.answer_time = answer_time;
  sender.idle_connections_max = threads;
  return sender;
}

std::optional<spine::Contract> contract_of(const config::SpineLink& link) {
  if (link.contract_url.empty()) return std::nullopt;
  spine::Contract contract;
  contract.asid = link.contract_asid;
  contract.party_key = link.contract_party_key;
  contract.cpa_id = link.contract_cpa_id;
  contract.url = link.contract_url;
  contract.pattern = pattern_of(link.pattern).value_or(spine::Pattern::reliable);
  return contract;
}

net::SdsSettings sds_of(const config::SpineLink& link) {
  net::SdsSettings sds;
  sds.base_url = link.sds_url;
  sds.api_key = link.sds_api_key;
  sds.spine_ods = link.sds_ods_code;
  sds.pattern = pattern_of(link.pattern);
  return sds;
}

net::SpineSettings spine_settings(const config::SpineLink& link) {
  net::SpineSettings spine;
  spine.asid = link.asid;
  spine.party_key = link.party_key;
  spine.reply_to = link.reply_to;
  if (spine.reply_to.empty()) {
    spine.reply_to =
        "https://" + link.inbound_address + ':' + std::to_string(link.inbound_port) + '/';
  }
  if (link.scheduled_marker == "first-child") {
    spine.scheduled_marker = spine::ScheduledMarker::first_child;
  }
  if (link.scheduled_marker == "query-parameter") {
    spine.scheduled_marker = spine::ScheduledMarker::query_parameter;
  }
  spine.threads = link.threads;
  spine.failures_max = link.failures_max;
  spine.rest = link.rest;
  return spine;
}

}  // namespace cpis::app
