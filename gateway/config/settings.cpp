#include "gateway/config/settings.h"

#include <algorithm>

#include "adapters/social_care/dfe_authority.h"
#include "gateway/config/config_file.h"
#include "gateway/config/feed_rows.h"
#include "gateway/config/setting_rows.h"
#include "gateway/config/values.h"

namespace cpis::config {
namespace {

void read_delivery(const Values& values, const std::string& prefix, CouncilSetting& setting,
                   Findings& findings) {
  setting.notice_layout = values.text(prefix + ".notice_layout");
  setting.notice_url = values.text(prefix + ".notice_url");
  setting.emergency_notice_url = values.text(prefix + ".emergency_notice_url");
  setting.notice_token = values.text(prefix + ".notice_token");
  setting.notice_as_json = values.text(prefix + ".notice_body") == "json";
  auto hours = rules::OfficeHours::parse(values.text(prefix + ".office_hours"),
                                         values.text(prefix + ".closed_days"));
  if (!hours) {
    report(findings, values.entry(prefix + ".office_hours"), prefix + ".office_hours",
           "write hours like Mon-Thu 08:45-17:15, Fri 08:45-16:30 and closed days like 2026-12-25");
    return;
  }
  setting.office_hours = *std::move(hours);
}

rules::OfficeHours read_intake_hours(const Values& values, Findings& findings) {
  auto hours = rules::OfficeHours::parse(values.text("intake.hours"), "");
  if (!hours) {
    report(findings, values.entry("intake.hours"), "intake.hours",
           "write hours like Mon-Sun 05:00-07:00");
    return {};
  }
  return *std::move(hours);
}

std::vector<CouncilSetting> read_councils(const Values& values, Findings& findings) {
  std::vector<CouncilSetting> councils;
  for (const std::string& code : values.names("council")) {
    const std::string prefix = "council." + code;
    CouncilSetting setting;
    setting.council = {code, values.text(prefix + ".name"), values.text(prefix + ".office_phone"),
                       values.text(prefix + ".emergency_phone")};
    setting.dfe_code = values.text(prefix + ".dfe_code");
    setting.over_mesh = values.text(prefix + ".transport") == "mesh";
    setting.mesh_mailbox = values.text(prefix + ".mesh.mailbox");
    setting.mesh_password = values.text(prefix + ".mesh.password");
    setting.mesh_first_number =
        static_cast<std::int64_t>(values.number(prefix + ".mesh.first_number"));
    read_delivery(values, prefix, setting, findings);
    const auto demand = [&](std::string_view member, const std::string& value) {
      if (!value.empty()) return;
      report(findings, nullptr, prefix + '.' + std::string{member},
             "is missing: clinicians are shown the council's name and both telephone numbers");
    };
    if (!setting.dfe_code.empty() && !setting.council.name.empty()) {
      const auto why = social_care::refuse_dfe_code(setting.dfe_code, setting.council.name);
      if (why) report(findings, values.entry(prefix + ".dfe_code"), prefix + ".dfe_code", *why);
    }
    demand("name", setting.council.name);
    demand("office_phone", setting.council.office_phone);
    demand("emergency_phone", setting.council.emergency_phone);
    councils.push_back(std::move(setting));
  }
  return councils;
}

void check_doors(const Settings& settings, const Values& values, Findings& findings) {
  const Entry* address = values.entry("http.address");
  if (!is_loopback(settings.http_address) &&
      (!settings.http_tls.enabled() || !settings.demand_token)) {
    report(findings, address, "http.address",
           "anything but loopback needs http.tls.certificate, http.tls.key and http.auth = token");
  }
  if (!settings.demand_token) {
    if (const std::string missing = missing_in(settings.default_caller); !missing.empty()) {
      report(findings, nullptr, "caller." + missing,
             "is missing: with http.auth = none every request is made in the name of caller.*");
    }
  }
  const bool feed_known =
      std::any_of(settings.feeds.begin(), settings.feeds.end(),
                  [&](const Feed& feed) { return feed.name == settings.hl7_http_feed; });
  if (!settings.hl7_http_feed.empty() && !feed_known) {
    report(findings, values.entry("hl7v2.http.feed"), "hl7v2.http.feed",
           "there is no feed.* section of that name");
  }
  if (!settings.intake_folder.empty() && find_council(settings) == nullptr) {
    report(findings, values.entry("intake.folder"), "intake.council",
           "name the council.* section whose exports come in");
  }
  const bool checks = std::any_of(settings.feeds.begin(), settings.feeds.end(),
                                  [](const Feed& feed) { return feed.check; });
  if (const std::string missing = missing_in(settings.check_caller); checks && !missing.empty()) {
    report(findings, nullptr, "check." + missing,
           "is missing: arrivals are checked in the name of check.*; set it, or feed.NAME.check = "
           "no");
  }
}

void check_keys(const ConfigFile& file, Findings& findings) {
  for (const Entry& entry : file.entries) {
    const SettingRow* row = find_row(entry.key);
    if (row == nullptr) {
      const std::string_view nearest = nearest_key(entry.key);
      report(findings, &entry, entry.key,
             nearest.empty() ? "there is no such key; see `cpis-gateway check-config --example`"
                             : "there is no such key; did you mean " + std::string{nearest} + "?");
      continue;
    }
    if (std::string why = refuse_value(*row, entry.value); !why.empty()) {
      report(findings, &entry, entry.key, std::move(why));
    }
  }
}

std::vector<std::string> listed(const std::string& text) {
  std::vector<std::string> all;
  std::string one;
  for (const char c : text + ',') {
    if (c != ',') {
      if (c != ' ') one += c;
    } else if (!one.empty()) {
      all.push_back(std::move(one));
      one.clear();
    }
  }
  return all;
}

Settings typed(const Values& values, Findings& findings) {
  Settings settings;
  settings.store_url = values.text("store.url");
  settings.burst_bytes_max = std::uint64_t{values.number("store.burst_mb_max")} << 20;
  read_national(values, settings, findings);
  settings.http_address = values.text("http.address");
  settings.http_port = static_cast<std::uint16_t>(values.number("http.port"));
  settings.base_url = values.text("http.base_url");
  settings.http_tls = read_tls(values, "http.tls", findings);
  settings.loops = values.number("http.loops");
  settings.workers = values.number("http.workers");
  settings.queue = values.number("http.queue");
  settings.connections_max = values.number("http.connections");
  settings.connections_per_address_max = values.number("http.connections_per_address");
  settings.body_bytes_max = values.number("http.body_kb_max") * 1024;
  settings.trusted_proxies = listed(values.text("http.trusted_proxies"));
  settings.cors_origins = listed(values.text("http.cors_origins"));
  settings.audit_all = values.text("audit.interactions") == "all";
  settings.search_lenient = values.flag("search.lenient");
  settings.search_narrow = values.flag("search.narrow");
  settings.search_examined_max = values.number("search.examined_max");
  settings.validate_packages = listed(values.text("validate.packages"));
  settings.validate_policy = values.text("validate.policy");
  settings.default_caller = read_caller(values, "caller", Caller::Kind::person);
  read_access(values, settings, findings);
  settings.companions = values.flag("hl7v2.companions");
  settings.hl7_http_feed = values.text("hl7v2.http.feed");
  settings.hl7_http_status = values.text("hl7v2.http.status") == "by_code";
  settings.feeds = read_feeds(values, findings);
  settings.check_caller = read_caller(values, "check", Caller::Kind::system);
  settings.check = {static_cast<int>(values.number("check.adult_age")),
                    values.flag("check.unknown_birth_date"), values.flag("check.expectant_mothers"),
                    false};
  settings.answer_time = std::chrono::seconds{values.number("check.answer_seconds")};
  settings.webhook_url = values.text("alert.webhook.url");
  settings.webhook_token = values.text("alert.webhook.token");
  settings.alert_file = values.text("alert.file");
  settings.subscription_endpoints = listed(values.text("subscription.endpoints"));
  settings.subscriptions_per_client = values.number("subscription.per_client");
  settings.subscription_attempts = static_cast<int>(values.number("subscription.attempts"));
  settings.notice_tray = values.text("notice.tray");
  settings.intake_folder = values.text("intake.folder");
  settings.intake_profile = values.text("intake.profile");
  settings.intake_council = values.text("intake.council");
  settings.intake_hours = read_intake_hours(values, findings);
  settings.councils = read_councils(values, findings);
  settings.mesh = read_mesh(values, findings);
  settings.notice_alarm = std::chrono::seconds{values.number("notice.alarm_seconds")};
  settings.extract_alarm = std::chrono::hours{values.number("intake.alarm_hours")};
  settings.visibility = {static_cast<int>(values.number("visibility.ended_days")),
                         static_cast<int>(values.number("visibility.unborn_ended_days")),
                         static_cast<int>(values.number("visibility.adult_age"))};
  settings.log_level = values.text("log.level");
  settings.log_format = values.text("log.format");
  settings.message_days = static_cast<int>(values.number("retention.messages_days"));
  settings.quarantined_days = static_cast<int>(values.number("retention.quarantined_days"));
  return settings;
}

}  // namespace

const CouncilSetting* find_council(const Settings& settings) {
  for (const CouncilSetting& one : settings.councils) {
    const bool only = settings.intake_council.empty() && settings.councils.size() == 1;
    if (only || one.council.ods_code == settings.intake_council) return &one;
  }
  return nullptr;
}

bool is_loopback(std::string_view address) {
  return address.starts_with("127.") || address == "::1" || address == "localhost";
}

std::optional<Settings> read_settings(std::string_view text, Findings& findings) {
  const ConfigFile file = read_config(text, findings);
  check_keys(file, findings);
  if (has_errors(findings)) return std::nullopt;
  const Values values{file};
  Settings settings = typed(values, findings);
  check_doors(settings, values, findings);
  check_access(settings, values, findings);
  check_national(settings, values, findings);
  check_mesh(settings, values, findings);
  if (has_errors(findings)) return std::nullopt;
  return settings;
}

}  // namespace cpis::config
