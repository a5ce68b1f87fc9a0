#include "gateway/observe/log.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <mutex>

#include "gateway/observe/clock.h"

namespace cpis::observe {
namespace {

struct State {
  std::mutex mutex;
  LogSettings settings;
  std::function<void(std::string_view)> sink;
  std::atomic<std::uint64_t> warnings{0};
};

State& state() {
  static State instance;
  return instance;
}

constexpr std::array<std::string_view, 4> level_names{"debug", "info", "warning", "error"};

void append_json_text(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      constexpr std::string_view hex = "0123456789abcdef";
      out += "\\u00";
      out += hex[byte >> 4];
      out += hex[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

std::string json_line(Level level, std::string_view event, std::initializer_list<Field> fields) {
  std::string line = "{\"time\":\"" + to_iso(SystemClock{}.now()) + "\",\"level\":\"";
  line += level_names[static_cast<std::size_t>(level)];
  line += "\",\"event\":";
  append_json_text(line, event);
  for (const Field& field : fields) {
    line += ',';
    append_json_text(line, field.key);
    line += ':';
    append_json_text(line, field.value);
  }
  line += "}\n";
  return line;
}

std::string text_line(Level level, std::string_view event, std::initializer_list<Field> fields) {
  std::string line = to_iso(SystemClock{}.now()) + ' ';
  line += level_names[static_cast<std::size_t>(level)];
  line += ' ';
  line += event;
  for (const Field& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    if (field.value.find_first_of(" \"=\n") == std::string::npos) {
      line += field.value;
    } else {
      append_json_text(line, field.value);
    }
  }
  line += '\n';
  return line;
}

void write_all(std::string_view line) {
  while (!line.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
    if (written <= 0) return;  // nowhere left to say so
    line.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

void log(Level level, std::string_view event, std::initializer_list<Field> fields) {
  State& shared = state();
  if (level >= Level::warning) ++shared.warnings;
  const std::lock_guard lock{shared.mutex};
  if (level < shared.settings.lowest) return;
  const std::string line =
      shared.settings.json ? json_line(level, event, fields) : text_line(level, event, fields);
  if (shared.sink) {
    shared.sink(line);
  } else {
    write_all(line);
  }
}

void configure_log(const LogSettings& settings) {
  const std::lock_guard lock{state().mutex};
  state().settings = settings;
}

void redirect_log(std::function<void(std::string_view line)> sink) {
  const std::lock_guard lock{state().mutex};
  state().sink = std::move(sink);
}

std::uint64_t warnings_logged() { return state().warnings; }

}  // namespace cpis::observe
