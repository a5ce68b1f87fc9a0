#include "gateway/config/feed_rows.h"

#include <charconv>
#include <set>
#include <string_view>

#include "adapters/hl7v2/alert_writer.h"
#include "adapters/hl7v2/charset.h"
#include "gateway/config/feed_dialect.h"
#include "gateway/config/values.h"

namespace cpis::config {
namespace {

// Between two segment templates, as HL7 people write the end of a segment.
constexpr std::string_view segment_end = "\\r";

std::vector<std::string> split_segments(std::string_view text) {
  std::vector<std::string> segments;
  while (!text.empty()) {
    const std::size_t end = text.find(segment_end);
    const std::string_view one = text.substr(0, end);
    if (!one.empty()) segments.emplace_back(one);
    text.remove_prefix(end == text.npos ? text.size() : end + segment_end.size());
  }
  return segments;
}

bool read_address(std::string_view text, EngineAlert& engine) {
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos || colon == 0) return false;
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  engine.host = host;
  const std::string_view digits = text.substr(colon + 1);
  const char* const end = digits.data() + digits.size();
  const auto [stop, problem] = std::from_chars(digits.data(), end, engine.port);
  return problem == std::errc{} && stop == end && engine.port != 0;
}

void override_with(std::string value, std::string& target) {
  if (!value.empty()) target = std::move(value);
}

std::optional<EngineAlert> read_engine(const Values& values, const std::string& prefix,
                                       Findings& findings) {
  const std::string to = values.text(prefix + ".to");
  if (to.empty()) return std::nullopt;
  EngineAlert engine;
  const Entry* entry = values.entry(prefix + ".to");
  if (!read_address(to, engine)) report(findings, entry, prefix + ".to", "say HOST:PORT");
  engine.authority = values.text(prefix + ".tls.ca");
  engine.encrypted = values.flag(prefix + ".tls") || !engine.authority.empty();
  engine.tls.certificate = values.text(prefix + ".tls.certificate");
  engine.tls.key = values.text(prefix + ".tls.key");
  if (engine.tls.certificate.empty() != engine.tls.key.empty()) {
    report(findings, entry, prefix + ".tls.certificate",
           "certificate and key go together: set both or neither");
  }
  if (!is_loopback(engine.host) && !engine.encrypted) {
    report(findings, entry, prefix + ".tls",
           "anything but loopback needs tls = yes: the alert names a child");
  }
  engine.trigger = values.text(prefix + ".event");
  engine.structure = values.text(prefix + ".structure");
  engine.version = values.text(prefix + ".version");
  engine.receiving_application = values.text(prefix + ".receiving_application");
  engine.receiving_facility = values.text(prefix + ".receiving_facility");
  engine.with_name = values.flag(prefix + ".with_name");
  engine.segments = split_segments(values.text(prefix + ".segments"));
  engine.wording = values.text(prefix + ".wording");
  engine.not_asked_wording = values.text(prefix + ".not_asked_wording");
  engine.attempts_max = static_cast<int>(values.number(prefix + ".attempts"));
  hl7v2::AlertMessageSettings message;
  apply(engine, message);
  for (const Finding& finding : hl7v2::check_templates(message)) {
    report(findings, entry, prefix + '.' + finding.field, finding.text);
  }
  return engine;
}

}  // namespace

hl7v2::FeedSettings reading_of(const Feed& feed) {
  hl7v2::FeedSettings reading = feed.dialect;
  reading.name = feed.name;
  reading.organisation_ods = feed.organisation_code;
  reading.limits.bytes_max = feed.frame_bytes_max;
  // Bytes that are UTF-8 are read as such in any case: this is for those that are not.
  const auto charset = hl7v2::charset_named(feed.charset);
  if (charset && *charset != hl7v2::Charset::utf8) {
    reading.charset_default = {*charset, true};
  }
  if (feed.ack_mode == "original") reading.ack_mode = hl7v2::AckMode::original;
  if (feed.ack_mode == "enhanced") reading.ack_mode = hl7v2::AckMode::enhanced;
  return reading;
}

hl7v2::FeedSettings reading_over_http(const Settings& settings, std::string_view name) {
  hl7v2::FeedSettings reading;
  for (const Feed& feed : settings.feeds) {
    if (feed.name == settings.hl7_http_feed) reading = reading_of(feed);
  }
  reading.name = name;
  if (reading.organisation_ods.empty()) {
    reading.organisation_ods = settings.check_caller.organisation_code;
  }
  return reading;
}

std::optional<hl7v2::FeedSettings> reading_by_name(const Settings& settings,
                                                   std::string_view name) {
  for (const Feed& feed : settings.feeds) {
    if (feed.name == name) return reading_of(feed);
  }
  return std::nullopt;
}

void apply(const EngineAlert& engine, hl7v2::AlertMessageSettings& message) {
  message.trigger = engine.trigger;
  message.structure = engine.structure;
  message.version = engine.version;
  message.receiving_application = engine.receiving_application;
  message.receiving_facility = engine.receiving_facility;
  message.with_name = engine.with_name;
  if (!engine.segments.empty()) message.segments = engine.segments;
  override_with(engine.wording, message.record_wording);
  override_with(engine.not_asked_wording, message.not_asked_wording);
}

std::vector<Feed> read_feeds(const Values& values, Findings& findings) {
  std::vector<Feed> feeds;
  std::set<std::uint16_t> ports;
  for (const std::string& name : values.names("feed")) {
    const std::string prefix = "feed." + name;
    Feed feed;
    feed.name = name;
    feed.address = values.text(prefix + ".address");
    feed.port = static_cast<std::uint16_t>(values.number(prefix + ".port"));
    feed.frame_bytes_max = values.number(prefix + ".frame_kb_max") * 1024;
    feed.charset = values.text(prefix + ".charset");
    feed.ack_mode = values.text(prefix + ".ack_mode");
    feed.organisation_code = values.text(prefix + ".organisation_code");
    feed.folder = values.text(prefix + ".folder");
    feed.mapping = values.text(prefix + ".mapping");
    feed.check = values.flag(prefix + ".check");
    feed.process_tests = values.text(prefix + ".test_messages") == "process";
    feed.dialect = read_dialect(values, prefix, findings);
    feed.tls = read_tls(values, prefix + ".tls", findings);
    feed.engine = read_engine(values, prefix + ".alert", findings);
    if (!feed.charset.empty() && !hl7v2::charset_named(feed.charset)) {
      report(findings, values.entry(prefix + ".charset"), prefix + ".charset",
             "is not a character set that is known; try UTF-8, WINDOWS-1252 or 8859/1 to 8859/16");
    }
    if (feed.port != 0 && !ports.insert(feed.port).second) {
      report(findings, values.entry(prefix + ".port"), prefix + ".port",
             "another feed has this port");
    }
    if (!is_loopback(feed.address) && (!feed.tls.enabled() || feed.tls.client_ca.empty())) {
      report(findings, values.entry(prefix + ".address"), prefix + ".address",
             "anything but loopback needs tls.certificate, tls.key and tls.client_ca: an HL7 feed "
             "has no other way to say who sends it");
    }
    feeds.push_back(std::move(feed));
  }
  return feeds;
}

}  // namespace cpis::config
