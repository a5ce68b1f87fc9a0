#include "gateway/register/caller_text.h"

#include <array>
#include <cstddef>

namespace cpis::registry {
namespace {

constexpr char separator = '\x1F';
constexpr std::size_t members = 10;

void append(std::string& out, std::string_view member) {
  if (!out.empty()) out += separator;
  for (const char c : member) out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
}

}  // namespace

std::string to_text(const Caller& caller) {
  std::string out = caller.kind == Caller::Kind::person ? "p" : "s";
  append(out, caller.setting == CareSetting::unscheduled ? "u" : "s");
  append(out, caller.organisation_code);
  append(out, caller.organisation_name);
  append(out, caller.role_code);
  append(out, caller.role_name);
  append(out, caller.person_name);
  append(out, caller.user_id);
  append(out, caller.role_profile_id);
  append(out, caller.system_id);
  return out;
}

std::optional<Caller> from_text(std::string_view text) {
  std::array<std::string_view, members> part;
  for (std::size_t i = 0; i < members; ++i) {
    const std::size_t end = text.find(separator);
    part[i] = text.substr(0, end);
    if (end == std::string_view::npos) {
      if (i + 1 != members) return std::nullopt;
      break;
    }
    text.remove_prefix(end + 1);
  }
  if ((part[0] != "p" && part[0] != "s") || (part[1] != "u" && part[1] != "s")) return {};
  Caller caller;
  caller.kind = part[0] == "p" ? Caller::Kind::person : Caller::Kind::system;
  caller.setting = part[1] == "u" ? CareSetting::unscheduled : CareSetting::scheduled;
  caller.organisation_code = part[2];
  caller.organisation_name = part[3];
  caller.role_code = part[4];
  caller.role_name = part[5];
  caller.person_name = part[6];
  caller.user_id = part[7];
  caller.role_profile_id = part[8];
  caller.system_id = part[9];
  return caller;
}

}  // namespace cpis::registry
