#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

namespace cpis::observe {

enum class Level : std::uint8_t { debug, info, warning, error };

/// One `key=value` of a log line. Values are counts, codes, ids that say nothing about a person,
/// and masked numbers; there is no way to log an NhsNumber itself.
struct Field {
  std::string_view key;
  std::string value;

  Field(std::string_view name, std::string_view text) : key{name}, value{text} {}
  Field(std::string_view name, const char* text) : key{name}, value{text} {}
  Field(std::string_view name, const std::string& text) : key{name}, value{text} {}
  Field(std::string_view name, std::int64_t number) : key{name}, value{std::to_string(number)} {}
  Field(std::string_view name, std::uint64_t number) : key{name}, value{std::to_string(number)} {}
  Field(std::string_view name, int number) : key{name}, value{std::to_string(number)} {}
};

/// Structured log lines: one JSON object a line on standard error, or `logfmt` text on a terminal.
/// Lines are whole: concurrent writers do not mix. Safe to call from many threads.
///
/// `event` is a constant in dotted form (`hl7.message.quarantined`) that operators search for.
void log(Level level, std::string_view event, std::initializer_list<Field> fields = {});

struct LogSettings {
  Level lowest = Level::info;
  bool json = true;
};
void configure_log(const LogSettings& settings);

/// Sends lines elsewhere (tests); an empty function restores standard error.
void redirect_log(std::function<void(std::string_view line)> sink);

/// How many lines of warning or worse there were since the start, for health and tests.
std::uint64_t warnings_logged();

}  // namespace cpis::observe
