#include "gateway/app/source_probe.h"

#include <Poco/DateTime.h>
#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeParser.h>

#include <fstream>

#include "adapters/spine/wrapper.h"
#include "gateway/app/pds_line.h"
#include "gateway/app/source_settings.h"
#include "gateway/net/certificate.h"
#include "gateway/net/revocation.h"

namespace cpis::app {
namespace {

constexpr std::chrono::seconds probe_time{5};
constexpr std::chrono::hours ends_soon{24 * 30};
constexpr std::chrono::hours list_ends_soon{24};
// Spine refuses messages whose time is far from its own.
constexpr std::chrono::seconds clock_difference_max{60};

class Looks {
 public:
  explicit Looks(const Clock& clock) : clock_{clock} {}

  void add(bool good, std::string what, std::string says) {
    probes_.push_back({good, std::move(what), std::move(says)});
  }
  void certificate(const std::string& key, const std::string& file) {
    if (file.empty()) return;
    const auto dates = net::read_certificate_dates(file);
    if (!dates) return add(false, key, dates.error().message);
    const Time now = clock_.now();
    const std::string until = to_iso(dates->until);
    if (now < dates->from) return add(false, key, "is not valid before " + to_iso(dates->from));
    if (now >= dates->until) return add(false, key, "expired on " + until + "; renew it");
    const bool soon = now + ends_soon >= dates->until;
    add(true, key, "valid until " + until + (soon ? "; renew it soon" : ""));
  }
  void key(const std::string& key, const std::string& file) {
    if (file.empty()) return;
    const bool readable = std::ifstream{file}.good();
    add(readable, key, readable ? "readable" : file + " cannot be read");
  }
  // What the peer is looked up in, and whether our own certificate is on it.
  void revocation(const std::string& prefix, const config::TlsFiles& tls) {
    if (tls.crl.empty()) return;
    const std::string what = prefix + ".crl";
    const auto lists = net::read_revocation_lists(tls.crl);
    if (!lists) return add(false, what, lists.error().message);
    for (const net::RevocationList& list : *lists) {
      const bool over = list.next && clock_.now() >= *list.next;
      const bool soon = list.next && clock_.now() + list_ends_soon >= *list.next;
      add(!over, what,
          list.issuer + ": " + std::to_string(list.revoked) + " revoked, issued " +
              to_iso(list.issued) + (list.next ? ", next " + to_iso(*list.next) : "") +
              (over   ? "; out of date, so its peers are refused: fetch the new one"
               : soon ? "; fetch the new one soon"
                      : ""));
    }
    if (tls.certificate.empty()) return;
    const auto ours = net::is_revoked(tls.certificate, tls.crl);
    if (ours) {
      add(!*ours, prefix + ".certificate", *ours ? "is revoked; ask for a new one" : "not revoked");
    }
  }
  void files(const std::string& prefix, const config::TlsFiles& tls) {
    revocation(prefix, tls);
    certificate(prefix + ".certificate", tls.certificate);
    key(prefix + ".key", tls.key);
    certificate(prefix + ".client_ca", tls.client_ca);
  }
  // Any HTTP answer shows that the way is open and that both sides know each other.
  void reach(net::HttpSender& sender, const std::string& what, const std::string& url) {
    net::HttpCall call;
    call.url = url;
    const net::HttpOutcome outcome = sender.send(call);
    if (outcome.kind != net::HttpOutcome::Kind::answered) {
      return add(false, what, url + ": " + outcome.why.message);
    }
    add(true, what, url + " answers (HTTP " + std::to_string(outcome.status) + ")");
    compare_clocks(outcome);
  }
  std::vector<Probe> take() { return std::move(probes_); }

 private:
  void compare_clocks(const net::HttpOutcome& outcome) {
    Poco::DateTime theirs;
    int zone = 0;
    const std::string date{outcome.header("Date")};
    if (!Poco::DateTimeParser::tryParse(Poco::DateTimeFormat::HTTP_FORMAT, date, theirs, zone)) {
      return;
    }
    const Time there = Time{} + std::chrono::seconds{theirs.timestamp().epochTime()};
    const auto apart = std::chrono::duration_cast<std::chrono::seconds>(
        there > clock_.now() ? there - clock_.now() : clock_.now() - there);
    const bool good = apart <= clock_difference_max;
    add(good, "clock beside theirs",
        std::to_string(apart.count()) + " s apart" + (good ? "" : "; set ours by NTP"));
  }

  const Clock& clock_;
  std::vector<Probe> probes_;
};

void look_at_spine(Looks& looks, const config::SpineLink& link, const Clock& clock) {
  looks.files("spine.tls", link.tls);
  looks.certificate("spine.tls.ca", link.authority);
  looks.files("spine.inbound.tls", link.inbound_tls);
  auto sender = net::open_http_sender(sender_settings(link.tls, link.authority, probe_time, 1));
  if (!sender) return looks.add(false, "spine", sender.error().message);
  if (!link.sds_url.empty()) looks.reach(**sender, "SDS", link.sds_url);
  net::SpineLookup lookup{sds_of(link), contract_of(link), **sender, clock};
  const auto contract =
      lookup.find(std::string{spine::query_service} + ':' + std::string{spine::interaction::query});
  if (!contract) return looks.add(false, "contract for queries", contract.error().message);
  looks.add(true, "contract for queries",
            "ASID " + contract->asid + ", " + std::string{spine::name_of(contract->pattern)});
  looks.reach(**sender, "endpoint for queries", contract->url);
}

void look_at_cpis_fhir(Looks& looks, const config::CpisFhirLink& link) {
  looks.files("cpis_fhir.tls", link.tls);
  looks.certificate("cpis_fhir.tls.ca", link.authority);
  looks.key("cpis_fhir.token.key", link.token_key);
  auto sender = net::open_http_sender(sender_settings(link.tls, link.authority, probe_time, 1));
  if (!sender) return looks.add(false, "cpis_fhir", sender.error().message);
  if (!link.callers_token) looks.reach(**sender, "token service", link.token_url);
  looks.reach(**sender, "CP-IS FHIR API", link.url + "/metadata");
}

void trace_test_person(Looks& looks, const config::PdsLink& link, const Clock& clock) {
  constexpr const char* what = "trace of the test person";
  const auto number = NhsNumber::parse(link.test_number);
  if (link.url.empty() || !number) {
    return looks.add(false, what, "needs pds.url and pds.test_number");
  }
  auto line = PdsLine::open(link, clock);
  if (!line) return looks.add(false, what, line.error().message);
  const auto read = (*line)->client().read(*number);
  if (!read) return looks.add(false, what, read.error().message);
  looks.add(true, what, words_of(read->person, read->superseded));
}

void look_at_pds(Looks& looks, const config::PdsLink& link) {
  if (link.url.empty()) return;
  looks.files("pds.tls", link.tls);
  looks.certificate("pds.tls.ca", link.authority);
  looks.key("pds.token.key", link.token_key);
  auto sender = net::open_http_sender(sender_settings(link.tls, link.authority, probe_time, 1));
  if (!sender) return looks.add(false, "pds", sender.error().message);
  looks.reach(**sender, "PDS token service", link.token_url);
}

}  // namespace

std::vector<Probe> probe_source(const config::Settings& settings, const Clock& clock, bool trace) {
  Looks looks{clock};
  if (settings.source == config::SourceKind::spine) {
    look_at_spine(looks, settings.spine, clock);
    look_at_pds(looks, settings.pds);
  }
  if (trace) trace_test_person(looks, settings.pds, clock);
  if (settings.source == config::SourceKind::cpis_fhir) {
    look_at_cpis_fhir(looks, settings.cpis_fhir);
  }
  return looks.take();
}

}  // namespace cpis::app
